import { groupBy } from '../base/group-by.ts';
import { isAbsent } from '../base/known.ts';
import { listed } from '../base/layout.ts';
import type { Conclusion } from '../analysis/conclusion.ts';
import { limitText, verdictOf } from '../kinds/gates.ts';
import type { Verdict } from '../kinds/gates.ts';
import { CLIENT_DELAYED, CLIENT_SATURATED, FOREIGN_LOAD, OVERLOADED } from '../kinds/llm-inference/load-findings.ts';
import { isCalibration } from '../kinds/posterior/calibration/metrics.ts';
import type { Results, Row } from '../state/rows.ts';
import { measurementsOf } from '../state/rows.ts';
import { againstText } from './format.ts';
import type { Comparisons, Entry, MetricComparison } from './compare.ts';
import { calibrationSentences } from './calibration.ts';
import { posteriorSentences } from './posterior.ts';
import { priorSentences } from './prior.ts';
import { isOfPosterior } from './refused.ts';
import { answerTexts as texts } from './texts.ts';

/** Findings that say that something beside the measurement slowed it down. */
const DISTURBED = new Set(['neighbour', 'throttled', 'suspended', 'gpu-memory-held']);

/** Sentences are about so many metrics. */
const MOST_METRICS = 2;

/**
 * What a study's comparisons say, in sentences made by rules: which experiments are higher or lower than their baseline by a
 * metric, which can't be told apart from it, and what takes away from that. They never say more than `Conclusion` allows.
 */
export function answerOf(results: Pick<Results, 'rows' | 'design'>, comparisons: Comparisons): string[] {
  const measured = measurementsOf(results.rows).filter(({ state }) => state === 'measured');
  if (measured.length === 0) return [texts.nothing];
  const beside = [...calibrationSentences(comparisons), ...priorSentences(comparisons)];
  const failed = failedGates(comparisons);
  if (measured.every(({ metrics }) => isCalibration(metrics))) return [...failed, ...beside];
  const { sentences: ofPosteriors, isCompared } = posteriorSentences(results, comparisons);
  const disturbed = measured.filter(isDisturbed).length;
  const unreliable = disturbed > measured.length / 2 ? [texts.unreliable(disturbed, measured.length)] : [];
  if (isCompared) {
    const others = besidePosteriors(comparisons);
    return [...beside, ...ofPosteriors, ...(others.length > 0 ? [...unreliable, ...others] : [])];
  }
  const sentences = comparisons.metrics.slice(0, MOST_METRICS).flatMap(sentencesOf);
  return [
    ...beside,
    ...ofPosteriors,
    ...unreliable,
    ...failed,
    ...targets(comparisons),
    ...(sentences.length > 0 ? sentences : [whyNothing(comparisons)]),
    ...(comparisons.tests > 0 && sentences.length > 0 ? [texts.corrected(comparisons.tests)] : []),
  ];
}

/**
 * The question is about the posteriors. Their own numbers stand in their sentences; times and sizes have one only where
 * repetitions give an interval, as they would hide the answer else.
 */
function besidePosteriors({ metrics }: Comparisons): string[] {
  const known = metrics.filter(
    ({ metric, entries }) =>
      !entries.some(({ alternative }) => isOfPosterior(alternative, metric.name)) &&
      entries.some(({ against }) => !isAbsent(against) && !isAbsent(against.interval)),
  );
  return known.slice(0, 1).flatMap(sentencesOf);
}

/** What fails its gates is compared all the same, so that must be said. */
function failedGates({ alternatives }: Comparisons): string[] {
  const failed = alternatives.filter(({ rows }) =>
    rows.some(({ gates }) => gates.some(({ verdict, judges }) => verdict === 'FAIL' && judges === 'reliability')),
  );
  return failed.length === 0
    ? []
    : [
        texts.failedGates(
          listed(
            failed.map(({ name }) => name),
            SHOWN,
          ),
        ),
      ];
}

/** Which experiments are as good as the study wants them: those of which each measurement is. */
function targets({ alternatives }: Comparisons): string[] {
  const judged = alternatives.flatMap(({ name, rows }) => {
    const gates = rows.flatMap((row) => row.gates.filter(({ judges }) => judges === 'target'));
    const verdict = verdictOf(gates);
    return verdict === null ? [] : [{ name: withLimits(name, rows), verdict, gates }];
  });
  if (judged.length === 0) return [];
  const limits = new Set(judged.flatMap(({ gates }) => gates.map(limitText)));
  const of = (wanted: Verdict) => judged.filter(({ verdict }) => verdict === wanted).map(({ name }) => name);
  const parts = (['PASS', 'FAIL', 'UNDECIDED'] as const).flatMap((verdict) => {
    const names = of(verdict);
    return names.length === 0 ? [] : [texts.target[verdict](listed(names, SHOWN))];
  });
  return [texts.targets([...limits], parts)];
}

/** A verdict of the gates alone, with all that makes it none of the server under that load. */
function withLimits(name: string, rows: readonly Row[]): string {
  const codes = LIMITS.filter((code) => rows.some(({ findings }) => findings.some((one) => one.code === code)));
  return codes.length === 0 ? name : `${name} (${codes.join(', ')})`;
}

const LIMITS = [OVERLOADED, CLIENT_SATURATED, CLIENT_DELAYED, FOREIGN_LOAD];

export const isDisturbed = ({ findings }: Row): boolean => findings.some(({ code }) => DISTURBED.has(code));

function whyNothing({ alternatives, metrics }: Comparisons): string {
  if (alternatives.length < 2) return texts.single;
  if (!alternatives.some(({ isBaseline }) => isBaseline)) return texts.noBaseline;
  return metrics.length === 0 ? texts.noMetric : texts.noComparison;
}

const GROUPS: readonly (readonly Conclusion[])[] = [
  ['relevantly larger', 'larger'],
  ['relevantly smaller', 'smaller'],
  ['equivalent'],
  ['not told apart'],
  ['no interval'],
];

type Compared = Entry & { against: Exclude<Entry['against'], { reason: string }>; baseline: Entry['alternative'] };

/** One sentence for each baseline. */
function sentencesOf({ metric, entries }: MetricComparison): string[] {
  const compared = entries.flatMap((entry) => {
    const { against, baseline } = entry;
    return isAbsent(against) || isAbsent(baseline) || isAbsent(against.estimate)
      ? []
      : [{ ...entry, against, baseline }];
  });
  return [...groupBy(compared, ({ baseline }) => baseline.name)].map(([baseline, of]) => {
    const parts = GROUPS.flatMap((words) => {
      const group = of.filter(({ against }) => words.includes(against.conclusion));
      if (group.length === 0) return [];
      return words[0] === 'no interval'
        ? bareParts(group)
        : [texts.part[words[0] as Exclude<keyof typeof texts.part, 'no interval'>](listOf(group))];
    });
    return texts.sentence(baseline, metric.label, parts);
  });
}

/** Those without an interval, by the reason. */
const bareParts = (group: readonly Compared[]): string[] =>
  [...groupBy(group, ({ against: { interval } }) => (isAbsent(interval) ? interval.reason : ''))].map(
    ([reason, of]) => {
      const names = of.map(({ against, alternative }) => texts.bare(againstText(against), alternative.name));
      const shown = names.slice(0, SHOWN);
      return texts.part['no interval'](
        texts.list(shown.length < names.length ? [...shown, texts.more(names.length - shown.length)] : shown),
        reason,
      );
    },
  );

const SHOWN = 4;

/** `b (×1.21, 1.18 to 1.24) and c (×1.1, 1.08 to 1.12)`; the strongest first, and of many only some. */
function listOf(group: readonly Compared[]): string {
  const strength = ({ against: { estimate, scale } }: Compared) =>
    Math.abs(scale === 'ratio' ? Math.log(estimate as number) : (estimate as number));
  const shown = group.toSorted((one, other) => strength(other) - strength(one)).slice(0, SHOWN);
  const names = shown.map((entry) => `${entry.alternative.name} (${numbersOf(entry)})`);
  const more = group.length - shown.length;
  return texts.list(more > 0 ? [...names, texts.more(more)] : names);
}

/** `×1.21 [1.18, 1.24]`; no star, as the words of the sentence say it. */
function numbersOf({ against }: Compared): string {
  const { needed, conclusion } = against;
  const shown = againstText({ ...against, p_adjusted: null });
  return conclusion === 'not told apart' && !isAbsent(needed) ? `${shown}, ${texts.needed(needed)}` : shown;
}

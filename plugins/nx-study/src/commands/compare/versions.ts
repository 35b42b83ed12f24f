import { compare } from '../../analysis/compare.ts';
import { concludeAll } from '../../analysis/conclusion.ts';
import type { Concluded } from '../../analysis/conclusion.ts';
import { summarise } from '../../analysis/summary.ts';
import type { Summary } from '../../analysis/summary.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { alternativesOf } from '../../comparisons/alternatives.ts';
import type { Alternative } from '../../comparisons/alternatives.ts';
import { isDisturbed } from '../../comparisons/answer.ts';
import { repetitionsOf } from '../../comparisons/compare.ts';
import { isMeasuredRow, wereInTurns } from '../../comparisons/in-turns.ts';
import { machineNames } from '../../state/machines.ts';
import { comparedMetrics } from '../../comparisons/metrics.ts';
import type { ComparedMetric } from '../../comparisons/metrics.ts';
import { monteCarloErrors } from '../../comparisons/monte-carlo.ts';
import { refusalOf } from '../../comparisons/refused.ts';
import { differences } from '../../graph/differences.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results } from '../../state/rows.ts';
import { compareTexts as texts } from './texts.ts';
import { isWorse, verdictOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A study as two working trees measured it. */
export interface Versions {
  study: string;
  /** What the identities of compared measurements don't have in common, such as `measuring code`. */
  differs: string[];
  /** Whether the two were measured in turns: each repetition here and there before the next one. */
  in_turns: boolean;
  entries: VersionEntry[];
  /** Names of experiments that only one of the two has. */
  only: { here: string[]; base: string[] };
  /** All that takes away from the numbers. */
  warnings: string[];
}

/** One metric of one experiment, or of one workload of it. */
export interface VersionEntry {
  alternative: Alternative;
  metric: ComparedMetric;
  base: Summary | Absent;
  here: Summary | Absent;
  /** Here against the base; absent where the two numbers have no difference with a meaning. */
  against: Concluded | Absent;
  verdict: Verdict | Absent;
  is_worse: boolean;
}

/**
 * Compares the results of two working trees, each by its own plan and code. Experiments with the same id are compared by
 * their main metrics: repetitions are paired where both trees were measured in turns. Otherwise a drift of the machine
 * would count as a difference, so that there are numbers, but no verdict; and so for different machines.
 */
export function compareVersions(here: Results, base: Results): Versions {
  const sides = { here: alternativesOf(here.rows), base: alternativesOf(base.rows) };
  const partners = new Map(sides.base.map((one) => [keyOf(one), one]));
  const pairs = sides.here.flatMap((one): [Alternative, Alternative][] => {
    const other = partners.get(keyOf(one));
    return other === undefined ? [] : [[one, other]];
  });
  const all = [...here.rows, ...base.rows];
  const machineOf = machineNames(all);
  const onMachines = ({ rows }: Results) => ({ rows, machines: rows.map(machineOf) });
  const isInTurns = wereInTurns(onMachines(here), onMachines(base));
  const machines = new Set(all.filter(isMeasuredRow).flatMap((row) => machineOf(row) ?? []));
  const against = whyNoVerdict([...machines], isInTurns);
  const compared = comparedMetrics(all, here.design.relevant, null).flatMap((metric) =>
    pairs.map(([one, other]) => {
      const values = { here: repetitionsOf(one, metric.name), base: repetitionsOf(other, metric.name) };
      const refusal = refusalOf(one, other, metric.name);
      if (refusal !== null) return { alternative: one, metric, values, comparison: refusal };
      const comparison = compare(values.here, values.base, {
        scale: metric.scale,
        pairs: isInTurns,
        relevant: here.design.relevant[metric.name] ?? null,
        mcse: monteCarloErrors(one, other, metric.name),
      });
      return { alternative: one, metric, values, comparison };
    }),
  );
  const concluded = concludeAll(
    compared.flatMap(({ comparison }) => (isAbsent(comparison) ? [] : [comparison])),
  ).values();
  const entries = compared.map(({ alternative, metric, values, comparison }): VersionEntry => {
    const found = isAbsent(comparison) ? comparison : concluded.next().value!;
    const about = {
      alternative,
      metric,
      here: summaryOf(values.here, metric),
      base: summaryOf(values.base, metric),
      against: found,
    };
    if (isAbsent(found)) return { ...about, verdict: found, is_worse: false };
    const verdict = against ?? verdictOf(metric, found);
    return { ...about, verdict, is_worse: !isAbsent(verdict) && isWorse(verdict, found) };
  });
  const matched = new Set(pairs.map(([one]) => keyOf(one)));
  const unmatched = (side: Alternative[]) => side.filter((one) => !matched.has(keyOf(one))).map(({ name }) => name);
  return {
    study: here.study,
    differs: differencesOf(pairs),
    in_turns: isInTurns,
    entries,
    only: { here: unmatched(sides.here), base: unmatched(sides.base) },
    warnings: warningsOf({ here, base }, against),
  };
}

/** The same in both trees; machines are compared as a whole. */
const keyOf = ({ experiment, workload }: Alternative): string => JSON.stringify([experiment, workload]);

const summaryOf = (values: ReturnType<typeof repetitionsOf>, { scale }: ComparedMetric): Summary | Absent =>
  summarise(
    values.flatMap(({ value }) => value ?? []),
    scale,
  );

/** Why no verdict is possible at all. */
function whyNoVerdict(machines: readonly string[], isInTurns: boolean): Absent | null {
  if (machines.length > 1) return absent(texts.severalMachines(machines));
  return isInTurns ? null : absent(texts.notInTurns);
}

function differencesOf(pairs: readonly [Alternative, Alternative][]): string[] {
  const found = pairs.flatMap(([one, other]) => {
    const before = new Map(
      other.rows.filter(isMeasuredRow).map((row) => [row.repetition, row.stored!.record.identity]),
    );
    return one.rows.filter(isMeasuredRow).flatMap(({ repetition, stored }) => {
      const identity = before.get(repetition);
      return identity === undefined ? [] : differences(identity, stored!.record.identity);
    });
  });
  return [...new Set(found)];
}

function warningsOf({ here, base }: { here: Results; base: Results }, against: Absent | null): string[] {
  const of = ([place, { rows }]: readonly [string, Results]): string[] => {
    const all = measurementsOf(rows);
    const measured = all.filter(isMeasuredRow);
    const disturbed = measured.filter(isDisturbed).length;
    const failed = new Set(rows.filter(({ verdict }) => verdict === 'FAIL').map(({ id }) => id)).size;
    return [
      ...(measured.length < all.length ? [texts.unmeasured(place, all.length - measured.length, all.length)] : []),
      ...(disturbed > 0 ? [texts.disturbed(place, disturbed, measured.length)] : []),
      ...(failed > 0 ? [texts.failedGates(place, failed)] : []),
    ];
  };
  const sides = [[texts.here, here] as const, [texts.base, base] as const];
  return [...(against === null ? [] : [texts.noVerdict(against.reason)]), ...sides.flatMap(of)];
}

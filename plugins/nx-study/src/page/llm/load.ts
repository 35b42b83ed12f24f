import { formatNumber } from '../../base/numbers.ts';
import { listed } from '../../base/layout.ts';
import { limitText } from '../../kinds/gates.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { lines } from '../../figures/lines.ts';
import type { LinesPanel } from '../../figures/lines.ts';
import type { Compared, MaybeSection, PageInput } from '../input.ts';
import { capacityTexts } from './capacity-texts.ts';
import { freeOfClient } from './client.ts';
import { capacityOf, kneeOf } from './capacity.ts';
import { errorsOf } from './errors.ts';
import { laddersIn } from './ladders.ts';
import type { Ladder } from './ladders.ts';
import { serverByLoad, serverOverTime } from './server.ts';
import { FROM_ZERO, MOST_LINES, numbersIn, pointAt, scaleFor } from './series.ts';
import { hasMetric, latencyOf, subjectsOf, throughputOf, waitOf } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

/** Throughput and latency of servers by the load, where they are saturated, and how requests failed. */
export function loadSection(input: PageInput): MaybeSection {
  const served = subjectsOf(input).filter(({ mode }) => mode !== 'offline');
  if (served.length === 0) return null;
  return {
    id: 'load',
    title: texts.load,
    body: html`${laddersIn(input).map(figureOf)} ${serverOverTime(served)} ${errorsOf(served)}`,
  };
}

/** How much each ladder carries within the study's targets, and where it is saturated; nothing where neither is seen. */
export const loadAnswer = (input: Compared): string[] =>
  laddersIn(input).flatMap((ladders) =>
    ladders.flatMap((ladder) => [...capacityText(ladder), ...(isClear(ladder) ? saturationText(ladder) : [])]),
  );

const isClear = ({ saturation }: Ladder): boolean => saturation?.isClear === true;

function figureOf(ladders: readonly Ladder[]): Safe {
  const shown = ladders.slice(0, MOST_LINES);
  const left = ladders.slice(MOST_LINES).map(({ name }) => name);
  const { mode, rungs } = shown[0]!;
  const [output, wait] = [throughputOf(rungs[0]!), waitOf(rungs[0]!)];
  return html`${lines({
      title: texts.ladder(mode),
      howToRead: texts.howToReadLadder,
      description: texts.describeLadder(output.label, wait.label),
      panels: panelsOf(shown),
    })}
    <ul>
      ${shown.flatMap((ladder) => sentencesOf(ladder).map((sentence) => html`<li>${sentence}</li>`))}
    </ul>
    <p class="note">${texts.saturationRule(output.label, wait.label)} ${texts.kneeRule}</p>
    ${serverByLoad(shown, mode)}
    ${left.length === 0 ? null : html`<p class="note">${texts.notDrawn(listed(left, 6))}</p>`}`;
}

function panelsOf(ladders: readonly Ladder[]): LinesPanel[] {
  const subjects = ladders.flatMap(({ rungs }) => rungs);
  const first = subjects[0]!;
  const { mode } = ladders[0]!;
  const loads = numbersIn(subjects, 'load');
  const wait = waitOf(first);
  return [
    { ...throughputOf(first), unit: 'tok/s' },
    { metric: latencyOf(first, wait.series), label: wait.label, unit: 's' },
    { metric: latencyOf(first, wait.series, '_p99'), label: texts.tail(wait.label), unit: 's' },
    { metric: 'tpot_s', label: texts.tpot, unit: 's' },
  ]
    .filter(({ metric }) => hasMetric(subjects, metric))
    .map(({ metric, label, unit }) => ({
      title: label,
      detail: unit === 's' ? texts.lowerIsBetter : texts.higherIsBetter,
      x: { label: texts.loadOf(mode), scale: scaleFor(loads) },
      y: { label: `${label}, ${unit}` },
      references: FROM_ZERO,
      series: ladders.map(({ name, rungs, saturation }) => ({
        name,
        points: rungs.map((one) => ({
          ...pointAt(one.load!, one, metric),
          flags: saturation !== null && one.load! >= saturation.from.load ? [texts.saturated] : [],
        })),
      })),
    }));
}

/** All that is said of a ladder. */
const sentencesOf = (ladder: Ladder): string[] => [
  ...capacityText(ladder),
  ...saturationText(ladder),
  ...kneeText(ladder),
];

function capacityText({ called, mode, ...ladder }: Ladder): string[] {
  const capacity = capacityOf(ladder);
  if (capacity === null) return [];
  const { targets, estimate } = capacity;
  return [
    capacityTexts.capacity(called, mode, {
      ...capacity,
      targets: targets.map(limitText),
      estimate: estimate === null ? null : formatNumber(estimate, 2),
    }),
  ];
}

function kneeText({ called, mode, rungs }: Ladder): string[] {
  const knee = kneeOf(rungs);
  if (knee === null) return [];
  const output = throughputOf(rungs[0]!).label;
  return [capacityTexts.knee(called, mode, { ...knee, output })];
}

function saturationText({ called, mode, rungs, saturation }: Ladder): string[] {
  const free = freeOfClient(rungs);
  if (free.length === 0) return [];
  if (saturation === null) return [texts.notSaturated(called, mode, free[0]!.load!, free.at(-1)!.load!)];
  const { before, from, isClear: clear } = saturation;
  return [
    texts.saturation(called, mode, {
      output: throughputOf(rungs[0]!).label,
      wait: waitOf(rungs[0]!).label,
      before: before.load,
      from: from.load,
      throughput: [before, from].map((rung) => formatNumber(rung.throughput.value!, 3)),
      latency: [before, from].map((rung) => formatNumber(rung.latency.value!, 3)),
      isClear: clear,
    }),
  ];
}

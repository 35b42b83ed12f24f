import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { listed } from '../../base/layout.ts';
import { median } from '../../base/quantile.ts';
import { summarise } from '../../analysis/summary.ts';
import { summaryText } from '../../comparisons/format.ts';
import { sortableTable } from '../../figures/data-table.ts';
import type { Cell } from '../../figures/data-table.ts';
import { density } from '../../figures/density.ts';
import type { DensityPanel } from '../../figures/density.ts';
import { html } from '../../figures/html.ts';
import type { Safe } from '../../figures/html.ts';
import { typeset } from '../../figures/numbers.ts';
import { tokenGapsOf } from '../../kinds/llm-inference/gaps.ts';
import type { MaybeSection, PageInput } from '../input.ts';
import { latenciesIn, samplesIn } from './samples.ts';
import { failuresOf } from './capacity.ts';
import { MOST_LINES } from './series.ts';
import { estimateOf, hasMetric, latencyOf, subjectsOf } from './subjects.ts';
import type { Latency, Subject } from './subjects.ts';
import { llmTexts as texts } from './texts.ts';

/** Of fewer values nothing can be seen. */
const FEWEST_VALUES = 5;

const SERIES = [
  { label: texts.ttft, series: 'ttft' },
  { label: texts.tpot, series: 'tpot' },
  { label: texts.itl, series: 'itl' },
  { label: texts.e2e, series: 'e2e' },
] as const;

/** How the latencies of single calls or requests are distributed: percentiles with intervals, and one curve each. */
export function latenciesSection(input: PageInput): MaybeSection {
  const subjects = subjectsOf(input);
  const table = percentiles(subjects);
  const curves = curvesOf(subjects);
  if (table === null && curves === null) return null;
  return { id: 'latencies', title: texts.latencies, body: html`${table} ${curves}` };
}

const STATISTICS = [
  { word: 'p50', statistic: '' },
  { word: 'p90', statistic: '_p90' },
  { word: 'p99', statistic: '_p99' },
] as const;

/** Percentiles of each process, over processes; those that nothing has are left out. */
function percentiles(subjects: readonly Subject[]): Safe | null {
  const columns = SERIES.flatMap(({ label, series }) =>
    STATISTICS.map(({ word, statistic }) => ({
      name: `${label} ${word}`,
      metric: (subject: Subject) => latencyOf(subject, series, statistic),
    })),
  ).filter(({ metric }) => subjects.some((one) => hasMetric([one], metric(one))));
  if (columns.length === 0) return null;
  const failures = subjects.map(failuresOf);
  const hasFailures = failures.some(({ failed }) => failed > 0);
  return html`${sortableTable({
      caption: texts.percentiles,
      columns: [
        { name: texts.experiment },
        ...columns.map(({ name }) => ({ name, detail: 's' })),
        ...(hasFailures ? [{ name: texts.failed }] : []),
        { name: 'n' },
      ],
      rows: subjects.map((subject, index) => ({
        cells: [
          subject.name,
          ...columns.map(({ metric }) => cellOf(subject, metric(subject))),
          ...(hasFailures ? [failedCell(failures[index]!)] : []),
          subject.rows.length,
        ],
      })),
    })}
    <p class="note">${texts.percentilesNote}</p>`;
}

const failedCell = ({ failed, all }: { failed: number; all: number }): Cell => ({
  value: failed,
  shown: texts.failedOf(failed, all),
});

function cellOf(subject: Subject, metric: string): Cell {
  const { value, points, reason } = estimateOf(subject, metric);
  return value === null ? { value, reason } : { value, shown: typeset(summaryText(summarise(points, 'ratio'))) };
}

function curvesOf(subjects: readonly Subject[]): Safe | null {
  const shown = subjects.slice(0, MOST_LINES);
  const left = subjects.slice(MOST_LINES).map(({ name }) => name);
  const drawn = SERIES.map((one) => ({ ...one, panel: panelOf(one, shown) }));
  const panels = drawn.flatMap(({ panel }) => panel ?? []);
  if (panels.length === 0) return subjects.length === 0 ? null : html`<p>${texts.noCurves(FEWEST_VALUES)}</p>`;
  const missing = drawn.flatMap(({ label, series, panel }) =>
    panel === null ? [texts.noCurve(label, whyNone(shown, series))] : [],
  );
  return html`${density({
    title: texts.curves,
    howToRead: texts.howToReadCurves,
    description: texts.describeCurves,
    kind: 'ecdf',
    panels,
  })}${missing.map((sentence) => html`<p class="note">${sentence}</p>`)}${left.length === 0 ? null : html`<p class="note">${texts.notDrawn(listed(left, 6))}</p>`}`;
}

function panelOf({ label, series }: (typeof SERIES)[number], subjects: readonly Subject[]): DensityPanel | null {
  const distributions = subjects.flatMap((subject) => {
    const processes = valuesIn(subject, series);
    const values = middleOf(processes.filter(({ length }) => length >= FEWEST_VALUES));
    return values === null ? [] : [{ name: subject.name, values }];
  });
  if (distributions.length === 0) return null;
  const all = distributions.flatMap(({ values }) => values);
  const [lowest, highest] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const missing = subjects.length - distributions.length;
  return {
    title: label,
    detail: missing === 0 ? undefined : texts.tooFewValues(missing, FEWEST_VALUES),
    x: { label: `${label}, s`, scale: lowest > 0 && highest / lowest >= 8 ? 'log' : 'linear' },
    distributions,
  };
}

/** The values of each process. */
function valuesIn(subject: Subject, series: Latency): number[][] {
  if (series !== 'itl') return samplesIn(subject.rows).map((of) => latenciesIn(of, subject, series));
  return gapsIn(subject).map((values) => (isAbsent(values) ? [] : values));
}

const gapsIn = ({ rows }: Subject): (number[] | Absent)[] =>
  rows.map(({ stored, part }) => tokenGapsOf(stored!, part.name));

/** Why no process has a curve. */
function whyNone(subjects: readonly Subject[], series: Latency): string {
  const reasons = series === 'itl' ? subjects.flatMap((one) => gapsIn(one).filter(isAbsent)) : [];
  return reasons[0]?.reason ?? texts.tooFewForCurve(FEWEST_VALUES);
}

/** Of several processes the one whose median is in the middle; of the two middle ones the lower one. */
function middleOf(processes: readonly number[][]): number[] | null {
  const sorted = processes
    .map((values) => ({ values, median: median(values) }))
    .toSorted((one, other) => one.median - other.median);
  return sorted[Math.floor((sorted.length - 1) / 2)]?.values ?? null;
}

import { isAbsent } from '../base/known.ts';
import { againstText, summaryText } from '../comparisons/format.ts';
import type { Entry, MetricComparison } from '../comparisons/compare.ts';
import { monteCarloNote } from '../comparisons/monte-carlo-note.ts';
import { scaleOf, unitBeside } from '../base/numbers.ts';
import type { Scale } from '../base/numbers.ts';
import { sortableTable } from '../figures/data-table.ts';
import type { Cell, Column, Row } from '../figures/data-table.ts';
import { html } from '../figures/html.ts';
import { intervals } from '../figures/intervals.ts';
import { typeset } from '../figures/numbers.ts';
import type { IntervalRow, IntervalSeries } from '../figures/intervals.ts';
import { flagsOf } from './flags.ts';
import { FILES, MOST_EXPERIMENTS } from './names.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** Each experiment against its baseline, as a table and as intervals. */
export function differencesSection({ comparisons }: PageInput): MaybeSection {
  const { alternatives } = comparisons;
  if (comparisons.metrics.length === 0 || alternatives.length < 2) return null;
  const most = Math.min(MOST_EXPERIMENTS, Math.max(FEWEST, Math.floor(MOST_LINES / comparisons.metrics.length)));
  const metrics = comparisons.metrics.map((one) => ({ ...one, entries: one.entries.slice(0, most) }));
  const compared = metrics.filter(({ entries }) => entries.some(hasEstimate));
  return {
    id: 'differences',
    title: compared.length > 0 ? texts.differences : texts.experiments,
    body: html`${sortableTable({ caption: texts.experimentsTable, columns: columnsOf(metrics), rows: rowsOf(metrics) })}
      ${alternatives.length > most ? html`<p class="note">${texts.onlyFirst(most, alternatives.length, FILES.comparisons)}</p>` : null}
      <p class="note">${texts.intervals(comparisons.pairing)} ${texts.corrected(comparisons.tests)}</p>
      ${monteCarloNote(comparisons.metrics).map((note) => html`<p class="note">${note}.</p>`)}
      ${
        compared.length > 0
          ? intervals({
              title: texts.againstBaseline,
              howToRead: texts.howToReadAgainst,
              description: texts.describeAgainst,
              file: FILES.comparisons,
              series: compared.map((one) => seriesAgainst(one, comparisons.metrics)),
            })
          : null
      }
      ${intervals({
        title: texts.eachExperiment,
        howToRead: texts.howToReadEach,
        description: texts.describeEach,
        file: FILES.comparisons,
        series: metrics.map(seriesOf),
      })}`,
  };
}

/** Intervals in one figure, over all metrics; but of so many experiments at least. */
const MOST_LINES = 1500;
const FEWEST = 20;

const hasEstimate = ({ against }: Entry): boolean => !isAbsent(against) && !isAbsent(against.estimate);

const columnsOf = (metrics: readonly MetricComparison[]): Column[] => [
  { name: texts.experiment },
  ...metrics.map(({ metric }) => ({
    name: metric.label,
    detail: [metric.unit, metric.better === null ? '' : texts.better(metric.better)].filter(Boolean).join(', '),
  })),
  { name: 'n' },
];

function rowsOf(metrics: readonly MetricComparison[]): Row[] {
  const alternatives = metrics[0]!.entries.map(({ alternative }) => alternative);
  return alternatives.map((alternative, index) => ({
    marked: alternative.isBaseline,
    cells: [
      alternative.isBaseline ? `${alternative.name} (${texts.baseline})` : alternative.name,
      ...metrics.map(({ entries, metric }) => cellOf(entries[index]!, metric.unit)),
      alternative.rows.filter(({ state }) => state === 'measured').length,
    ],
  }));
}

/** The comparison first, as the narrow screen cuts what comes later; the value below. */
function cellOf({ summary, against, repetitions }: Entry, unit: string): Cell {
  if (isAbsent(summary))
    return { value: null, reason: repetitions.find(({ reason }) => reason !== null)?.reason ?? summary.reason };
  const scale = scaleOf(unit, [summary.mean]);
  const value = `${typeset(summaryText(summary, scale.divisor))}${unitBeside(unit, scale)}`;
  if (isAbsent(against) || isAbsent(against.estimate)) return { value: summary.mean, shown: value };
  return { value: summary.mean, shown: typeset(againstText(against, scale.divisor)), detail: value };
}

/** Ratios, or differences, of one metric. */
function seriesAgainst({ metric, entries }: MetricComparison, all: readonly MetricComparison[]): IntervalSeries {
  const { divisor, unit } = metric.scale === 'ratio' ? { divisor: 1, unit: metric.unit } : unitOf({ metric, entries });
  const every = all.find((one) => one.metric === metric)!.entries;
  const ofBaseline = new Map(every.map((entry) => [entry.alternative, entry]));
  return {
    title: metric.label,
    detail: metric.scale === 'ratio' ? texts.ratio(metric.better) : texts.difference(unit, metric.better),
    scale: metric.scale === 'ratio' ? 'log' : 'linear',
    reference: metric.scale === 'ratio' ? 1 : 0,
    rows: entries
      .filter(({ alternative }) => !alternative.isBaseline)
      .map((entry) =>
        scaled(rowAgainst(entry, isAbsent(entry.baseline) ? undefined : ofBaseline.get(entry.baseline)), divisor),
      ),
  };
}

/** The unit in which the values of a metric are shortest. */
const unitOf = ({ metric, entries }: Pick<MetricComparison, 'metric' | 'entries'>): Scale =>
  scaleOf(
    metric.unit,
    entries.flatMap(({ summary }) => (isAbsent(summary) ? [] : [summary.mean])),
  );

function scaled(row: IntervalRow, divisor: number): IntervalRow {
  const { estimate, low, high, points = [] } = row;
  const over = (value: number | null) => (value === null ? null : value / divisor);
  return {
    ...row,
    estimate: over(estimate),
    low: over(low),
    high: over(high),
    points: points.map((value) => value / divisor),
  };
}

function rowAgainst(entry: Entry, baseline: Entry | undefined): IntervalRow {
  const { against } = entry;
  const { name, rows } = entry.alternative;
  const flags = flagsOf(rows);
  if (isAbsent(against)) return { name, estimate: null, low: null, high: null, reason: against.reason, flags };
  const { estimate, interval, n } = against;
  return {
    name,
    estimate: isAbsent(estimate) ? null : estimate,
    ...endsOf(interval),
    points: pairedPoints(entry, baseline),
    n: n.pairs ?? n.candidate,
    flags,
    ...(isAbsent(interval) && { reason: interval.reason }),
  };
}

const endsOf = (interval: { low: number; high: number } | { value: null }) =>
  'low' in interval ? { low: interval.low, high: interval.high } : { low: null, high: null };

/** What each pair of repetitions says alone; empty where they aren't paired, and for a single pair. */
function pairedPoints({ against, repetitions }: Entry, baseline: Entry | undefined): number[] {
  if (isAbsent(against) || against.n.pairs === null || against.n.pairs < 2 || baseline === undefined) return [];
  const partners = new Map(baseline.repetitions.map(({ repetition, value }) => [repetition, value]));
  return repetitions.flatMap(({ repetition, value }) => {
    const partner = partners.get(repetition) ?? null;
    if (value === null || partner === null) return [];
    return [against.scale === 'ratio' ? value / partner : value - partner];
  });
}

function seriesOf({ metric, entries }: MetricComparison): IntervalSeries {
  const { divisor, unit } = unitOf({ metric, entries });
  const detail = [unit, metric.better === null ? '' : texts.better(metric.better)].filter(Boolean).join(', ');
  return {
    title: metric.label,
    detail,
    rows: entries.map((entry) => scaled(rowOf(entry), divisor)),
  };
}

function rowOf({ alternative: { name, rows }, summary, repetitions }: Entry): IntervalRow {
  const flags = flagsOf(rows);
  if (isAbsent(summary)) return { name, estimate: null, low: null, high: null, reason: summary.reason, flags };
  return {
    name,
    estimate: isAbsent(summary.center) ? summary.mean : summary.center,
    ...endsOf(summary.interval),
    points: summary.n > 1 ? repetitions.flatMap(({ value }) => value ?? []) : [],
    n: summary.n,
    flags,
    ...(isAbsent(summary.interval) && { reason: summary.interval.reason }),
  };
}

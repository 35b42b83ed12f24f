import { monteCarloNote } from '../../comparisons/monte-carlo-note.ts';
import { isAbsent } from '../../base/known.ts';
import { LONGEST_HEAD, plain, shorten } from '../../base/layout.ts';
import type { Alternative } from '../../comparisons/alternatives.ts';
import type { Comparisons, Entry, MetricComparison } from '../../comparisons/compare.ts';
import { FEWEST_REPETITIONS } from '../../analysis/interval.ts';
import type { Column } from './column.ts';
import { reportTexts as texts } from './texts.ts';
import { againstText, machinesText, summaryText } from '../../comparisons/format.ts';
import { scaleOf } from '../../base/numbers.ts';

/** Whether a table of experiments says more than that of their measurements: some were measured more than once. */
export const isRepeated = ({ alternatives }: Comparisons): boolean =>
  alternatives.some(({ rows }) => rows.filter(({ state }) => state === 'measured').length > 1);

const BASELINE = '(baseline)';

/** One row for each alternative: its repetitions with their interval, and below that its comparison with the baseline. */
export function experimentColumns({ alternatives, metrics }: Comparisons, nameWidth: number): Column[] {
  const column = (head: string, cells: string[]): Column => ({ head, unit: '', align: 'left', rank: 0, cells });
  return [
    column(
      'experiment',
      alternatives.map(
        ({ name, isBaseline }) =>
          shorten(plain(name), nameWidth - BASELINE.length - 1) + (isBaseline ? ` ${BASELINE}` : ''),
      ),
    ),
    { ...column('n', alternatives.map(countText)), align: 'right' },
    ...metrics.flatMap((metric, index) => metricColumn(metric, index) ?? []),
  ];
}

/** How to read the comparisons, where there are some. */
export function experimentRemark({ metrics, tests, pairing }: Comparisons): string[] {
  const names = metrics.flatMap(({ entries }) =>
    entries.flatMap(({ baseline, against }) => (isAbsent(baseline) || isAbsent(against) ? [] : [baseline.name])),
  );
  const baselines = [...new Set(names)];
  const intervals = metrics.flatMap(({ entries }) =>
    entries.filter(({ summary }) => !isAbsent(summary) && !isAbsent(summary.interval)),
  );
  const machines = metrics.slice(0, MOST_MACHINES).flatMap(machinesLine);
  return [
    ...(intervals.length > 0 ? [texts.intervals] : [texts.noIntervals(FEWEST_REPETITIONS)]),
    ...monteCarloNote(metrics),
    ...(baselines.length > 0 ? [texts.comparedWith(baselines, pairing, tests)] : []),
    ...(machines.length > 0 ? [...machines, texts.theseMachines] : []),
  ];
}

/** A line for each of the first metrics. */
const MOST_MACHINES = 2;

/** How machines that share the study differ. */
function machinesLine(compared: MetricComparison): string[] {
  const text = machinesText(compared);
  return text === '' ? [] : [texts.machineEffects(plain(compared.metric.label), text)];
}

/** Measured repetitions; of how many, where some are missing. */
function countText({ rows }: Alternative): string {
  const measured = rows.filter(({ state }) => state === 'measured').length;
  return measured === rows.length ? String(measured) : `${measured}/${rows.length}`;
}

function metricColumn({ metric, entries }: MetricComparison, index: number): Column | null {
  const centers = entries.flatMap(({ summary }) => (isAbsent(summary) ? [] : [summary.mean]));
  if (centers.length === 0) return null;
  const scale = scaleOf(metric.unit, centers);
  return {
    head: shorten(plain(metric.label), LONGEST_HEAD),
    unit: shorten(scale.unit, LONGEST_HEAD),
    align: 'left',
    rank: index + 1,
    cells: entries.map((entry) => entryText(entry, scale.divisor)),
  };
}

function entryText({ summary, against }: Entry, divisor: number): string {
  const value = isAbsent(summary) ? '—' : summaryText(summary, divisor);
  return isAbsent(against) || isAbsent(summary) ? value : `${value}\n${againstText(against, divisor)}`;
}

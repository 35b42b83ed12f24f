import { scaleOf, unitBeside } from '../base/numbers.ts';
import { sortableTable } from '../figures/data-table.ts';
import type { Cell, Column } from '../figures/data-table.ts';
import { html } from '../figures/html.ts';
import type { Safe } from '../figures/html.ts';
import { numberText } from '../figures/numbers.ts';
import type { Metric } from '../kinds/kind.ts';
import type { Row } from '../state/rows.ts';
import { flagsOf } from './flags.ts';
import { anchorOf, FILES, MOST_MEASUREMENTS, nameOf, shownOf } from './names.ts';
import type { MaybeSection, PageInput } from './input.ts';
import { pageTexts as texts } from './texts.ts';

/** All measurements, with their main metrics, to be sorted. */
export function measurementsSection({ results }: PageInput): MaybeSection {
  const rows = shownOf(results.rows);
  const metrics = mainMetrics(rows);
  const axes = [...new Set(rows.flatMap(({ varied }) => Object.keys(varied)))];
  const columns: Column[] = [
    { name: texts.measurement },
    { name: texts.state, text: true },
    ...metrics.map(({ label, unit }) => ({ name: label, detail: unit })),
    { name: texts.gates, text: true },
    { name: texts.flags, text: true },
    ...axes.map((axis) => ({ name: axis, text: true })),
  ];
  return {
    id: 'measurements',
    title: texts.measurements,
    body: html`${leftOut(results.rows.length)}${sortableTable({
      caption: texts.measurementsTable,
      columns,
      rows: rows.map((row) => ({
        marked: row.baseline,
        cells: [
          { value: nameOf(row), shown: html`<a href="#${anchorOf(row)}">${nameOf(row)}</a>` },
          row.failure === null ? row.state : `${row.state}: ${row.failure.type}`,
          ...metrics.map(({ name }) => cellOf(row, name)),
          row.verdict ?? '',
          flagsOf([row]).join(', '),
          ...axes.map((axis) => levelText(row.varied[axis])),
        ],
      })),
    })}`,
  };
}

const leftOut = (count: number): Safe | null =>
  count > MOST_MEASUREMENTS
    ? html`<p class="note">${texts.badFirst(MOST_MEASUREMENTS, count, FILES.measurements)}</p>`
    : null;

function mainMetrics(rows: readonly Row[]): Metric[] {
  const found = new Map<string, Metric>();
  for (const metric of rows.flatMap(({ metrics }) => metrics))
    if (metric.main && !found.has(metric.name)) found.set(metric.name, metric);
  return [...found.values()];
}

/** Sorted by the value in the metric's unit, shown in the one that is shortest. */
function cellOf({ metrics }: Row, name: string): Cell | null {
  const metric = metrics.find((one) => one.name === name);
  if (metric === undefined) return { value: null, shown: '' };
  const { value, unit, reason } = metric;
  if (value === null) return { value, ...(reason !== null && { reason }) };
  const scale = scaleOf(unit, [value]);
  return { value, shown: `${numberText(value / scale.divisor, 4)}${unitBeside(unit, scale)}` };
}

const levelText = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

import { factColumns } from './fact-columns.ts';
import { gatesColumn, metricColumns } from './metric-columns.ts';
import { formatNumber } from '../../base/numbers.ts';
import { machineNames } from '../../state/machines.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Results, Row } from '../../state/rows.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import { chosenColumns } from './chosen.ts';
import { differencesOf } from './differences.ts';
import type { Differences } from './differences.ts';
import { LONGEST_HEAD, plain, shorten } from '../../base/layout.ts';
import type { Paint, Style } from '../../base/layout.ts';
import type { Column } from './column.ts';

export interface Shape {
  /** Ids, and a failure's type beside its state; else labels, and the type below. */
  wide: boolean;
  /** Columns that a measurement's name may take. */
  nameWidth: number;
}

const LONGEST_VALUE = 24;
const RANK = { host: 1, flags: 4.5, facts: 10, varied: 20, take: 30, attempts: 31, elapsed: 32 };

interface Measurements {
  results: Results;
  /** The first ones of the results, which are shown. */
  rows: readonly Row[];
  comparisons: Comparisons;
  /** Names of columns to show beside names, states and verdicts; null for all that have a value. */
  chosen: readonly string[] | null;
  paint: Paint;
}

/** The columns of a table of measurements, from left to right. @throws Error for a chosen column that isn't there. */
export function measurementColumns({
  results,
  rows,
  comparisons,
  chosen,
  paint,
}: Measurements): (shape: Shape) => Column[] {
  const differences = differencesOf(comparisons);
  if (chosen === null) return (shape) => columnsOf({ rows, differences, paint }, shape);
  const columns = chosenColumns(results, chosen, rows.length);
  return (shape) => [...columnsOf({ rows, differences, paint }, shape).filter(({ rank }) => rank === 0), ...columns];
}

interface Shown {
  rows: readonly Row[];
  differences: Differences;
  paint: Paint;
}

/** All columns that have a value. */
function columnsOf({ rows, differences, paint }: Shown, { wide, nameWidth }: Shape): Column[] {
  const column = (
    head: string,
    rank: number,
    cell: (row: Row) => string,
    { align = 'right', unit = '' }: Partial<Pick<Column, 'align' | 'unit'>> = {},
  ): Column => ({
    head: shorten(head, LONGEST_HEAD),
    unit,
    align,
    rank,
    cells: rows.map(cell),
  });
  const optional = (isUsed: (row: Row) => boolean, ...args: Parameters<typeof column>) =>
    rows.some(isUsed) ? [column(...args)] : [];
  const machineOf = machineNames(rows);
  const machines = new Set(rows.flatMap((row) => machineOf(row) ?? []));
  return [
    nameColumn(rows, wide ? rows.map(({ id }) => id) : shortNames(rows), nameWidth),
    ...variedNames(rows).map((name) =>
      column(plain(name), RANK.varied, ({ varied }) => valueText(varied[name]), { align: 'left' }),
    ),
    ...optional(
      ({ part }) => part.name !== null && part.of > 1,
      'workload',
      0,
      ({ part }) => plain(part.name ?? ''),
      { align: 'left' },
    ),
    column('state', 0, (row) => stateText(row, wide, paint), { align: 'left' }),
    ...(machines.size > 1 ? [column('host', RANK.host, (row) => plain(machineOf(row) ?? ''), { align: 'left' })] : []),
    ...metricColumns(rows, differences, paint),
    ...factColumns(rows, RANK.facts),
    ...gatesColumn(rows, wide, paint),
    ...optional(
      ({ findings }) => findings.length > 0,
      'flags',
      RANK.flags,
      ({ findings }) => String(findings.length || ''),
    ),
    ...optional(
      ({ stored }) => (stored?.record.take ?? 1) > 1,
      'take',
      RANK.take,
      ({ stored }) => String(stored?.record.take ?? ''),
    ),
    ...optional(
      ({ attempts }) => attempts > 1,
      'attempts',
      RANK.attempts,
      ({ attempts }) => String(attempts || ''),
    ),
    ...optional(hasElapsed, 'elapsed', RANK.elapsed, ({ stored }) => secondsText(stored?.record.elapsed_s), {
      unit: 's',
    }),
  ];
}

const hasElapsed = ({ stored }: Row) => (stored?.record.elapsed_s ?? null) !== null;
const secondsText = (value: number | null | undefined) =>
  value === null || value === undefined ? '' : formatNumber(value);

const nameColumn = (rows: readonly Row[], names: string[], width: number): Column => ({
  head: 'measurement',
  unit: '',
  align: 'left',
  rank: 0,
  cells: rows.map(({ baseline }, index) => shorten(names[index]!, width - 2) + (baseline ? ' *' : '')),
});

/** Labels, with the repetition where there are several; ids where two measurements have the same label. */
function shortNames(rows: readonly Row[]): string[] {
  const repeated = rows.some(({ repetition }) => repetition > 1);
  const names = rows.map(({ label, repetition }) => (repeated ? `${label} r${repetition}` : label));
  return new Set(names).size === measurementsOf(rows).length ? names : rows.map(({ id }) => id);
}

const variedNames = (rows: readonly Row[]) => [...new Set(rows.flatMap(({ varied }) => Object.keys(varied)))];

function valueText(value: unknown): string {
  if (value === undefined) return '';
  return shorten(plain(typeof value === 'string' ? value : JSON.stringify(value)), LONGEST_VALUE);
}

const STATE_STYLES: Partial<Record<Row['state'], Style>> = {
  failed: 'red',
  damaged: 'red',
  'too-large': 'yellow',
  interrupted: 'yellow',
  stale: 'yellow',
  pending: 'dim',
};

function stateText({ state, failure }: Row, wide: boolean, paint: Paint): string {
  const typed = (state === 'failed' || state === 'expected-failure') && failure;
  const lines = typed ? [wide ? `${state}: ${failure.type}` : `${state}:`, ...(wide ? [] : [failure.type])] : [state];
  const style = STATE_STYLES[state];
  return lines.map((line) => (style ? paint(style, line) : line)).join('\n');
}

import type { GateResult } from '../kinds/gates.ts';
import type { Metric } from '../kinds/kind.ts';
import { formatBeside, formatNumber, scaleOf } from './numbers.ts';
import type { Scale } from './numbers.ts';
import type { Row } from './rows.ts';
import { plain, shorten } from './text.ts';
import type { Paint, Style } from './text.ts';

export interface Column {
  head: string;
  unit: string;
  align: 'left' | 'right';
  /** One for every row; may have several lines. */
  cells: string[];
  /** Lower ones stay longer when there is little room; those of rank 0 always. */
  rank: number;
}

export interface Shape {
  /** Ids, and a failure's type beside its state; else labels, and the type below. */
  wide: boolean;
  /** Columns that a measurement's name may take. */
  nameWidth: number;
}

const LONGEST_VALUE = 24;
const RANK = { flags: 4.5, varied: 20, take: 30, attempts: 31, elapsed: 32 };

/** All columns that have something to say, from left to right. */
export function columnsOf(rows: readonly Row[], { wide, nameWidth }: Shape, paint: Paint): Column[] {
  const column = (
    head: string,
    rank: number,
    cell: (row: Row) => string,
    align: Column['align'] = 'right',
  ): Column => ({
    head,
    unit: '',
    align,
    rank,
    cells: rows.map(cell),
  });
  const optional = (isUsed: (row: Row) => boolean, ...args: Parameters<typeof column>) =>
    rows.some(isUsed) ? [column(...args)] : [];
  const names = wide ? rows.map(({ id }) => id) : shortNames(rows);
  const mark = (row: Row) => (row.baseline ? ' *' : '');
  return [
    {
      ...column('measurement', 0, () => '', 'left'),
      cells: rows.map((row, index) => shorten(names[index]!, nameWidth - 2) + mark(row)),
    },
    ...variedNames(rows).map((name) =>
      column(plain(name), RANK.varied, ({ varied }) => valueText(varied[name]), 'left'),
    ),
    column('state', 0, (row) => stateText(row, wide, paint), 'left'),
    ...metricColumns(rows, paint),
    ...optional(hasGates, 'gates', 0, (row) => verdictText(row, paint), 'left'),
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
    ...optional(hasElapsed, 'elapsed s', RANK.elapsed, ({ stored }) => secondsText(stored?.record.elapsed_s)),
  ];
}

const hasGates = ({ gates }: Row) => gates.length > 0;
const hasElapsed = ({ stored }: Row) => (stored?.record.elapsed_s ?? null) !== null;
const secondsText = (value: number | null | undefined) =>
  value === null || value === undefined ? '' : formatNumber(value);

/** Labels, with the repetition where there are several; ids when labels don't tell measurements apart. */
function shortNames(rows: readonly Row[]): string[] {
  const repeated = rows.some(({ repetition }) => repetition > 1);
  const names = rows.map(({ label, repetition }) => (repeated ? `${label} r${repetition}` : label));
  return new Set(names).size === names.length ? names : rows.map(({ id }) => id);
}

const variedNames = (rows: readonly Row[]) => [...new Set(rows.flatMap(({ varied }) => Object.keys(varied)))];

function valueText(value: unknown): string {
  if (value === undefined) return '';
  return shorten(plain(typeof value === 'string' ? value : JSON.stringify(value)), LONGEST_VALUE);
}

const STATE_STYLES: Partial<Record<Row['state'], Style>> = {
  failed: 'red',
  interrupted: 'yellow',
  stale: 'yellow',
  pending: 'dim',
};

function stateText({ state, failure }: Row, wide: boolean, paint: Paint): string {
  const typed = (state === 'failed' || state === 'expected failure') && failure;
  const lines = typed ? [wide ? `${state}: ${failure.type}` : `${state}:`, ...(wide ? [] : [failure.type])] : [state];
  const style = STATE_STYLES[state];
  return lines.map((line) => (style ? paint(style, line) : line)).join('\n');
}

function verdictText({ verdict, relaxed, state }: Row, paint: Paint): string {
  if (verdict === null) return state === 'measured' || state === 'stale' ? '—' : '';
  return paint(verdict === 'PASS' ? 'green' : 'red', verdict) + (relaxed ? paint('yellow', ' (relaxed)') : '');
}

/** The main metrics of all rows; kinds name the most important first. */
function metricColumns(rows: readonly Row[], paint: Paint): Column[] {
  const definitions = new Map<string, Metric>();
  for (const metric of rows.flatMap(({ metrics }) => metrics))
    if (metric.main) definitions.set(metric.name, definitions.get(metric.name) ?? metric);
  return [...definitions.values()].map(({ name, label, unit }, index) => {
    const metrics = rows.map((row) => row.metrics.find((one) => one.name === name));
    const scale = scaleOf(
      unit,
      metrics.map((metric) => metric?.value ?? 0),
    );
    const cells = rows.map((row, at) =>
      metricText(
        metrics[at],
        row.gates.find(({ metric }) => metric === name),
        scale,
        paint,
      ),
    );
    return { head: plain(label), unit: scale.unit, align: 'right', cells, rank: index + 1 };
  });
}

function metricText(
  metric: Metric | undefined,
  gate: GateResult | undefined,
  { divisor }: Scale,
  paint: Paint,
): string {
  if (!metric) return '';
  const { value } = metric;
  const text =
    value === null
      ? '—'
      : gate
        ? formatBeside(value / divisor, gate.threshold / divisor)
        : formatNumber(value / divisor);
  return gate?.verdict === 'FAIL' ? paint('red', `!${text}`) : text;
}

import type { GateResult } from '../../kinds/gates.ts';
import type { Metric } from '../../kinds/kind.ts';
import { withRange } from '../../comparisons/format.ts';
import { formatBeside, formatNumber, scaleOf } from '../../base/numbers.ts';
import type { Scale } from '../../base/numbers.ts';
import type { Row } from '../../state/rows.ts';
import { LONGEST_HEAD, plain, shorten } from '../../base/layout.ts';
import type { Paint } from '../../base/layout.ts';
import type { Column } from './column.ts';
import type { Differences } from './differences.ts';

/** Verdicts. That gates are relaxed stands in every cell; in the head where there is little room. */
export function gatesColumn(rows: readonly Row[], wide: boolean, paint: Paint): Column[] {
  const gated = rows.filter(({ verdict }) => verdict !== null);
  if (gated.length === 0) return [];
  const inHead = !wide && gated.every(({ relaxed }) => relaxed);
  const cells = rows.map(({ verdict, relaxed, state }) => {
    if (verdict === null) return state === 'measured' || state === 'stale' ? '—' : '';
    const mark = relaxed && !inHead ? paint('yellow', ' (relaxed)') : '';
    return paint(({ PASS: 'green', FAIL: 'red', UNDECIDED: 'yellow' } as const)[verdict], verdict) + mark;
  });
  return [{ head: 'gates', unit: inHead ? 'RELAXED' : '', align: 'left', rank: 0, cells }];
}

/** The main metrics of all rows; kinds name the most important first. */
export function metricColumns(rows: readonly Row[], differences: Differences, paint: Paint): Column[] {
  const definitions = new Map<string, Metric>();
  for (const metric of rows.flatMap(({ metrics }) => metrics))
    if (metric.main) definitions.set(metric.name, definitions.get(metric.name) ?? metric);
  return [...definitions.values()].map(({ name, label, unit }, index) => {
    const shown = shownBeside(rows, name);
    const metrics = rows.map((row) => row.metrics.find((one) => one.name === name));
    const scale = scaleOf(
      unit,
      metrics.map((metric) => metric?.value ?? 0),
    );
    const cells = rows.map((row, at) => {
      const gate = row.gates.find(({ metric }) => metric === name);
      const others = metrics[at]?.beside ? shown.map((other) => besideText(row, other, scale)) : [];
      const value = [metricText(metrics[at], gate, scale, paint), ...others].join(SLASH);
      const lines = [value, differences(row, name, scale.divisor)];
      return lines.filter((line) => line !== '').join('\n');
    });
    return {
      head: shorten(plain([label, ...shown.map((other) => endOf(rows, other, label))].join(SLASH)), LONGEST_HEAD),
      unit: shorten(scale.unit, LONGEST_HEAD),
      align: 'right',
      cells,
      rank: index + 1,
    };
  });
}

const SLASH = ' / ';

const metricOf = ({ metrics }: Row, name: string): Metric | undefined => metrics.find((one) => one.name === name);
const valueOf = (row: Row, name: string): number | null => metricOf(row, name)?.value ?? null;

/** The metrics that stand in the same cell, in those rows that have them. */
function shownBeside(rows: readonly Row[], name: string): string[] {
  const beside = new Set(rows.flatMap((row) => metricOf(row, name)?.beside ?? []));
  return [...beside].filter((other) =>
    rows.some((row) => metricOf(row, name)?.beside?.includes(other) && valueOf(row, other) !== null),
  );
}

/** `p99` of `TTFT p99`. */
function endOf(rows: readonly Row[], name: string, label: string): string {
  const whole = rows.flatMap((row) => metricOf(row, name)?.label ?? [])[0] ?? name;
  return whole.startsWith(label) ? whole.slice(label.length).trim() : whole;
}

function besideText(row: Row, name: string, { divisor }: Scale): string {
  const value = valueOf(row, name);
  return value === null ? '—' : formatNumber(value / divisor, BESIDE_DIGITS);
}

const BESIDE_DIGITS = 3;

function metricText(
  metric: Metric | undefined,
  gate: GateResult | undefined,
  { divisor }: Scale,
  paint: Paint,
): string {
  if (!metric) return '';
  const { value, posterior, prior } = metric;
  const range = posterior ?? prior;
  const text =
    value === null
      ? '—'
      : gate
        ? formatBeside(value / divisor, gate.threshold / divisor)
        : range
          ? withRange(value / divisor, range.low / divisor, range.high / divisor)
          : formatNumber(value / divisor);
  return gate?.verdict === 'FAIL' ? paint('red', `!${text}`) : text;
}

import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { SIGNIFICANCE } from '../analysis/interval.ts';
import type { Concluded } from '../analysis/conclusion.ts';
import type { Summary } from '../analysis/summary.ts';
import { plain } from '../base/layout.ts';
import { fixed, formatNumber, scaleOf } from '../base/numbers.ts';
import type { MetricComparison } from './compare.ts';

/** An interval whose sides differ by more than this share of the longer one isn't written with ±. */
const LOPSIDED = 0.1;

/**
 * Repetitions as text: `49.83 ± 0.42`; `49.8 [30, 83]` where the interval is not symmetrical, as of wide ones on logarithms;
 * the centre alone where there is no interval. Empty without a value.
 * @param divisor - from the metric's unit to the shown one.
 */
export function summaryText(summary: Summary | Absent, divisor = 1): string {
  if (isAbsent(summary)) return '';
  const { interval } = summary;
  const center = isAbsent(summary.center) ? summary.mean : summary.center;
  if (isAbsent(interval)) return formatNumber(center / divisor);
  const [below, above] = [(center - interval.low) / divisor, (interval.high - center) / divisor];
  const [less, more] = [Math.min(below, above), Math.max(below, above)];
  if (more - less > LOPSIDED * more)
    return withRange(center / divisor, interval.low / divisor, interval.high / divisor);
  const decimals = decimalsFor(more);
  return `${fixed(center / divisor, decimals)} ± ${more.toFixed(decimals)}`;
}

/**
 * A comparison as text: `×1.21 [1.18, 1.24]*` for a ratio, `+0.3 [-0.1, 0.7]` for a difference; the star where the two can be
 * told apart among all comparisons; without brackets where there is no interval.
 */
export function againstText(against: Concluded, divisor = 1): string {
  const { estimate, interval, scale, p_adjusted } = against;
  if (isAbsent(estimate)) return '';
  const shown = scale === 'ratio' ? 1 : divisor;
  const text = isAbsent(interval)
    ? formatNumber(estimate / shown, DIGITS)
    : withRange(estimate / shown, interval.low / shown, interval.high / shown);
  const sign = scale === 'ratio' ? '×' : Number.parseFloat(text) > 0 ? '+' : '';
  if (isAbsent(interval)) return `${sign}${text}`;
  const star = p_adjusted !== null && p_adjusted < SIGNIFICANCE ? '*' : '';
  return `${sign}${text}${star}`;
}

/**
 * Machines as text, against all of them together: `n1 -1.2 %, n2 +1.2 %` for ratios, else differences. Empty where they can't
 * be told apart.
 */
export function machinesText({ metric, machines }: Pick<MetricComparison, 'metric' | 'machines'>): string {
  if (isAbsent(machines)) return '';
  const isRatio = metric.scale === 'ratio';
  const effects = machines.machines.flatMap(({ effect }) => (isAbsent(effect) ? [] : [effect]));
  const { divisor, unit } = isRatio ? { divisor: 1, unit: '%' } : scaleOf(metric.unit, effects);
  const text = (effect: number) => {
    const value = isRatio ? 100 * (effect - 1) : effect / divisor;
    return `${value > 0 ? '+' : ''}${formatNumber(value, 2)} ${unit}`.trim();
  };
  return machines.machines
    .map(({ host, effect }) => `${plain(host)} ${isAbsent(effect) ? '—' : text(effect)}`)
    .join(', ');
}

const DIGITS = 3;

/** So many that an uncertainty has two significant digits. */
const decimalsFor = (half: number): number => Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(half))));

const WIDE = 10;
const short = (value: number): string => formatNumber(value, 2);

/** An estimate and the ends of its interval, `1.830 [1.803, 1.855]`: all three with the same number of decimals; `0.071 [0.0023, 2.2]` where the ends are 10 times apart or more. */
export function withRange(center: number, low: number, high: number): string {
  // So wide that a common number of decimals would leave nothing of its lower end.
  if (low > 0 && high / low > WIDE) return `${short(center)} [${short(low)}, ${short(high)}]`;
  const decimals = decimalsFor((high - low) / 2);
  const isLarge = Math.max(Math.abs(low), Math.abs(high)) >= 1e6;
  const text = (value: number) => (isLarge ? formatNumber(value, DIGITS) : fixed(value, decimals));
  return `${text(center)} [${text(low)}, ${text(high)}]`;
}

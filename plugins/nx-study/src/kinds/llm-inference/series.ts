import { quantileBounds, valuesForUpperBound } from '../../analysis/order-statistics.ts';
import { quantile, valuesNeeded } from '../../base/quantile.ts';
import { absent, isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Absent } from '../../base/known.ts';
import type { Bounds, Metric } from '../kind.ts';
import { gateReasons } from '../texts.ts';
import { summarise } from './statistics.ts';
import type { Summary } from './statistics.ts';

/** Values of the same kind, one for each call, sequence, request or token. */
export interface Series {
  /** The names of its metrics are `<name>_<unit>` for the median, and `<name>_<statistic>_<unit>`. */
  name: string;
  unit: 's' | 'tok_s' | 'tokens';
  /** Short, for a column's head. */
  label: string;
  main: boolean;
  /** Percentiles that a table on screen shows beside the median; none where it is left out. */
  beside?: readonly number[];
  /** The meaning of one value; begins with a noun. */
  description: string;
  values: number[] | Absent;
}

const UNITS = { s: 's', tok_s: 'tok/s', tokens: 'tokens' } as const;

export interface Described {
  /** The median. */
  headline: Metric;
  /** All else; nothing where there are no values, as the headline says why. */
  statistics: Metric[];
}

/** @param judged - names of metrics that a gate is set for: those have bounds. */
export function describe(series: Series, judged: Readonly<Record<string, unknown>> = {}): Described {
  const { values } = series;
  const known = !isAbsent(values) && values.length > 0;
  const summary = known ? summarise(values) : null;
  const headline = toMetric(
    {
      name: `${series.name}_${series.unit}`,
      label: series.label,
      unit: UNITS[series.unit],
      main: series.main,
      better: betterOf(series),
      description: `Median ${series.description}`,
      ...(series.beside && { beside: series.beside.map((p) => `${series.name}_p${p}_${series.unit}`) }),
    },
    summary?.median ?? (isAbsent(values) ? values : absent('no values')),
  );
  if (summary === null) return { headline, statistics: [] };
  const bounded = (metric: Metric, p: number) =>
    Object.hasOwn(judged, metric.name) ? { ...metric, bounds: boundsOf(metric.name, summary.sorted, p) } : metric;
  return { headline: bounded(headline, 0.5), statistics: statistics(series, summary, bounded) };
}

function boundsOf(metric: string, sorted: Float64Array, p: number): Bounds {
  const { low, high } = quantileBounds(sorted, p);
  const reason = high === null ? gateReasons.tooFewForBound(metric, sorted.length, valuesForUpperBound(p)) : null;
  return { low, high, reason };
}

function statistics(
  series: Series,
  { n, mean, min, max, sd, cv, outliers, sorted }: Summary,
  bounded: (metric: Metric, p: number) => Metric,
): Metric[] {
  const { name, unit, label, description } = series;
  const single = absent('a single value has no spread');
  const of = (statistic: string, what: string, value: number | Absent, pure = false) =>
    toMetric(
      {
        name: pure ? `${name}_${statistic}` : `${name}_${statistic}_${unit}`,
        label: `${label} ${statistic}`,
        unit: pure ? '' : UNITS[unit],
        main: false,
        better: pure || statistic === 'sd' ? null : betterOf(series),
        description: `${what} ${description}`,
      },
      value,
    );
  const percentile = (p: number) =>
    bounded(
      of(
        `p${Math.round(100 * p)}`,
        `${Math.round(100 * p)}th percentile of the`,
        n >= valuesNeeded(p) ? quantile(sorted, p) : absent(`${n} values, ${valuesNeeded(p)} are needed`),
      ),
      p,
    );
  return [
    of('mean', 'Mean', mean),
    of('sd', 'Standard deviation (n − 1) of the', sd ?? single),
    of('min', 'Lowest', min),
    of('max', 'Highest', max),
    // A rate is as variable as the duration that it comes from, and the tail of its percentiles is the good one.
    ...(unit !== 'tok_s'
      ? [
          ...[0.9, 0.95, 0.99].map(percentile),
          of('cv', 'Standard deviation / mean of the', cv ?? (n === 1 ? single : absent('the mean is 0')), true),
          of('n', 'Number of values of the', n, true),
          of(
            'outliers',
            'Values further than 14.826 MAD (10 robust standard deviations) from the median',
            outliers,
            true,
          ),
        ]
      : []),
  ];
}

function betterOf({ unit }: Series): Metric['better'] {
  if (unit === 'tokens') return null;
  return unit === 's' ? 'lower' : 'higher';
}

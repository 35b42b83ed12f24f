import { quantileBounds, valuesForUpperBound } from '../../analysis/order-statistics.ts';
import { quantile, sort, valuesNeeded } from '../../base/quantile.ts';
import { absent, isAbsent } from '../../base/known.ts';
import { toMetric } from '../kind.ts';
import type { Absent } from '../../base/known.ts';
import type { Bounds, Metric, MetricDefinition } from '../kind.ts';
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

/** The least and the most that a time can be, in s; equal where it is known. */
export interface Range {
  least: number;
  most: number;
}

const UNITS = { s: 's', tok_s: 'tok/s', tokens: 'tokens' } as const;

export interface Described {
  /** The median. */
  headline: Metric;
  /** All else; nothing where there are no values, as the headline says why. */
  statistics: Metric[];
}

/**
 * @param judged - names of metrics that a gate is set for: those have bounds.
 * @param ranked - what makes these bounds, where that is more than the values, as with requests that failed.
 */
export function describe(series: Series, judged: ReadonlySet<string>, ranked?: () => Range[]): Described {
  const { values } = series;
  const known = !isAbsent(values) && values.length > 0;
  const summary = known ? summarise(values) : null;
  const none = isAbsent(values) ? values : absent('no values');
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
    summary?.median ?? none,
  );
  const bounded = (metric: Metric, p: number): Metric => {
    if (!judged.has(metric.name) || (summary === null && ranked === undefined)) return metric;
    const ranges = ranked?.() ?? [...summary!.sorted].map((value) => ({ least: value, most: value }));
    return { ...metric, bounds: boundsOf(metric, ranges, p) };
  };
  return {
    headline: bounded(headline, 0.5),
    statistics:
      summary === null
        ? PERCENTILES.map((p) => bounded(percentileOf(series, p, none), p)).filter(({ bounds }) => bounds)
        : statistics(series, summary, bounded),
  };
}

function boundsOf({ name, reason: whyNone }: Metric, ranked: readonly Range[], p: number): Bounds {
  const [least, most] = [sort(ranked.map((one) => one.least)), sort(ranked.map((one) => one.most))];
  const { low } = quantileBounds(least, p);
  const { high } = quantileBounds(most, p);
  const tooFew = () => whyNone ?? gateReasons.tooFewForBound(name, ranked.length, valuesForUpperBound(p));
  const failed = least.filter((time) => time === Infinity).length;
  const unknown = most.filter((time) => time === Infinity).length - failed;
  return {
    low,
    high,
    reason: high === null ? tooFew() : null,
    ...(failed + unknown > 0 && {
      counted: {
        what: gateReasons.counted(ranked.length, failed, unknown),
        value: most[Math.ceil(p * most.length) - 1]!,
      },
    }),
  };
}

const PERCENTILES = [0.9, 0.95, 0.99];

function statistics(
  series: Series,
  { n, mean, min, max, sd, cv, outliers, sorted }: Summary,
  bounded: (metric: Metric, p: number) => Metric,
): Metric[] {
  const { unit } = series;
  const single = absent('a single value has no spread');
  const of = (statistic: string, what: string, value: number | Absent, pure = false) =>
    toMetric(
      statisticOf(series, statistic, what, {
        unit: pure ? '' : unit,
        better: pure || statistic === 'sd' ? null : betterOf(series),
      }),
      value,
    );
  const percentile = (p: number) =>
    bounded(
      percentileOf(
        series,
        p,
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
          ...PERCENTILES.map(percentile),
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

const percentileOf = (series: Series, p: number, value: number | Absent): Metric =>
  toMetric(
    statisticOf(series, `p${Math.round(100 * p)}`, `${Math.round(100 * p)}th percentile of the`, {
      unit: series.unit,
      better: betterOf(series),
    }),
    value,
  );

/** @param unit - empty for a pure number. */
const statisticOf = (
  { name, label, description }: Series,
  statistic: string,
  what: string,
  { unit, better }: { unit: Series['unit'] | ''; better: Metric['better'] },
): MetricDefinition => ({
  name: unit === '' ? `${name}_${statistic}` : `${name}_${statistic}_${unit}`,
  label: `${label} ${statistic}`,
  unit: unit === '' ? '' : UNITS[unit],
  main: false,
  better,
  description: `${what} ${description}`,
});

function betterOf({ unit }: Series): Metric['better'] {
  if (unit === 'tokens') return null;
  return unit === 's' ? 'lower' : 'higher';
}

import type { JsonObject } from '../../../base/json.ts';
import type { Metric } from '../../../kinds/kind.ts';

/** Units of the format, as far as they are used here, by the ends of this project's names of metrics. */
const UNITS = { s: 's', 's/token': 's', 'tokens/s': 'tok_s', 'queries/s': 'per_s' } as const;
type Unit = keyof typeof UNITS;

/** Its name → the end of the name of a metric. */
const STATISTICS = { mean: 'mean', stddev: 'sd', min: 'min', p90: 'p90', p95: 'p95', p99: 'p99', max: 'max' } as const;

/**
 * The statistics of a series, such as `ttft`. What has no value is left out: a percentile of too few values, the standard
 * deviation (n − 1) of a single one. The numbers keep their units: times are in s, as both sides know them.
 * @returns undefined where there is no mean, without which the format has no statistics.
 */
export function statisticsOf(metrics: readonly Metric[], series: string, units: Unit): JsonObject | undefined {
  const end = UNITS[units];
  const value = (name: string) => valueOf(metrics, name);
  const found = Object.entries(STATISTICS).map(([name, ours]) => [name, value(`${series}_${ours}_${end}`)] as const);
  const known = Object.fromEntries(found.flatMap(([name, number]) => (number === null ? [] : [[name, number]])));
  const p50 = value(`${series}_${end}`);
  return 'mean' in known ? { units, ...known, ...(p50 !== null && { p50 }) } : undefined;
}

/** A number that stands for the whole workload, such as a rate: its only statistic is the mean. */
export function meanOf(metrics: readonly Metric[], name: string, units: Unit): JsonObject | undefined {
  const mean = valueOf(metrics, name);
  return mean === null ? undefined : { units, mean };
}

export const valueOf = (metrics: readonly Metric[], name: string): number | null =>
  metrics.find((metric) => metric.name === name)?.value ?? null;

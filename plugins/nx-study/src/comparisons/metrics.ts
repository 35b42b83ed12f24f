import { findKind } from '../kinds/index.ts';
import type { Metric } from '../kinds/kind.ts';
import type { Row } from '../state/rows.ts';
import type { Scale } from '../analysis/scale.ts';

/** A metric that alternatives are compared by. */
export interface ComparedMetric {
  name: string;
  label: string;
  unit: string;
  description: string;
  better: Metric['better'];
  scale: Scale;
  /** Computed from draws: repetitions differ by the sampler's seed only, and their interval is a Monte Carlo interval. */
  ofDraws: boolean;
}

/** Units of what is always positive: times, rates, sizes, energy. */
const RATIO_UNITS = /^(h|s|ms|µs|ns|bytes|[KMGT]i?B|J|mJ|kJ|Wh|kWh|W|mW|Hz|MHz)$|\/(s|tok|token|request)$/;

/** Times, rates, sizes and energy are compared by ratio, all else by difference. It never depends on the values. */
export const scaleFor = ({ unit }: Pick<Metric, 'unit'>): Scale => (RATIO_UNITS.test(unit) ? 'ratio' : 'difference');

/**
 * The metrics by which alternatives are compared, in the order of importance: those by which their kind is judged first,
 * where they have a value; the other main ones, but for those that a gate judges; and those for which the study names a
 * relevant difference.
 * @param chosen - these instead, by name; unknown names are left out.
 */
export function comparedMetrics(
  rows: readonly Row[],
  relevant: Readonly<Record<string, number>>,
  chosen: readonly string[] | null,
): ComparedMetric[] {
  const definitions = new Map<string, Metric>();
  for (const metric of rows.flatMap(({ metrics }) => metrics))
    if (!definitions.has(metric.name)) definitions.set(metric.name, metric);
  const gated = new Set(rows.flatMap(({ stored }) => gatedBy(stored?.record.kind)));
  const known = new Set(rows.flatMap(({ metrics }) => metrics.filter(({ value }) => value !== null)).map(nameOf));
  const isMeant = ({ name, main, first }: Metric) =>
    ((main || (first !== undefined && known.has(name))) && !gated.has(name)) || Object.hasOwn(relevant, name);
  const metrics =
    chosen === null
      ? [...definitions.values()].filter(isMeant).toSorted((one, other) => placeOf(one) - placeOf(other))
      : chosen.flatMap((name) => definitions.get(name) ?? []);
  return metrics.map(({ name, label, unit, description, better, compared }) => ({
    name,
    label,
    unit,
    description,
    better,
    scale: scaleFor({ unit }),
    ofDraws: compared !== undefined,
  }));
}

const nameOf = ({ name }: Metric): string => name;
const placeOf = ({ first }: Metric): number => first ?? Number.MAX_SAFE_INTEGER;

const gatedBy = (kind: string | undefined): string[] =>
  kind === undefined
    ? []
    : (findKind(kind)?.gates.flatMap(({ metric, judges }) => (judges === 'reliability' ? [metric] : [])) ?? []);

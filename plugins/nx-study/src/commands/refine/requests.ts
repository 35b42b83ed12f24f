import { valuesForUpperBound } from '../../analysis/order-statistics.ts';
import { proportionBounds } from '../../analysis/proportion.ts';
import type { GateResult } from '../../kinds/gates.ts';
import type { Metric } from '../../kinds/kind.ts';

/** Metrics that are shares of requests, and what 1 is in their unit. */
const SHARES: Readonly<Record<string, number>> = { error_percent: 100, slo_attainment: 1 };

const MOST = 1e7;

/**
 * About how many requests of one repetition would decide an undecided gate, if further ones were like those so far. For a
 * share by its bound itself; for a quantile the distance from the value to the bound shrinks with √n, and a bound that is
 * not known needs so many values that it exists.
 * @param requests - that the value was made from.
 * @returns with two digits; null where the value lies at the limit, or would need more than ten million.
 */
export function requestsToDecide(gate: GateResult, metric: Metric, requests: number): number | null {
  const { bounds } = metric;
  const value = bounds?.counted?.value ?? metric.value;
  const { threshold } = gate;
  const unit = SHARES[metric.name];
  if (bounds === undefined || value === threshold) return null;
  if (value === null)
    return unit === undefined && bounds.low !== null ? roundUp(valuesForUpperBound(quantileOf(metric.name))) : null;
  const side = value < threshold ? 'high' : 'low';
  const needed =
    unit === undefined
      ? forQuantile({ ...metric, value }, { side, threshold, requests })
      : forShare(value / unit, { side, threshold: threshold / unit, requests });
  // Neither for a bound beyond all values.
  return needed <= MOST ? roundUp(needed) : null;
}

interface Side {
  /** The bound that has to pass the threshold. */
  side: 'low' | 'high';
  threshold: number;
  requests: number;
}

function forShare(share: number, { side, threshold, requests }: Side): number {
  const decides = (n: number) => {
    const bound = proportionBounds(share * n, n)[side];
    return side === 'high' ? bound < threshold : bound > threshold;
  };
  let [below, enough] = [requests, requests];
  while (!decides(enough) && enough <= MOST) [below, enough] = [enough, 2 * enough];
  while (enough - below > 1) {
    const between = Math.floor((below + enough) / 2);
    if (decides(between)) enough = between;
    else below = between;
  }
  return enough;
}

function forQuantile({ name, value, bounds }: Metric, { side, threshold, requests }: Side): number {
  const p = quantileOf(name);
  const bound = bounds![side];
  const exists = valuesForUpperBound(side === 'high' ? p : 1 - p);
  if (bound === null) return Math.max(exists, requests + 1);
  return Math.max(exists, requests * ((bound - value!) / (threshold - value!)) ** 2);
}

/** Without a number in its name it is the median. */
const quantileOf = (metric: string): number => Number(/_p(\d+)_/.exec(metric)?.[1] ?? 50) / 100;

function roundUp(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / unit - 1e-9) * unit;
}

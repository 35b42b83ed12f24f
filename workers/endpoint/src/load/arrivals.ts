import { normal, uniform } from '../draw.ts';

export interface Arrivals {
  rate_per_s: number;
  /** Standard deviation of the times between arrivals / their mean: 0 constant, 1 Poisson, above 1 in bursts. */
  cv: number;
  /** Over which the rate rises from 0. */
  ramp_s: number;
}

/** Which arrivals they are: the same key, the same times. */
export interface ArrivalKey {
  seed: number;
  workload: number;
  /** Those that bring the load up have times of their own, so their number changes no measured one. */
  part: 'arrival' | 'settling';
}

/**
 * Seeded arrivals of a renewal process, the times between them gamma-distributed with shape 1 / cv²: after how many seconds
 * from the beginning each request is due, without end.
 */
export function* arrivals({ rate_per_s, cv, ramp_s }: Arrivals, key: ArrivalKey): Generator<number> {
  const { seed, workload, part } = key;
  // In units of the mean time between arrivals at the full rate.
  let passed = 0;
  for (let index = 0; ; index += 1) {
    passed += gapOf(cv, `${seed}/${part}/${workload}/${index}`);
    yield timeOf(passed / rate_per_s, ramp_s);
  }
}

/**
 * When as much has arrived on average as after `full_s` at the full rate: while the rate rises from 0 over ramp_s, that is
 * t² / (2 ramp_s), and afterwards t − ramp_s / 2.
 */
function timeOf(full_s: number, ramp_s: number): number {
  return full_s < ramp_s / 2 ? Math.sqrt(2 * ramp_s * full_s) : full_s + ramp_s / 2;
}

/** A gamma variate of mean 1 with that coefficient of variation. */
function gapOf(cv: number, key: string): number {
  if (cv === 0) return 1;
  // The same as with shape 1, and the times that earlier versions drew.
  if (cv === 1) return -Math.log(1 - uniform(key));
  const shape = 1 / (cv * cv);
  if (shape >= 1) return gamma(shape, key) / shape;
  return (gamma(shape + 1, key) * (1 - uniform(`${key}/power`)) ** (1 / shape)) / shape;
}

/** Marsaglia and Tsang (2000), A simple method for generating gamma variables; for shapes of 1 and more. */
function gamma(shape: number, key: string): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let draw = 0; ; draw += 1) {
    const x = normal(`${key}/${draw}`);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform(`${key}/${draw}/u`)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

import { createHash } from 'node:crypto';
import { Unsupported } from '../../kits/node/index.ts';
import type { Workload } from './client.ts';

/** Seeded Poisson arrivals: after how many seconds from the beginning each request is due, without end. */
export function* arrivals(ratePerSecond: number, seed: number, workload: number): Generator<number> {
  let due_s = 0;
  for (let index = 0; ; index += 1) {
    due_s -= Math.log(1 - uniform(`${seed}/arrival/${workload}/${index}`)) / ratePerSecond;
    yield due_s;
  }
}

/** @throws Unsupported for an open loop whose first request is due only after the last moment at which one may start. */
export function refuseWithoutArrival({ index, load }: Workload, seed: number, max_s: number): void {
  if (load.mode === 'closed') return;
  const first_s = arrivals(load.rate_per_s, seed, index).next().value!;
  if (first_s > max_s)
    throw new Unsupported(
      `workload ${index}: with load.rate_per_s ${load.rate_per_s} the first request is due after ${first_s.toPrecision(3)} s, ` +
        `but none starts after measure.max_s, ${max_s} s: raise one of them`,
    );
}

/** In [0, 1), from a hash. */
function uniform(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return Number(hash.readBigUInt64BE() >> 11n) / 2 ** 53;
}

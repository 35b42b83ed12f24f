import { createHash } from 'node:crypto';

/** Seeded Poisson arrivals: after how many seconds from the beginning each request is due, without end. */
export function* arrivals(ratePerSecond: number, seed: number, workload: number): Generator<number> {
  let due_s = 0;
  for (let index = 0; ; index += 1) {
    due_s -= Math.log(1 - uniform(`${seed}/arrival/${workload}/${index}`)) / ratePerSecond;
    yield due_s;
  }
}

/** In [0, 1), from a hash. */
function uniform(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return Number(hash.readBigUInt64BE() >> 11n) / 2 ** 53;
}

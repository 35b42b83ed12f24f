import { createHash } from 'node:crypto';

/** In [0, 1), from a hash: the same for the same text. */
export function uniform(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return Number(hash.readBigUInt64BE() >> 11n) / 2 ** 53;
}

/** A standard normal variate: Box and Muller (1958). */
export const normal = (key: string): number =>
  Math.sqrt(-2 * Math.log(1 - uniform(`${key}/r`))) * Math.cos(2 * Math.PI * uniform(`${key}/phi`));

import type { Sha256 } from '../base/canonical.ts';

/** A generator of uniform integers in [0, 2³²). */
export type Random = () => number;

/**
 * xoshiro128** 1.1 by David Blackman and Sebastiano Vigna (public domain, https://prng.di.unimi.it/xoshiro128starstar.c),
 * with the SHA-256 of a text as its state.
 */
export function randomOf(text: string, hash: Sha256): Random {
  const digits = hash(text);
  const state = Uint32Array.from([0, 8, 16, 24], (start) => Number.parseInt(digits.slice(start, start + 8), 16));
  return () => nextOf(state);
}

/** The generator's next value; changes its state of four integers. */
export function nextOf(state: Uint32Array): number {
  const second = state[1]!;
  const result = Math.imul(rotate(Math.imul(second, 5), 7), 9) >>> 0;
  state[2]! ^= state[0]!;
  state[3]! ^= second;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= second << 9;
  state[3] = rotate(state[3]!, 11);
  return result;
}

/** A shuffled copy (Fisher and Yates, in Durstenfeld's form), without bias. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = belowOf(last + 1, random);
    [copy[last], copy[other]] = [copy[other]!, copy[last]!];
  }
  return copy;
}

/** A uniform integer from 0 to `limit` − 1; draws again in the incomplete last block, which would favour small numbers. */
export function belowOf(limit: number, random: Random): number {
  const complete = 2 ** 32 - (2 ** 32 % limit);
  let drawn = random();
  while (drawn >= complete) drawn = random();
  return drawn % limit;
}

const rotate = (value: number, by: number) => ((value << by) | (value >>> (32 - by))) >>> 0;

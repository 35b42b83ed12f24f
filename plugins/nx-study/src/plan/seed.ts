import type { Sha256 } from '../base/canonical.ts';

/** The seed of a measurement, an integer in [0, 2³²): experiments share it, repetitions don't. */
export function measurementSeed(studySeed: number, repetition: number, hash: Sha256): number {
  return Number.parseInt(hash(`nx-study seed ${studySeed} repetition ${repetition}`).slice(0, 8), 16);
}

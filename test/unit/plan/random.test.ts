import { expect, test } from 'vitest';
import { sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { nextOf, randomOf, shuffled } from '../../../plugins/nx-study/src/plan/random.ts';
import { measurementSeed } from '../../../plugins/nx-study/src/plan/seed.ts';

const hash = await sha256();

// What the authors' C code gives from the state 1, 2, 3, 4.
const REFERENCE = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];

test('xoshiro128** gives the published values', () => {
  const state = Uint32Array.of(1, 2, 3, 4);
  expect(REFERENCE.map(() => nextOf(state))).toEqual(REFERENCE);
});

test('the same text gives the same numbers, another one others', () => {
  const numbers = (text: string) => Array.from({ length: 4 }, randomOf(text, hash));
  expect(numbers('a')).toEqual(numbers('a'));
  expect(numbers('a')).not.toEqual(numbers('b'));
});

test('shuffling keeps the items and leaves its input alone', () => {
  const items = Object.freeze([1, 2, 3, 4, 5, 6, 7, 8]);
  const mixed = shuffled(items, randomOf('x', hash));
  expect(mixed).not.toEqual(items);
  expect(mixed.toSorted((a, b) => a - b)).toEqual(items);
});

test('a seed depends on the study seed and the repetition, and fits 32 bits', () => {
  const seeds = [1, 2].flatMap((study) => [1, 2, 3].map((repetition) => measurementSeed(study, repetition, hash)));
  expect(new Set(seeds).size).toBe(6);
  for (const seed of seeds) expect(seed).toBeGreaterThanOrEqual(0);
  for (const seed of seeds) expect(seed).toBeLessThan(2 ** 32);
  // Published: results of earlier versions depend on it.
  expect(measurementSeed(1, 1, hash)).toMatchInlineSnapshot(`2342442419`);
});

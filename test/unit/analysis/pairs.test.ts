import { expect, test } from 'vitest';
import { setsOf } from '../../../plugins/nx-study/src/analysis/pairs.ts';

const candidate = [
  { repetition: 3, value: 30 },
  { repetition: 1, value: 10 },
  { repetition: 2, value: null },
  { repetition: 5, value: 50 },
];
const baseline = [
  { repetition: 1, value: 1 },
  { repetition: 2, value: 2 },
  { repetition: 3, value: 3 },
  { repetition: 4, value: null },
];

test('values are paired by repetition, whatever their order; others are dropped and named', () => {
  expect(setsOf(candidate, baseline, true)).toEqual({
    isPaired: true,
    candidate: [30, 10],
    baseline: [3, 1],
    dropped: { candidate: [2, 5], baseline: [2, 4] },
  });
});

test('without pairs all values are used', () => {
  const all = {
    isPaired: false,
    candidate: [30, 10, 50],
    baseline: [1, 2, 3],
    dropped: { candidate: [2], baseline: [4] },
  };
  expect(setsOf(candidate, baseline, false)).toEqual(all);
  const others = baseline.map((one) => ({ ...one, repetition: one.repetition + 10 }));
  expect(setsOf(candidate, others, true)).toEqual({ ...all, dropped: { candidate: [2], baseline: [14] } });
});

test('a repetition that is there twice is refused', () => {
  expect(setsOf([...candidate, candidate[0]!], baseline, true)).toEqual({
    value: null,
    reason: 'repetition 3 is there twice on one side',
  });
});

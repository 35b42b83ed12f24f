import { array, assert, double, property } from 'fast-check';
import { expect, test } from 'vitest';
import { elpdDifference } from '../../../plugins/nx-study/src/analysis/elpd.ts';
import { expectFinite, expectNear, fixtures, present } from './fixtures.ts';

const observed = 'sha256 of the observations';
const pointwise = (elpd: readonly number[]) => ({ elpd, observed });

test('as NumPy has it', () => {
  const { candidate, baseline, difference, se } = fixtures.elpd;
  const found = present(elpdDifference(pointwise(candidate), pointwise(baseline)));
  expect(found.n).toBe(200);
  expectNear(found.difference, difference);
  expectNear(found.se, se);
});

test('models of different observations are not compared', () => {
  expect(elpdDifference(pointwise([1, 2]), { elpd: [1, 2], observed: 'other' })).toEqual({
    value: null,
    reason: 'the two were computed from different observations',
  });
  expect(elpdDifference(pointwise([1, 2]), pointwise([1, 2, 3]))).toEqual({
    value: null,
    reason: 'they have a different number of observations: 2 and 3',
  });
  expect(elpdDifference(pointwise([1]), pointwise([2]))).toMatchObject({
    reason: expect.stringContaining('there are 1'),
  });
});

test('property: exchanging the models turns the sign; no NaN', () => {
  assert(
    property(array(double(), { maxLength: 9 }), (values) => {
      const other = values.map((value) => value / 3 + 1);
      const forth = elpdDifference(pointwise(values), pointwise(other));
      expectFinite(forth);
      const back = elpdDifference(pointwise(other), pointwise(values));
      expect(back).toEqual('se' in forth ? { ...forth, difference: 0 - forth.difference } : forth);
    }),
  );
});

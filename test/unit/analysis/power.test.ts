import { expect, test } from 'vitest';
import { powerOf, repetitionsNeeded } from '../../../plugins/nx-study/src/analysis/power.ts';
import { expectNear, fixtures } from './fixtures.ts';

const paired = (effect: number) => ({ difference: effect, sd: 1, dfPerRepetition: 1 });
/** Two sides of the same spread. */
const independent = (effect: number) => ({ difference: -effect, sd: Math.SQRT2, dfPerRepetition: 2 });

test('the power of t tests as statsmodels has it', () => {
  expect(fixtures.power.length).toBeGreaterThan(20);
  for (const one of fixtures.power) {
    expectNear(powerOf(paired(one.effect), one.n), one.paired);
    expectNear(powerOf(independent(one.effect), one.n), one.independent);
  }
});

test('the repetitions needed are those of statsmodels, rounded up, and never below 3', () => {
  expect(fixtures.needed.length).toBe(7);
  for (const one of fixtures.needed) {
    expect(repetitionsNeeded(paired(one.effect))).toBe(Math.max(3, Math.ceil(one.paired)));
    expect(repetitionsNeeded(independent(one.effect))).toBe(Math.max(3, Math.ceil(one.independent)));
  }
  expect(repetitionsNeeded(paired(50))).toBe(3);
});

test('there is none for no difference, no spread and more than 10,000', () => {
  expect(repetitionsNeeded(paired(0))).toMatchObject({ value: null, reason: expect.stringContaining('no difference') });
  expect(repetitionsNeeded({ ...paired(1), sd: 0 })).toMatchObject({ reason: expect.stringContaining('12 digits') });
  for (const effect of [0.001, 1e-300])
    expect(repetitionsNeeded(paired(effect))).toMatchObject({ reason: expect.stringContaining('more than 10,000') });
});

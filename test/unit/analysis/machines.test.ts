import { expect, test } from 'vitest';
import { machineEffects } from '../../../plugins/nx-study/src/analysis/machines.ts';

const on = (values: Record<string, (number | null)[]>) =>
  Object.entries(values).flatMap(([host, own]) => own.map((value) => ({ host, value })));

test('differences: the mean over experiments of what a machine is above or below all of them', () => {
  const experiments = [on({ b: [4, 6], a: [1, 3] }), on({ a: [10], b: [14] })];
  expect(machineEffects(experiments, 'difference')).toEqual({
    experiments: 2,
    machines: [
      { host: 'a', effect: -1.75 },
      { host: 'b', effect: 1.75 },
    ],
  });
});

test('an experiment that one machine lacks tells nothing of machines, however large its values', () => {
  const experiments = [on({ a: [1], b: [2] }), on({ b: [1000] }), on({ a: [null], b: [500] })];
  expect(machineEffects(experiments, 'difference')).toMatchObject({
    experiments: 1,
    machines: [{ effect: -0.5 }, { effect: 0.5 }],
  });
});

test('absent for one machine, for machines with nothing in common, and for ratios of what is not positive', () => {
  expect(machineEffects([on({ a: [1, 2] })], 'ratio')).toMatchObject({
    value: null,
    reason: 'one machine measured all',
  });
  expect(machineEffects([on({ a: [1] }), on({ b: [1] })], 'ratio')).toMatchObject({
    reason: 'no experiment was measured by all machines',
  });
  expect(machineEffects([on({ a: [0], b: [1] })], 'ratio')).toMatchObject({ value: null });
});

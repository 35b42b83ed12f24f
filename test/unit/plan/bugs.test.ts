import { expect, test } from 'vitest';
import { sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { orderSteps, pairBalance } from '../../../plugins/nx-study/src/plan/order.ts';
import type { Plan } from '../../../plugins/nx-study/src/plan/types.ts';
import { planOf } from '../study/workspace.ts';

// Real bugs of an earlier tool of this kind, by the numbers that its review gave them.

test('B1: an axis over how to measure makes as many experiments as it has values', async () => {
  const plan = await planOf(
    'worker: transformers\nbase: {model: tiny}\nsweep: {warmup.runs: [0, 1, 3], warmup.cooldown_s: [0, 5]}\n',
  );
  expect(plan.experiments).toHaveLength(6);
  expect(new Set(plan.experiments.map(({ id }) => id)).size).toBe(6);
  expect(plan.merged).toEqual([]);
});

test('B4: topping up repetitions keeps every earlier id and seed, for every order', async () => {
  for (const order of ['sequential', 'interleaved', 'shuffled', 'reverse', 'balanced']) {
    const text = (times: number) =>
      `worker: transformers\nbase: {model: tiny}\nsweep: {batch: [1, 2, 4]}\nrepeat: {times: ${times}, order: ${order}}\n`;
    const [before, after] = [await planOf(text(2)), await planOf(text(3))];
    const kept = new Map(after.measurements.map(({ id, seed, experiment }) => [id, `${seed} ${experiment}`]));
    for (const { id, seed, experiment } of before.measurements) expect(kept.get(id)).toBe(`${seed} ${experiment}`);
    expect(after.measurements).toHaveLength(9);
  }
});

test('B6: a Williams design of an odd number of experiments covers all ordered pairs', async () => {
  const hash = await sha256();
  const covered = [3, 5, 7].map((count) =>
    pairBalance(orderSteps('balanced', { count, times: 2 * count, seed: 1 }, hash), count),
  );
  expect(covered).toEqual([
    { covered: 6, pairs: 6, least: 2, most: 2 },
    { covered: 20, pairs: 20, least: 2, most: 2 },
    { covered: 42, pairs: 42, least: 2, most: 2 },
  ]);
});

test('B7: axes of a worker that the study does not use are refused', async () => {
  await expect(
    planOf('worker: transformers\nbase: {model: tiny}\nsweep: {vllm.eager: [true, false]}\n'),
  ).rejects.toThrow("`vllm` is a worker that this study doesn't use");
});

test('B7: with both workers used, neither is dropped', async () => {
  const plan = await planOf('workers: [transformers, vllm]\nbase: {model: tiny}\nsweep: {vllm.eager: [true, false]}\n');
  expect(plan.experiments.map(({ worker }) => worker)).toEqual(['transformers', 'vllm', 'vllm']);
});

test('B8: a misspelt setting is refused instead of measuring the same thing twice', async () => {
  await expect(planOf('worker: transformers\nbase: {model: tiny}\nsweep: {batchsize: [1, 2]}\n')).rejects.toThrow(
    'the worker `transformers` has no setting `batchsize`\n    → Did you mean `batch`?',
  );
});

test('B9: explicit experiments alone add no base run, and merge over base at every level', async () => {
  const plan = await planOf(`
worker: transformers
base: {model: tiny, warmup: {runs: 5, cooldown_s: 2}}
experiments: [{label: a, warmup: {runs: 1}}, {label: b, batch: 2}]
`);
  expect(plan.experiments.map(({ label, written }) => [label, written.warmup])).toEqual([
    ['a', { runs: 1, cooldown_s: 2 }],
    ['b', { runs: 5, cooldown_s: 2 }],
  ]);
});

test('B11: cycles change where a repetition of all, or an experiment, ends', async () => {
  const plan = (order: string) =>
    planOf(`worker: transformers\nbase: {model: tiny}\nsweep: {batch: [1, 2]}\nrepeat: {times: 3, order: ${order}}\n`);
  const starts = ({ measurements }: Plan) =>
    measurements
      .filter(({ cycle }, index) => index > 0 && measurements[index - 1]!.cycle !== cycle)
      .map(({ index }) => index);
  expect(starts(await plan('sequential'))).toEqual([3]);
  for (const order of ['interleaved', 'shuffled', 'reverse', 'balanced'])
    expect(starts(await plan(order))).toEqual([2, 4]);
});

test('B14: equal configurations become one experiment with all its repetitions, and are reported', async () => {
  const plan = await planOf(`
worker: transformers
base: {model: tiny}
sweep: {batch: [1, 1.0, 2]}
experiments: [{label: again, batch: 2}, {attention: sdpa, batch: 2}]
repeat: {times: 3}
`);
  expect(plan.experiments.map(({ written: { batch } }) => batch)).toEqual([1, 2]);
  expect(plan.measurements).toHaveLength(6);
  expect(new Set(plan.measurements.map(({ id }) => id)).size).toBe(6);
  expect(plan.merged.map(({ count, also }) => [count, also.map(({ label }) => label)])).toEqual([
    [2, [null]],
    [3, ['again', null]],
  ]);
});

import { expect, test } from 'vitest';
import type { MeasureTask } from '../../../../plugins/nx-study/src/graph/task.ts';
import { packable } from '../../../../plugins/nx-study/src/measure/slurm/pack.ts';
import type { Execution } from '../../../../plugins/nx-study/src/plan/types.ts';
import { plainExecution } from '../../../helpers/execution.ts';
import { aTask } from '../task.ts';

const slurm = { pack: 3 };
const packed = (id: string, change: Partial<MeasureTask> = {}, execution: Partial<Execution> = {}) =>
  aTask({ id, ...change, execution: { ...plainExecution, slurm, ...execution } });
const ids = (tasks: MeasureTask[]) => tasks.map(({ id }) => id);
const after = [packed('b'), packed('c'), packed('d')];

test('a job makes the next measurements of its lane, as many as the study says', () => {
  expect(ids(packable(packed('a'), after))).toEqual(['b', 'c']);
  expect(packable(packed('a', {}, { slurm: plainExecution.slurm }), after)).toEqual([]);
  expect(packable(packed('a'), [])).toEqual([]);
});

test('it ends before another study, other demands, and a failure that is expected', () => {
  const before = (other: MeasureTask) => ids(packable(packed('a'), [packed('b'), other]));
  expect(before(packed('c', { study: 'other' }))).toEqual(['b']);
  expect(before(packed('c', {}, { slurm: { ...slurm, gres: 'gpu:1' } }))).toEqual(['b']);
  expect(before(packed('c', { expect: 'failed' }))).toEqual(['b']);
  expect(packable(packed('a', { expect: 'failed' }), after)).toEqual([]);
});

test('where the time of a run is limited, each measurement has a job of its own', () => {
  expect(packable(packed('a', {}, { budget_s: 60 }), after)).toEqual([]);
  expect(packable(packed('a', {}, { until: '07:00' }), after)).toEqual([]);
});

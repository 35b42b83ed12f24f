import { expect, it } from 'vitest';
import { estimateTime } from '../../../plugins/nx-study/src/state/estimate.ts';
import type { MeasurementRecord } from '../../../plugins/nx-study/src/record/schema.ts';
import { aTask } from '../measure/task.ts';

const measured = (worker: string, study: string, experiment: string, elapsed_s: number | null) =>
  ({ worker, study, experiment, elapsed_s }) as MeasurementRecord;

const task = aTask({ worker: 'w', study: 's', experiment: 'e' });

it('takes the nearest group of earlier measurements that has any', () => {
  const worker = measured('w', 'other', 'x', 100);
  const study = measured('w', 's', 'x', 50);
  const experiment = measured('w', 's', 'e', 10);
  expect(estimateTime(task, [worker, study, experiment])).toMatchObject({ median_s: 10, basis: 'same experiment' });
  expect(estimateTime(task, [worker, study])).toMatchObject({ median_s: 50, basis: 'same study and worker' });
  expect(estimateTime(task, [worker])).toMatchObject({ median_s: 100, basis: 'same worker' });
});

it('scales others of the worker to its size before it takes them as they are, and ends with a rule', () => {
  const rough = { median_s: 30, low_s: 10, high_s: 90 };
  const study = measured('w', 's', 'x', 50);
  const bySize = { scaled: [8, 9, 10], rough };
  expect(estimateTime(task, [measured('w', 's', 'e', 10)], bySize)).toMatchObject({ basis: 'same experiment' });
  expect(estimateTime(task, [study], bySize)).toEqual({
    median_s: 9,
    low_s: 8,
    high_s: 10,
    from: 3,
    basis: 'same worker, by size',
  });
  expect(estimateTime(task, [study], { scaled: [], rough })).toMatchObject({ basis: 'same study and worker' });
  expect(estimateTime(task, [], { scaled: [], rough })).toEqual({ ...rough, from: 0, basis: 'rule' });
});

it('gives median and range', () => {
  const times = [9, 1, 4, 3].map((time) => measured('w', 's', 'e', time));
  expect(estimateTime(task, times)).toEqual({ median_s: 3.5, low_s: 1, high_s: 9, from: 4, basis: 'same experiment' });
});

it('is null when nothing similar was measured, or its time is unknown', () => {
  expect(estimateTime(task, [measured('another', 's', 'e', 5), measured('w', 's', 'e', null)])).toBeNull();
});

import { expect, test } from 'vitest';
import { longestLane } from '../../../../plugins/nx-study/src/commands/plan/time.ts';
import type { PreviewRow } from '../../../../plugins/nx-study/src/commands/plan/preview.ts';
import { aTask } from '../../measure/task.ts';

type Rows = Parameters<typeof longestLane>[0];

const gap = { min_s: 10, cycle_s: 10, max_s: null, until: null };

/** Rows that are to be measured: the lane of each, and how long it takes; null where nobody knows. */
function planned(...rows: [lane: number, seconds: number | null, next?: PreviewRow['next']][]) {
  const timed: Rows = rows.map(([lane, s, next = 'measure']) => {
    const estimate =
      s === null ? null : { median_s: s, low_s: s / 2, high_s: 2 * s, from: 1, basis: 'same experiment' };
    return { lane, next, estimate, disk_bytes: null } as Rows[number];
  });
  const tasks = rows.flatMap(([lane, , next = 'measure']) => (next === 'measure' ? [aTask({ lane })] : []));
  return longestLane(timed, tasks, gap);
}

test('with a machine for each lane a study takes as long as its longest lane, with the gaps of that', () => {
  expect(planned([1, 100], [2, 60], [1, 100], [2, 30])).toEqual({ expected: 210, low: 110, high: 410 });
  // What is measured already takes no time.
  expect(planned([1, 100], [2, 60], [1, null, 'nothing'], [2, 60])).toEqual({ expected: 130, low: 70, high: 250 });
});

test('no time where nothing is to be measured, or that of one lane is not known', () => {
  expect(planned([1, null, 'nothing'])).toBeNull();
  expect(planned([1, 100], [2, null])).toBeNull();
});

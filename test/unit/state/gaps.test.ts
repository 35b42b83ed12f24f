import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { orderSteps } from '../../../plugins/nx-study/src/plan/order.ts';
import { gapsOf } from '../../../plugins/nx-study/src/state/gaps.ts';
import { ORDERS } from '../../../plugins/nx-study/src/plan/study.ts';

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const gap = { min_s: 10, cycle_s: 100, max_s: 300, until: null };

// Four experiments, three times each: all again and again have two boundaries, one after the other has three.
test.each(ORDERS.map((order) => [order, order === 'sequential' ? 3 : 2] as const))(
  'gaps between cycles, %s',
  (order, boundaries) => {
    const steps = orderSteps(order, { count: 4, times: 3, seed: 1 }, sha256);
    expect(gapsOf(steps, gap)).toEqual({ gaps_s: 10 * (11 - boundaries) + 100 * boundaries, gaps_most_s: null });
  },
);

test('what is done already leaves its gaps out; recovery has a bound, or none', () => {
  const steps = [{ cycle: 1 }, { cycle: 3 }];
  const until = { temperature_rise_c: 3 };
  expect(gapsOf(steps, { ...gap, until })).toEqual({ gaps_s: 100, gaps_most_s: 300 });
  expect(gapsOf(steps, { ...gap, until, max_s: null })).toEqual({ gaps_s: 100, gaps_most_s: null });
  expect(gapsOf([], gap)).toEqual({ gaps_s: 0, gaps_most_s: null });
});

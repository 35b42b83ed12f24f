import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { assignLanes, laneBalance } from '../../../plugins/nx-study/src/plan/lanes.ts';
import { orderSteps } from '../../../plugins/nx-study/src/plan/order.ts';
import type { Order } from '../../../plugins/nx-study/src/plan/types.ts';

const hash = await sha256();
const orders: Order[] = ['sequential', 'interleaved', 'shuffled', 'reverse', 'balanced'];

interface Design {
  count: number;
  times: number;
  lanes: number;
  seed?: number;
  order?: Order;
}

function design({ count, times, lanes, seed = 1, order = 'interleaved' }: Design) {
  const steps = orderSteps(order, { count, times, seed }, hash);
  return { steps, assigned: assignLanes(steps, { count, lanes, seed }, hash) };
}

const balanceOf = (one: Design) => {
  const { steps, assigned } = design(one);
  return laneBalance(steps, assigned, { count: one.count, lanes: one.lanes, seed: one.seed ?? 1 });
};

/** Experiment → lane → how often it is measured there. */
function tableOf(one: Design): number[][] {
  const { steps, assigned } = design(one);
  const table = Array.from({ length: one.count }, () => Array.from({ length: one.lanes }, () => 0));
  for (const [index, { experiment }] of steps.entries()) table[experiment]![assigned[index]! - 1]! += 1;
  return table;
}

const designs = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  times: fc.integer({ min: 1, max: 9 }),
  lanes: fc.integer({ min: 1, max: 8 }),
  seed: fc.nat(1000),
  order: fc.constantFrom(...orders),
});

const spread = (values: number[]) => Math.max(...values) - Math.min(...values);

test('a whole repetition stays on one lane while each lane can have one', () => {
  const { steps, assigned } = design({ count: 2, times: 4, lanes: 2 });
  expect(steps.map(({ repetition }, index) => [repetition, assigned[index]])).toEqual([
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 2],
    [3, 1],
    [3, 1],
    [4, 2],
    [4, 2],
  ]);
});

test('each experiment, and any two of them, meet each lane as evenly as arithmetic allows', () => {
  fc.assert(
    fc.property(designs, (one) => {
      const table = tableOf(one);
      for (const row of table) expect(spread(row)).toBeLessThanOrEqual(1);
      const loads = table[0]!.map((_, lane) => table.reduce((sum, row) => sum + row[lane]!, 0));
      expect(spread(loads)).toBeLessThanOrEqual(1);
      // On one lane, two experiments can differ by no more than what one of them has left over.
      for (const row of table)
        for (const other of table) row.forEach((n, lane) => expect(Math.abs(n - other[lane]!)).toBeLessThanOrEqual(1));
    }),
    { numRuns: 60 },
  );
});

test.each([
  { count: 4, times: 2, lanes: 4 },
  { count: 5, times: 2, lanes: 5 },
  { count: 6, times: 2, lanes: 4 },
  { count: 4, times: 2, lanes: 3 },
  { count: 5, times: 3, lanes: 4 },
  { count: 3, times: 5, lanes: 3 },
  // A balanced incomplete block design: each two experiments on just 2 of the 15 lanes.
  { count: 6, times: 5, lanes: 15 },
])('what is left over is as even as the best of all designs: $count × $times on $lanes', (one) => {
  const table = tableOf(one).map((row) => row.map((n) => n - Math.floor(one.times / one.lanes)));
  const common = table.flatMap((row, index) =>
    table.slice(index + 1).map((other) => row.reduce((sum, n, lane) => sum + n * other[lane]!, 0)),
  );
  // The sum is fixed by the loads, so its squares are least when no two pairs differ by more than 1, where that is possible.
  const mean = common.reduce((sum, n) => sum + n, 0) / common.length;
  expect(Math.max(...common)).toBe(Math.ceil(mean));
  expect(Math.min(...common)).toBe(Math.floor(mean));
});

test('the same study is always divided in the same way', () => {
  const one = { count: 9, times: 5, lanes: 7, order: 'shuffled' as const };
  expect(design(one).assigned).toEqual(design(one).assigned);
  expect(design({ ...one, seed: 2 }).assigned).not.toEqual(design(one).assigned);
});

test('the order within a lane is that of the study', () => {
  const { steps, assigned } = design({ count: 3, times: 4, lanes: 2, order: 'balanced' });
  const first = steps.filter((_, index) => assigned[index] === 1);
  expect(first.map(({ repetition }) => repetition)).toEqual([1, 1, 1, 3, 3, 3]);
});

test('says how even it is', () => {
  expect(balanceOf({ count: 4, times: 6, lanes: 3 })).toEqual({
    lanes: 3,
    measurements: { least: 8, most: 8 },
    times: { least: 2, most: 2 },
    common: { least: 3, most: 3 },
  });
  expect(balanceOf({ count: 4, times: 1, lanes: 3 })).toEqual({
    lanes: 3,
    measurements: { least: 1, most: 2 },
    times: { least: 0, most: 1 },
    common: { least: 0, most: 1 },
  });
  expect(balanceOf({ count: 1, times: 2, lanes: 3 })).toMatchObject({
    measurements: { least: 0, most: 1 },
    common: null,
  });
});

test('divides a large study in little time', () => {
  const { assigned } = design({ count: 300, times: 7, lanes: 4 });
  const loads = [1, 2, 3, 4].map((lane) => assigned.filter((one) => one === lane).length);
  expect(loads).toEqual([525, 525, 525, 525]);
});

import { expect, test } from 'vitest';
import { cpuTimes } from '../../../../plugins/nx-study/src/machine/sensors/cpu-time.ts';
import { treeOf } from '../../../helpers/tree.ts';

test('busy and stolen time, without waiting and without counting guests twice', async () => {
  const stat = `cpu  1000 200 300 9000 400 10 20 500 700 0
cpu0 600 200 300 4000 400 10 20 100 700 0
cpu1 400 0 0 5000 0 0 0 400 0 0
intr 12345 1 2 3
btime 1732500000`;
  expect(cpuTimes(await treeOf({ stat }))).toEqual({
    busy_s: 15.3,
    steal_s: 5,
    each: new Map([
      [0, 11.3],
      [1, 4],
    ]),
  });
});

test('elsewhere than on Linux, by what Node says', () => {
  const { busy_s, steal_s, each } = cpuTimes('/nowhere');
  expect(busy_s).toBeGreaterThan(0);
  expect(steal_s).toBeNull();
  expect(each.size).toBeGreaterThan(0);
});

import { expect, test } from 'vitest';
import { comparisonsTable } from '../../../plugins/nx-study/src/comparisons/table.ts';
import { measuredStudy, timesOf } from './study.ts';

test('each experiment and metric is a row, with reasons where a number is missing', async () => {
  const { comparisons } = await measuredStudy({ base: timesOf(1, 1.1, 1.05), other: timesOf(2, 2.2, null) });
  const { columns } = comparisonsTable('mine', comparisons);
  const rows = columns[0]!.cells.map((_, index) =>
    Object.fromEntries(columns.map(({ name, cells }) => [name, cells[index]])),
  );
  expect(rows).toMatchObject([
    {
      study: 'mine',
      metric: 'time_s',
      unit: 's',
      scale: 'ratio',
      alternative: 'base',
      repetitions: 3,
      interval: "Student's t interval of the geometric mean, computed on logarithms",
      estimate: undefined,
      not_compared: 'it is the baseline',
    },
    {
      alternative: 'other',
      repetitions: 2,
      low: undefined,
      interval: 'no interval below 3 repetitions; there are 2',
      baseline: 'base',
      pairs: 2,
      estimate: 2,
      estimate_low: undefined,
      p: undefined,
      conclusion: 'no interval',
      not_compared: undefined,
    },
  ]);
});

import { expect, test } from 'vitest';
import { SAMPLES, samplesParts } from '../../../plugins/nx-study/src/tables/samples.ts';
import type { Cell } from '../../../plugins/nx-study/src/tables/column.ts';
import { planOf, withRhat, workspaceOf } from '../commands/report/workspace.ts';

const legislator = (key: string, party: string, mean: number) => ({
  legislator: key,
  party,
  votes: 7,
  aligned: { mean, eti90: [mean - 1, mean + 1] },
});

test('the lists of a posterior’s sections are samples: names, attributes, numbers by path', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  const positions = [legislator('99910', 'R', 1.5), legislator('29389', 'D', -1)];
  const sections = { 'ideal-point': { positions, parties: { pair: ['D', 'R'] }, weak: 3 } };
  await write({ id: 'normal-1a2b3c4d', derived: { ...withRhat(1.001), sections } });
  const parts = [...samplesParts(await results())];
  expect(parts).toHaveLength(1);
  const { columns } = parts[0]!;
  expect(columns.map(({ name }) => name)).toEqual(SAMPLES.columns.map(({ name }) => name));
  const rows = columns[0]!.cells.map((_, index) =>
    Object.fromEntries(columns.map(({ name, cells }): [string, Cell] => [name, cells[index]])),
  );
  expect(rows.map(({ item, quantity, value }) => [item, quantity, value])).toEqual([
    ['99910', 'votes', 7],
    ['99910', 'aligned.mean', 1.5],
    ['99910', 'aligned.eti90.0', 0.5],
    ['99910', 'aligned.eti90.1', 2.5],
    ['29389', 'votes', 7],
    ['29389', 'aligned.mean', -1],
    ['29389', 'aligned.eti90.0', -2],
    ['29389', 'aligned.eti90.1', 0],
  ]);
  expect(rows[4]).toMatchObject({
    id: 'normal-1a2b3c4d',
    label: 'normal',
    sample: 'ideal-point.positions',
    index: 1,
    attributes: { legislator: '29389', party: 'D' },
  });
});

test('nothing measured, no samples', async () => {
  const { results } = await workspaceOf(planOf({ normal: {} }));
  expect([...samplesParts(await results())]).toEqual([]);
});

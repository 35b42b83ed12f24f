import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import type { Results } from '../../../plugins/nx-study/src/state/rows.ts';
import { valueOf } from '../../../plugins/nx-study/src/tables/column.ts';
import { OBSERVATIONS, observationsParts } from '../../../plugins/nx-study/src/tables/observations.ts';
import { writeTables } from '../../../plugins/nx-study/src/tables/write.ts';
import { planOf, withRhat, workspaceOf } from '../commands/report/workspace.ts';

const loo = (elpd_i: number[], more: JsonObject = {}): JsonObject => ({
  left_out: 'one vote',
  density: 'probabilities',
  elpd_loo: -3,
  se: 1,
  p_loo: 0.5,
  observations: elpd_i.length,
  draws_used: 4000,
  pareto_k: { limit: 0.7, above: 0, at: [], worst: [] },
  observed_sha256: 'abc',
  elpd_i,
  p_loo_i: elpd_i.map((elpd) => -elpd / 10),
  pareto_k_i: elpd_i.map(() => 0.1),
  ess_i: elpd_i.map((elpd) => 1000 + elpd),
  ...more,
});

const rowsOf = (results: Results) =>
  [...observationsParts(results)].flatMap(({ columns }) =>
    columns[0]!.cells.map((_, row) => Object.fromEntries(columns.map((column) => [column.name, valueOf(column, row)]))),
  );

async function measured(derived: JsonObject | null) {
  const { write, results, workspaceRoot } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id: 'normal-1a2b3c4d', derived: derived && { ...withRhat(1.001), ...derived } });
  return { results, workspaceRoot };
}

test('each observation has a row with its numbers; one that is not reliable is named', async () => {
  const worst = [{ observation: 1, item: 'BYRD, s109-499', pareto_k: null, elpd: -2, p_loo: 0.2, ess: 998 }];
  const { results } = await measured({
    loo: loo([-1, -2], { pareto_k: { limit: 0.7, above: 1, at: [1], worst }, pareto_k_i: [0.25, null] }),
  });
  const [first, second, ...none] = rowsOf(await results());
  expect(none).toEqual([]);
  expect(first).toMatchObject({ id: 'normal-1a2b3c4d', label: 'normal', state: 'measured', host: 'bench' });
  const numbers = { observation: 0, elpd: -1, p_loo: 0.1, pareto_k: 0.25, ess: 999, reliable: true };
  expect(first).toMatchObject({ ...numbers, variable: undefined, item: undefined, observed_sha256: 'abc' });
  expect(second).toMatchObject({ observation: 1, elpd: -2, p_loo: 0.2, ess: 998, reliable: false });
  expect(second).toMatchObject({ item: 'BYRD, s109-499', pareto_k: undefined, reason: undefined });
});

test('several observed variables follow one another in their order; one without numbers has the reason', async () => {
  const { results } = await measured({
    loo: null,
    loo_by: { y: loo([-1, -2]), '10': null, z: loo([-3], { observed_sha256: 'def', elpd_i: null }) },
    reasons: { 'loo_by.10': 'needs 100 draws', 'loo_by.z.elpd_i': 'too many' },
  });
  const rows = rowsOf(await results()).map((row) => [row['variable'], row['observation'], row['elpd'], row['reason']]);
  expect(rows).toEqual([
    ['10', undefined, undefined, 'needs 100 draws'],
    ['y', 0, -1, undefined],
    ['y', 1, -2, undefined],
    ['z', undefined, undefined, 'too many'],
  ]);
});

test.each<[string, JsonObject | null, RegExp]>([
  ['without diagnostics', null, /^not derived/],
  ['without leave-one-out cross-validation', {}, /^derived.json has no leave-one-out cross-validation$/],
  ['where it could not be computed', { loo: null, reasons: { loo: 'needs 100 draws' } }, /^needs 100 draws$/],
])('a posterior %s has a row that says so', async (_, derived, reason) => {
  const { results } = await measured(derived);
  const rows = rowsOf(await results());
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ id: 'normal-1a2b3c4d', elpd: undefined, reason: expect.stringMatching(reason) });
});

test('parts have all rows, and no more than a row group each', async () => {
  const { results } = await measured({ loo: loo(Array.from({ length: 150_001 }, (_, index) => -index)) });
  const parts = [...observationsParts(await results())];
  expect(parts.map(({ columns }) => columns[0]!.cells.length)).toEqual([100_000, 50_001]);
  const elpd = parts.flatMap(({ columns }) => columns.find(({ name }) => name === 'elpd')!.cells);
  expect(elpd.every((value, index) => value === -index)).toBe(true);
});

test('the file is written when it is asked for, and never older than the other tables', async () => {
  const { write, results, workspaceRoot } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id: 'normal-1a2b3c4d', derived: { ...withRhat(1.001), loo: loo([-1, -2]) } });
  const folder = join(workspaceRoot, await writeTables(workspaceRoot, await results()));
  expect(await readdir(folder)).not.toContain('observations.parquet');
  const file = join(folder, 'observations.parquet');
  const read = async () => parquetReadObjects({ file: await asyncBufferFromFile(file) });
  await writeTables(workspaceRoot, await results(), { observations: true });
  expect(await read()).toMatchObject([
    { label: 'normal', observation: 0n, elpd: -1 },
    { label: 'normal', observation: 1n, elpd: -2 },
  ]);
  const { tables } = JSON.parse(await readFile(join(folder, 'schema.json'), 'utf8'));
  expect(tables).toContainEqual(OBSERVATIONS);
  await write({ id: 'lognormal-1a2b3c4d', derived: { ...withRhat(1.001), loo: loo([-7]) } });
  await writeTables(workspaceRoot, await results());
  expect((await read()).map(({ elpd }) => elpd)).toEqual([-1, -2, -7]);
});

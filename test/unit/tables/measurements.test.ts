import { expect, test } from 'vitest';
import { measurementsTable } from '../../../plugins/nx-study/src/tables/measurements.ts';
import type { Column, Table } from '../../../plugins/nx-study/src/tables/column.ts';
import { planOf, workspaceOf } from '../commands/report/workspace.ts';
import { realJson } from '../kinds/posterior/real.ts';

const id = 'normal-1a2b3c4d';

const columnOf = ({ columns }: Table, name: string): Column => columns.find((column) => column.name === name)!;

test('each column has a type, a unit, a meaning and a cell for every row', async () => {
  const skipped = [{ worker: 'ideal-point', written: { draws: -1 }, varied: {}, reason: 'too few' }];
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }, 2, { skipped }));
  await write({ id });
  const table = measurementsTable(await results());
  expect(new Set(table.columns.map(({ cells }) => cells.length))).toEqual(new Set([5]));
  expect(table.columns.filter(({ description }) => description.trim() === '')).toEqual([]);
  expect(new Set(table.columns.map(({ name }) => name)).size).toBe(table.columns.length);
  expect(columnOf(table, 'rss_peak_bytes')).toMatchObject({ type: 'number', unit: 'bytes' });
  expect(columnOf(table, 'seed')).toMatchObject({ type: 'integer', unit: '' });
  expect(columnOf(table, 'started_at')).toMatchObject({ type: 'time', cells: ['2026-03-01T10:00:00Z', ...gone(4)] });
  expect(columnOf(table, 'baseline').type).toBe('boolean');
});

const gone = (count: number) => Array.from({ length: count }, () => undefined);

test('a setting has the type that its values have, and is JSON where they differ', async () => {
  const of = (configuration: object) => ({ configuration: { ...configuration } });
  const plan = planOf({
    a: of({ batch: 1, rate: 1, kv: 'q8_0', flash: true, size: 'auto', list: [1], none: null }),
    b: of({ batch: 2, rate: 0.5, kv: 'f16', flash: false, size: 4, list: [], none: null }),
    c: of({ batch: null }),
  });
  const { results } = await workspaceOf(plan);
  const table = measurementsTable(await results());
  const types = Object.fromEntries(
    table.columns.flatMap(({ name, type }) =>
      name.startsWith('configuration.') ? [[name.slice('configuration.'.length), type]] : [],
    ),
  );
  expect(types).toEqual({
    batch: 'integer',
    rate: 'number',
    kv: 'text',
    flash: 'boolean',
    size: 'json',
    list: 'json',
    none: 'text',
  });
});

test('versions, phases and the machine have columns of their own', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  const phase = (name: string, elapsed_s: number | null) => ({ phase: name, start_s: 0, elapsed_s });
  await write({
    id,
    record: {
      phases: [phase('sampling', 1.5), phase('writing', null), phase('sampling', 2)],
      machine: {
        cpu: 'A',
        memory: { installed_bytes: { value: 8, reason: null } },
        power: { value: null, reason: 'no' },
      },
      environment_versions: { uv: '0.9' },
    },
  });
  const table = measurementsTable(await results());
  expect(columnOf(table, 'phase.sampling_s')).toMatchObject({ unit: 's', type: 'number', cells: [3.5, undefined] });
  expect(columnOf(table, 'phase.writing_s').cells).toEqual([undefined, undefined]);
  expect(columnOf(table, 'machine.memory.installed_bytes').cells).toEqual([8, undefined]);
  expect(columnOf(table, 'machine.power').cells).toEqual([undefined, undefined]);
  expect(columnOf(table, 'version.uv').cells).toEqual(['0.9', undefined]);
});

test('the mean of a posterior has its standard deviation, interval and Monte Carlo error beside it', async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  const derived = realJson('normal');
  derived.estimates.party_gap_sd = { ...derived.estimates.apre, mean: 7 };
  await write({ id, derived });
  const table = measurementsTable(await results());
  const { mean, sd, eti90, mcse_mean } = derived.estimates.party_gap;
  for (const [end, value] of Object.entries({ '': mean, _sd: sd, _low: eti90[0], _high: eti90[1], _mcse: mcse_mean }))
    expect(columnOf(table, `party_gap${end}`)).toMatchObject({ type: 'number', cells: [value, undefined] });
  expect(columnOf(table, 'party_gap_low').description).toContain('middle 90 %');
  // A quantity of the worker that has the same name stays, too.
  expect(columnOf(table, 'metric.party_gap_sd').cells).toEqual([7, undefined]);
  expect(table.columns.filter(({ name }) => name.startsWith('apre_'))).toEqual([]);
  expect(new Set(table.columns.map(({ name }) => name)).size).toBe(table.columns.length);
});

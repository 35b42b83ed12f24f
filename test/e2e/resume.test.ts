import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hits } from '../helpers/nx-output.ts';
import { writePlans } from '../helpers/plans.ts';
import { labelOf, waitFor } from '../helpers/starts.ts';
import { createWorkspace, subfolders } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const letters = `
description: Three measurements
worker: scripted
sweep: {value: [1, 2]}
experiments:
  - {label: from-data, data: ../data/number.txt}
repeat: {times: 1, order: sequential}
execution: {gap: {min_s: 0}}
`;

const create = (study = letters, files: Record<string, string> = {}) =>
  createWorkspace({
    workers: ['scripted'],
    studies: { letters: study },
    files: { 'studies/data/number.txt': '40\n', ...files },
  });

const study = 'studies/letters/study.yaml';
/** Commits its plan, as users do: without it all measurements follow each edit of the study, and are reused. */
const withPlan = async (workspace: Workspace, name = 'letters'): Promise<Workspace> => {
  await writePlans(workspace, name);
  return workspace;
};

const finishedLabels = ({ finished }: Workspace, name = 'letters') => finished(name).map(({ id }) => labelOf(id));

test('what is added to a study is measured, and nothing else', async () => {
  const workspace = await withPlan(await create());
  const { measure, edit } = workspace;
  await measure();
  await edit(study, '[1, 2]', '[1, 1.5, 2]');
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['value-1-5'] });
  await withPlan(workspace);
  await measure();
  await edit(study, 'times: 1', 'times: 2');
  const topped = await measure();
  expect(topped.started).toEqual(['value-1-r2', 'value-1-5-r2', 'value-2-r2', 'from-data-r2']);
  expect(hits(topped.all)).toBe(4);
  await edit(study, 'times: 2', 'times: 1');
  await edit(study, '[1, 1.5, 2]', '[2]');
  expect((await measure()).started).toEqual([]);
});

test('settings that say how, not what, measure nothing again', async () => {
  const { measure, edit, write, read } = await withPlan(await create());
  await measure();
  await edit(study, 'min_s: 0', 'min_s: 1');
  await edit(study, 'Three measurements', 'The same three measurements');
  await edit(study, 'order: sequential', 'order: shuffled');
  await write(study, `${await read(study)}limits: {measurements: 50}\n`);
  const again = await measure();
  expect(again).toMatchObject({ exitCode: 0, started: [] });
  expect(hits(again.all)).toBe(3);
});

test('a failed gate is a finished result, and another gate measures nothing again', async () => {
  const chains = { workers: ['posterior'], studies: { chains: 'worker: posterior\nsweep: {draws: [100, 200]}\n' } };
  const { measure, command, write, read, finished } = await withPlan(await createWorkspace(chains), 'chains');
  expect((await measure()).exitCode).toBe(0);
  const before = finished('chains');
  expect((await command(['chains:report'])).all).toContain('2 FAIL');
  await write('studies/chains/study.yaml', `${await read('studies/chains/study.yaml')}gates: {rhat_max: 1.05}\n`);
  const again = await measure();
  expect(again.exitCode).toBe(0);
  expect(hits(again.all)).toBe(2);
  expect(finished('chains')).toEqual(before);
  const report = (await command(['chains:report'])).all;
  expect(report).toContain('2 PASS');
  expect(report).toContain('RELAXED by this study: rhat_max < 1.05');
});

test('an edit of the measuring code measures all again, one of the deriving code only derives', async () => {
  const { measure, command, edit, finished } = await create();
  await measure();
  await edit('workers/scripted/derive.mjs', '2 * measured', '1 + 2 * measured');
  const planned = await command(['letters:plan']);
  expect(planned.all).toContain('deriving code changed');
  const derived = await measure();
  expect(derived).toMatchObject({ exitCode: 0, started: [] });
  expect(derived.all.match(/diagnostics derived again, nothing measured/g)).toHaveLength(3);
  const record = finished('letters').find(({ id }) => id.startsWith('value-2-'))!;
  expect(record.outcome).toBe('measured');

  await edit('workers/scripted/measure.mjs', 'const run', '// edited\nconst run');
  const changed = await command(['letters:plan']);
  expect(changed.all.match(/changed: measuring code/g)).toHaveLength(3);
  expect((await measure()).started).toEqual(['value-1', 'value-2', 'from-data']);
  expect(await measure()).toMatchObject({ exitCode: 0, started: [] });
});

test('derived values are those of the present deriving code, also when Nx restores a measurement', async () => {
  const { measure, edit, root } = await create();
  const doubled = async () => {
    const [id] = (await measure(['--verbose'])).all.match(/value-2-[0-9a-f]{8}/)!;
    const [folder] = subfolders(join(root, 'results/letters', id));
    return JSON.parse(await readFile(join(folder!, 'derived.json'), 'utf8')).payload.doubled_count;
  };
  expect(await doubled()).toBe(4);
  await edit('workers/scripted/derive.mjs', '2 * measured', '1 + 2 * measured');
  expect(await doubled()).toBe(5);
  await edit('workers/scripted/derive.mjs', '1 + 2 * measured', '2 * measured');
  expect(await doubled()).toBe(4);
});

test('a second run starts no worker: with the cache of Nx, which also brings deleted results back, and without', async () => {
  const { measure, edit, root, finished } = await create();
  const first = await measure();
  expect(first).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2', 'from-data'] });
  const second = await measure();
  expect(second).toMatchObject({ exitCode: 0, started: [] });
  expect(hits(second.all)).toBe(3);

  const before = finished('letters');
  await rm(join(root, 'results'), { recursive: true });
  expect(await measure()).toMatchObject({ exitCode: 0, started: [] });
  expect(finished('letters')).toEqual(before);

  await edit('nx.json', '"analytics": false', '"analytics": false, "parallel": 2');
  const edited = await measure();
  expect(edited).toMatchObject({ exitCode: 0, started: [] });
  expect(edited.all.match(/reused from the records on disk/g)).toHaveLength(3);

  await rm(join(root, '.nx'), { recursive: true });
  const uncached = await measure();
  expect(uncached).toMatchObject({ exitCode: 0, started: [] });
  expect(uncached.all.match(/reused from the records on disk/g)).toHaveLength(3);

  const skipping = await measure(['--skip-nx-cache']);
  expect(skipping).toMatchObject({ exitCode: 0, started: [] });
  expect(skipping.all.match(/reused from the records on disk/g)).toHaveLength(3);
});

test('a damaged result is shown without its number, not reused, and not overwritten', async () => {
  const { measure, edit, nx, command, root, finished } = await create();
  await measure();
  const record = finished('letters').find(({ id }) => id.startsWith('value-1-'));
  const file = `results/letters/${record!.id}/${record!.digest.slice(0, 12)}/result.json`;
  // As long as before.
  await edit(file, /("\w+_count":\s*)\d/, '$17');
  const edited = await readFile(join(root, file), 'utf8');
  const report = await command(['letters:report', '--width', '200']);
  expect(report.exitCode).toBe(0);
  expect(report.all).toMatch(/value-1-\w+ .*damaged/);
  expect(report.all).toContain('1 measurement DAMAGED');
  expect(report.all).toMatch(/value-1-\w+: result\.json is not the one that record\.json names/);
  await rm(join(root, '.nx'), { recursive: true });
  const again = await measure();
  expect(again).toMatchObject({ exitCode: 0, started: ['value-1'] });
  expect(again.all).toContain("it was measured, but doesn't count any more: result.json is not the one");
  expect(await readFile(join(root, 'results/letters/failed', record!.id, '001/result.json'), 'utf8')).toBe(edited);
  expect((await nx(['run', 'letters:status'])).all).toContain('3 of 3 measured');
});

test('a renamed study and a renamed experiment keep their measurements', async () => {
  const workspace = await create();
  const { measure, edit, root, finished } = workspace;
  await measure();
  await edit(study, 'label: from-data', 'label: renamed');
  const relabelled = await measure();
  expect(relabelled).toMatchObject({ exitCode: 0, started: [] });
  expect(relabelled.all).toMatch(/renamed: already measured, reused from results\/letters\/from-data-/);
  expect(finishedLabels(workspace)).toContain('renamed');

  await rename(join(root, 'studies/letters'), join(root, 'studies/numbers'));
  const renamed = await measure();
  expect(renamed).toMatchObject({ exitCode: 0, started: [] });
  expect(renamed.all.match(/reused from results\/letters\//g)).toHaveLength(3);
  expect(finishedLabels(workspace, 'numbers')).toEqual(['renamed', 'value-1', 'value-2']);
  expect(finished('numbers').every((record) => record.study === 'numbers')).toBe(true);
});

test('an edited data file measures again what uses it; so do a passed variable and a higher take', async () => {
  const { measure, command, write, finished, root } = await create();
  await measure();
  await write('studies/data/number.txt', '41\n');
  expect((await command(['letters:plan'])).all).toContain('changed: contents of data');
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['from-data'] });
  await write('studies/data/number.txt', '40\n');
  expect((await measure()).started).toEqual([]);

  const env = { SCRIPTED_FLAVOUR: 'vanilla' };
  expect((await command(['letters:plan'], { env })).all).toContain('changed: passed environment variables');
  expect((await measure([], { env })).started).toEqual(['value-1', 'value-2', 'from-data']);
  expect((await measure([], { env })).started).toEqual([]);
  expect((await measure()).started).toEqual([]);

  const { id } = finished('letters').find(({ label }) => label === 'value-1')!;
  const takes = subfolders(join(root, 'results/letters', id));
  await write('studies/letters/takes.json', JSON.stringify({ [id]: 2 }));
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['value-1'] });
  const further = subfolders(join(root, 'results/letters', id)).filter((folder) => !takes.includes(folder));
  expect([takes.length, further.length]).toEqual([2, 1]);
});

test('a data file edited while it is measured spoils that measurement only', async () => {
  const slow = letters.replace('from-data,', 'from-data, sleep_s: 2,');
  const { startNx, starts, measure, write, finished, failed } = await create(slow);
  const running = startNx(['run-many', '-t', 'measure']);
  await waitFor('the measurement of the data', () => starts().some(({ label }) => label === 'from-data'));
  await write('studies/data/number.txt', '41\n');
  const { exitCode, all } = await running;
  expect(exitCode).toBe(1);
  expect(all).toContain('contents of data changed while it was measured');
  expect(finished('letters')).toHaveLength(2);
  const [record] = failed('letters');
  expect(record!.failure).toMatchObject({ type: 'changed-during-run' });
  expect(record!.files.map(({ path }) => path)).toContain('samples.txt');

  expect(await measure()).toMatchObject({ exitCode: 0, started: ['from-data'] });
  expect(hits((await measure()).all)).toBe(3);
});

test('a data file edited before its turn is not measured, as Nx read the study before', async () => {
  const slow = letters.replace('sweep: {value: [1, 2]}', 'sweep: {value: [1], sleep_s: [3]}');
  const { startNx, starts, measure, write, failed } = await create(slow);
  const running = startNx(['run-many', '-t', 'measure']);
  await waitFor('the first measurement', () => starts()[0]);
  await write('studies/data/number.txt', '41\n');
  const { exitCode, all } = await running;
  expect(exitCode).toBe(1);
  expect(all).toContain('its code or data changed after Nx had read the study: nothing was measured');
  expect(all).toContain('If it says this again, run nx reset first');
  expect(starts()).toHaveLength(1);
  expect(failed('letters')).toEqual([]);
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['from-data'] });
});

test('what two studies have in common is measured once', async () => {
  const { measure, finished } = await createWorkspace({
    workers: ['scripted'],
    studies: { one: 'worker: scripted\nsweep: {value: [1, 2]}\n', two: 'worker: scripted\nsweep: {value: [2, 3]}\n' },
  });
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2', 'value-3'] });
  expect(finished('two').map(({ reused_from }) => reused_from !== null)).toEqual([true, false]);
});

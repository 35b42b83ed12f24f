import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const create = (studies: Record<string, string>, workers = ['scripted']) => createWorkspace({ workers, studies });
const folderOf = ({ root }: Workspace, { study, id, digest }: MeasurementRecord) =>
  join(root, 'results', study, id, digest.slice(0, 12));
const forgetCache = ({ root }: Workspace) => rm(join(root, '.nx'), { recursive: true });

/** Puts a finished attempt back to where it lay before its supervisor moved it. */
async function asBeforeTheMove(workspace: Workspace, record: MeasurementRecord, from: string): Promise<void> {
  const { host, boot } = record.supervisor;
  const owner = `${host.replaceAll('.', '_')}@${boot.slice(0, 8)}@999999`;
  const partial = `${folderOf(workspace, record)}.${owner}.partial`;
  await mkdir(join(partial, '..'), { recursive: true });
  await rename(from, partial);
}

test('a failure whose supervisor was killed before it was moved stays a failure, though its result is complete', async () => {
  const workspace = await create({ s: studyOf([{ label: 'a', ending: 'result-then-exit-1' }]) });
  await workspace.measure();
  const [record] = workspace.failed('s');
  await asBeforeTheMove(workspace, record!, join(workspace.root, 'results/s/failed', record!.id, '001'));
  const next = await workspace.measure();
  expect(next).toMatchObject({ exitCode: 1, started: ['a'] });
  expect(workspace.finished('s')).toEqual([]);
  expect(workspace.failed('s')).toMatchObject([{ failure: { type: 'crash' } }, { failure: { type: 'crash' } }]);
});

test('a success whose supervisor was killed before it was moved is kept as it was', async () => {
  const workspace = await create({ s: studyOf([{ label: 'a' }]) });
  await workspace.measure();
  const [record] = workspace.finished('s');
  await asBeforeTheMove(workspace, record!, folderOf(workspace, record!));
  await forgetCache(workspace);
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
  expect(workspace.finished('s')).toEqual([record]);
});

test('what goes wrong while watching ends the worker before the next one starts', async () => {
  const workspace = await create({ s: 'worker: shell\nsweep: {number: [1, 2]}\n' }, ['shell']);
  // A folder in the place of the events file can't be read.
  const script = 'cd "$1" && mkdir events.jsonl && echo begin $$ >> ../../../../trace && sleep 30\n';
  await workspace.write('workers/shell/measure.sh', script);
  const run = await workspace.measure();
  expect(run.exitCode).toBe(1);
  const trace = await readFile(join(workspace.root, 'trace'), 'utf8');
  const pids = trace.split('\n').flatMap((line) => (line.startsWith('begin ') ? [Number(line.slice(6))] : []));
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a failure that is declared expected afterwards counts from then on, also a settled one', async () => {
  const workspace = await create({ s: studyOf([{ label: 'big', ending: 'reported-oom' }]) });
  expect(await workspace.measure()).toMatchObject({ exitCode: 1, started: ['big'] });
  await workspace.edit('studies/s/study.yaml', '"ending"', '"expect":"failed","ending"');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
  expect((await workspace.command(['s:plan'])).all).toContain('failed as expected (oom)');
});

test('an expectation that comes and goes never overwrites what was measured', async () => {
  const workspace = await create({ s: studyOf([{ label: 'a', expect: 'failed' }]) });
  workspace.script({ a: { ending: 'exit-3' } });
  await workspace.measure();
  const expecting = await workspace.read('studies/s/study.yaml');
  await workspace.edit('studies/s/study.yaml', ',"expect":"failed"', '');
  for (let run = 0; run < 2; run += 1) await workspace.measure();
  const before = workspace.finished('s');
  expect(before).toHaveLength(1);
  await workspace.write('studies/s/study.yaml', expecting);
  await workspace.measure();
  expect(workspace.finished('s')).toEqual(before);
});

test('draws that are not those that were measured are not derived from', async () => {
  const workspace = await create({ s: studyOf([{ label: 'a', value: 2 }]) });
  await workspace.measure();
  const [record] = workspace.finished('s');
  const samples = join(folderOf(workspace, record!), 'samples.txt');
  await writeFile(samples, (await readFile(samples, 'utf8')).replace('2', '9'));
  await workspace.edit('workers/scripted/derive.mjs', '2 * measured', '3 * measured');
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 0, started: ['a'] });
  expect(run.all).toContain('samples.txt is not the file that was measured any more');
  const derived = await readFile(join(folderOf(workspace, record!), 'derived.json'), 'utf8');
  expect(JSON.parse(derived).payload).toEqual({ doubled_count: 6 });
});

test('where the draws are missing, the diagnostics of earlier code stay, and the report says so', async () => {
  const workspace = await create({ s: studyOf([{ label: 'a' }]) });
  await workspace.measure();
  const [record] = workspace.finished('s');
  await rm(join(folderOf(workspace, record!), 'samples.txt'));
  await workspace.edit('workers/scripted/derive.mjs', '2 * measured', '3 * measured');
  expect((await workspace.command(['s:plan'])).all).toMatch(/1 of 1 done/);
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 0, started: [] });
  expect(run.all).toContain('samples.txt is on another machine');
});

test('side files in files/ travel with the cache of Nx', async () => {
  const workspace = await create({ s: 'worker: shell\nsweep: {number: [1]}\n' }, ['shell']);
  const result = `{"protocol":1,"kind":"values","payload":{"a_count":1},"files":[{"path":"files/side.txt","sha256":"$(sha256sum files/side.txt | cut -d" " -f1)"}]}`;
  const script = `cd "$1" && mkdir files && echo side > files/side.txt && cat > result.json <<EOT\n${result}\nEOT\n`;
  await workspace.write('workers/shell/measure.sh', script);
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });
  const [record] = workspace.finished('s');
  await rm(join(workspace.root, 'results'), { recursive: true });
  expect((await workspace.measure()).all).toContain('Nx read the output from the cache');
  expect(await readFile(join(folderOf(workspace, record!), 'files/side.txt'), 'utf8')).toBe('side\n');
});

test('measuring code behind a link counts, and a linked folder is refused', async () => {
  const workspace = await create({ s: 'worker: shell\nsweep: {number: [1]}\n' }, ['shell']);
  const { root } = workspace;
  await mkdir(join(root, 'shared'));
  await cp(join(root, 'workers/shell/measure.sh'), join(root, 'shared/measure.sh'));
  await rm(join(root, 'workers/shell/measure.sh'));
  await symlink('../../shared/measure.sh', join(root, 'workers/shell/measure.sh'));
  await workspace.measure();
  await workspace.edit('shared/measure.sh', '42', '43');
  expect((await workspace.command(['s:plan'])).all).toContain('changed: measuring code');
  await workspace.measure();
  expect(workspace.finished('s')).toHaveLength(2);
  await symlink('../../shared', join(root, 'workers/shell/lib'));
  await workspace.edit('workers/shell/worker.json', '"measure.sh"]', '"measure.sh", "lib"]');
  const refused = await workspace.measure();
  expect(refused.exitCode).toBe(1);
  expect(refused.all).toContain('workers/shell/lib is a link to a folder');
});

import { rm } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace, subfolders } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const three = studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }]);
const create = (study = three) => createWorkspace({ workers: ['scripted'], studies: { hello: study } });

const folderOf = ({ root }: Workspace, label: string) =>
  join(
    root,
    'results/hello',
    readdirSync(join(root, 'results/hello')).find((name) => name.startsWith(`${label}-`))!,
  );

async function targetDefaults({ read, write }: Workspace, defaults: object): Promise<void> {
  const nxJson = JSON.parse(await read('nx.json')) as object;
  await write('nx.json', JSON.stringify({ ...nxJson, targetDefaults: defaults }));
}

test('what is removed or damaged while the run goes on is measured again before Nx caches it', async () => {
  const workspace = await create();
  workspace.script({ c: { hold: 'measuring' } });
  const running = workspace.startNx(['run', 'hello:measure']);
  await vi.waitFor(() => expect(workspace.starts().map(({ label }) => label)).toEqual(['a', 'b', 'c']), {
    timeout: 120_000,
    interval: 50,
  });
  await rm(folderOf(workspace, 'a'), { recursive: true });
  const [digest] = readdirSync(folderOf(workspace, 'b')) as [string];
  const result = join('results/hello', folderOf(workspace, 'b').split('/').at(-1)!, digest, 'result.json');
  await workspace.write(result, (await workspace.read(result)).replace(/\d+/, '7'));
  workspace.script({});
  expect(await running).toMatchObject({
    exitCode: 0,
    all: expect.stringContaining('removed or damaged while this run'),
  });
  expect(workspace.starts().map(({ label }) => label)).toEqual(['a', 'b', 'c', 'a', 'b']);
  expect(workspace.finished('hello')).toHaveLength(3);
  await rm(join(workspace.root, 'results'), { recursive: true });
  const again = await workspace.measure();
  expect(again).toMatchObject({ exitCode: 0, started: [], all: expect.stringContaining('Cache:             3/4') });
  expect(workspace.finished('hello')).toHaveLength(3);
});

test('the measure target of a study fails where a result is missing, and what it says to do helps', async () => {
  const workspace = await create();
  const { nx, root } = workspace;
  const excluded = await nx(['run', 'hello:measure', '--excludeTaskDependencies']);
  expect(excluded.exitCode).toBe(1);
  expect(excluded.all).toMatch(/3 without a complete result on disk: a-\w+, b-\w+, c-\w+\n.*\bnx run hello:measure\n/);
  expect((await nx(['run', 'hello:measure'])).exitCode).toBe(0);
  expect((await nx(['run', 'hello:measure', '--excludeTaskDependencies'])).exitCode).toBe(0);

  // As if Nx had cached one that was gone.
  const [name] = folderOf(workspace, 'b').split('/').slice(-1) as [string];
  for (const entry of subfolders(join(root, '.nx/cache')))
    await rm(join(entry, 'results/hello', name), { recursive: true, force: true });
  await rm(folderOf(workspace, 'b'), { recursive: true });
  for (const time of [1, 2]) {
    const lost = await nx(['run', 'hello:measure']);
    expect({ time, ...lost }).toMatchObject({ exitCode: 1, all: expect.stringContaining('nx reset --onlyCache') });
  }
  await nx(['reset', '--onlyCache']);
  expect((await nx(['run', 'hello:measure'])).exitCode).toBe(0);
  expect((await nx(['run', 'hello:measure'])).exitCode).toBe(0);
  expect(workspace.finished('hello')).toHaveLength(3);
  expect(workspace.starts().map(({ label }) => label)).toEqual(['a', 'b', 'c', 'b']);
});

test('what failed as expected is not missing, and what failed otherwise is', async () => {
  const workspace = await create(
    studyOf([{ label: 'a' }, { label: 'b', ending: 'reported-oom' }], 'expect: {failed: [{ending: reported-oom}]}\n'),
  );
  const expected = await workspace.nx(['run', 'hello:measure']);
  expect(expected).toMatchObject({ exitCode: 0, all: expect.stringContaining('1 measured, 1 failed as expected') });
  await workspace.edit('studies/hello/study.yaml', /expect.*\n/, '');
  const run = await workspace.nx(['run', 'hello:measure']);
  expect(run.exitCode).toBe(1);
  const alone = await workspace.nx(['run', 'hello:measure', '--excludeTaskDependencies']);
  expect(alone).toMatchObject({ exitCode: 1, all: expect.stringMatching(/1 failed: b-/) });
});

test('targetDefaults that would let a run end green with nothing measured are refused by name', async () => {
  const workspace = await create();
  await targetDefaults(workspace, { measure: { dependsOn: ['^build'] }, report: { cache: true } });
  for (const target of ['measure', 'report', 'plan']) {
    const { exitCode, all } = await workspace.nx(['run', `hello:${target}`]);
    expect(exitCode).toBe(1);
    expect(all).toContain('nx.json: targetDefaults.measure: "dependsOn"');
    expect(all).toContain('nx.json: targetDefaults.report: "cache"');
  }
  // Without files of its own to hash, the study would be no project to Nx, and this its only word.
  for (const inputs of [
    ['default', '^default'],
    ['...', 'default'],
  ]) {
    await targetDefaults(workspace, { measure: { inputs } });
    const { exitCode, all } = await workspace.nx(['run', 'hello:measure']);
    expect({ exitCode, all }).toMatchObject({ exitCode: 1, all: expect.stringContaining('.measure: "inputs"') });
    expect(all).not.toContain('not found');
  }
  await targetDefaults(workspace, { measure: { dependsOn: ['...', '^build'] } });
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: ['a', 'b', 'c'] });
});

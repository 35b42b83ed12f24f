import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cloneWorkspace, commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const numbers = 'worker: scripted\nsweep: {value: [1, 2]}\n';

const nxJson = (options: object, more: object = {}) =>
  `${JSON.stringify({ plugins: [{ plugin: 'nx-study/plugin', options }], neverConnectToCloud: true, analytics: false, ...more })}\n`;

/** Moves the workers and replaces nx.json. */
async function configure(workspace: Workspace, options: object, more?: object): Promise<void> {
  await mkdir(join(workspace.root, 'measuring'), { recursive: true });
  await rename(join(workspace.root, 'workers'), join(workspace.root, 'measuring/workers'));
  await workspace.write('nx.json', nxJson(options, more));
  await commit(workspace);
}

test('folders, names of targets and results elsewhere: measured, reused, reported, and the texts name them', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: {},
    files: {
      'measuring/first/study.yaml': numbers,
      'packages/lib/project.json': '{ "name": "lib" }\n',
      'packages/lib/studies/second/study.yaml': numbers.replace('[1, 2]', '[3]'),
      'packages/lib/studies/second/project.json':
        '{ "name": "lib-speed", "tags": ["gpu"], "targets": { "clean": { "command": "echo cleaned" } } }\n',
    },
  });
  const results = join(workspace.home, 'other-disk');
  await configure(
    workspace,
    {
      studies: ['measuring', 'packages/*/studies'],
      workers: 'measuring/workers',
      results,
      measureTargetName: 'bench',
      reportTargetName: 'summary',
      chain: 'projects',
    },
    { sync: { globalGenerators: ['nx-study:sync'] } },
  );
  const { nx, starts, root } = workspace;

  const first = await nx(['run-many', '-t', 'bench']);
  expect(first).toMatchObject({ exitCode: 0 });
  expect(starts()).toHaveLength(3);
  expect(existsSync(join(root, 'results'))).toBe(false);
  expect(readdirSync(results).toSorted()).toEqual(['first', 'second']);

  // Nx keeps nothing outside of the workspace: the records there decide.
  const again = await nx(['run-many', '-t', 'bench']);
  expect(again).toMatchObject({ exitCode: 0 });
  expect(starts()).toHaveLength(3);
  await rm(join(results, 'second'), { recursive: true });
  expect(await nx(['run', 'lib-speed:bench'])).toMatchObject({ exitCode: 0 });
  expect(starts()).toHaveLength(4);

  const report = await nx(['run', 'lib-speed:summary', '--bundle']);
  expect(report.all).toContain(`${results}/second/report/index.html`);
  expect(existsSync(join(results, 'second/report/measurements.parquet'))).toBe(true);
  expect(existsSync(join(results, 'second/report/second.zip'))).toBe(true);
  const sql = 'select study, count(*) as measured from all_measurements group by study order by study';
  const answer = await nx(['run', 'lib-speed:query', '--format=csv', `--sql=${sql}`]);
  expect(answer.all).toMatch(/first,2\r?\nsecond,1/);
  expect((await nx(['run', 'lib-speed:clean'])).all).toContain('cleaned');
  expect((await nx(['show', 'projects', '-p', 'tag:gpu'])).all).toContain('lib-speed');

  await nx(['sync']);
  await commit(workspace);
  expect(existsSync(join(root, 'packages/lib/studies/second/study.lock'))).toBe(true);
  await workspace.edit('measuring/first/study.yaml', '[1, 2]', '[1, 2, 5]');
  const pending = await nx(['run', 'first:summary']);
  expect(pending.all).toContain('nx run first:bench');
  // An edit of the file is in no committed plan yet, and selects what it changed.
  const { all } = await nx(['affected', '-t', 'bench', '--base=HEAD', '--excludeTaskDependencies', '--graph=stdout']);
  const graph = JSON.parse(all.slice(all.indexOf('{'), all.lastIndexOf('}') + 1)) as { tasks: { tasks: object } };
  expect(Object.keys(graph.tasks.tasks).map((id) => id.replace(/-[0-9a-f]+:/, ':'))).toEqual(['first.value-5:bench']);
});

test('results in another folder of the workspace are restored from the cache', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { numbers } });
  await configure(workspace, { workers: 'measuring/workers', results: 'measuring/out' });
  const { nx, root, starts } = workspace;
  expect(await nx(['run', 'numbers:measure'])).toMatchObject({ exitCode: 0 });
  await rm(join(root, 'measuring/out'), { recursive: true });
  const restored = await nx(['run', 'numbers:measure']);
  expect(restored).toMatchObject({ exitCode: 0 });
  expect(restored.all).toMatch(/existing outputs match the cache|local cache/);
  expect(starts()).toHaveLength(2);
  expect(readdirSync(join(root, 'measuring/out/numbers')).length).toBeGreaterThan(1);
});

test('a wrong option breaks each study with its reason, and no other project', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { numbers, others: numbers },
    files: { 'packages/lib/project.json': '{ "name": "lib", "targets": { "build": { "command": "echo built" } } }\n' },
  });
  await workspace.write('nx.json', nxJson({ resluts: 'out' }));
  const { nx, starts } = workspace;
  const run = await nx(['run-many', '-t', 'measure', 'build']);
  expect(run.exitCode).toBe(1);
  expect(run.all).toContain('✔  nx run lib:build');
  expect(run.all.match(/there is no option "resluts". Did you mean `results`\?/g)).toHaveLength(2);
  expect(starts()).toEqual([]);
});

test('a clone without the study of another folder, and two studies of one name', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { numbers },
    files: { 'packages/lib/studies/numbers/study.yaml': numbers },
  });
  await workspace.write('nx.json', nxJson({ studies: ['studies', 'packages/*/studies'] }));
  await commit(workspace);
  const run = await workspace.nx(['run', 'numbers:measure']);
  expect(run.exitCode).toBe(1);
  expect(run.all).toContain(
    'packages/lib/studies/numbers/study.yaml and studies/numbers/study.yaml are two studies of one name',
  );
  const clone = await cloneWorkspace(workspace);
  await rm(join(clone.root, 'packages'), { recursive: true });
  expect(await clone.nx(['run', 'numbers:measure'])).toMatchObject({ exitCode: 0 });
  expect(clone.starts()).toHaveLength(2);
});

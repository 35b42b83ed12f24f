import { addProjectConfiguration, readJson } from '@nx/devkit';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { FsTree } from 'nx/src/generators/tree.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import study from '../../../../plugins/nx-study/src/generators/study/generator.ts';
import worker from '../../../../plugins/nx-study/src/generators/worker/generator.ts';
import { EXAMPLES } from '../../../../plugins/nx-study/src/generators/study/examples.ts';
import { workersIn } from '../../../../plugins/nx-study/src/generators/workers.ts';
import { makePlan } from '../../../../plugins/nx-study/src/study/make.ts';
import { makeWorkspace } from '../../study/workspace.ts';

const file = 'studies/my-first/study.yaml';
const read = (tree: Tree, path = file) => parse(tree.read(path, 'utf8')!) as Record<string, unknown>;
const changed = (tree: Tree) => tree.listChanges().map(({ path }) => path);

test.each(Object.entries(EXAMPLES))(
  'a workspace without workers gets the worker %s, a study that can be planned, and its plan',
  async (name, { question, base, axes, files }) => {
    const tree = createTreeWithEmptyWorkspace();
    await study(tree, { name: 'my-first', worker: name });
    expect(read(tree)).toEqual({
      description: question,
      worker: name,
      base,
      sweep: axes,
      repeat: { times: 3, order: 'shuffled' },
      report: { baseline: { [Object.keys(axes)[0]!]: Object.values(axes)[0]![0] } },
    });
    for (const [added, text] of Object.entries(files()))
      expect(tree.read(`studies/my-first/${added}`, 'utf8')).toBe(text);
    const { plan, issues } = await makePlan(file, tree.read(file, 'utf8')!, await workersIn(tree));
    expect(issues).toEqual([]);
    expect(plan!.measurements).toHaveLength(6);
    expect(Object.keys((read(tree, 'studies/my-first/study.lock') as { measurements: object }).measurements)).toEqual(
      plan!.measurements.map(({ id }) => id).toSorted(),
    );
    expect(read(tree, 'studies/study.schema.json')).toMatchObject({ properties: { worker: { enum: [name] } } });
    expect(tree.read(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\.\/study\.schema\.json\n/);
  },
);

test('a second study uses the worker that is there; axes are crossed, and the first values are the baseline', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await study(tree, { name: 'my-first', worker: 'node' });
  const before = new Set(changed(tree));
  await study(tree, { name: 'sizes', worker: 'node', axes: ['objects=10,20', 'format=json,v8'], repeat: 5 });
  expect(changed(tree).filter((path) => !before.has(path))).toEqual([
    'studies/sizes/study.yaml',
    'studies/sizes/study.lock',
  ]);
  expect(read(tree, 'studies/sizes/study.yaml')).toMatchObject({
    sweep: { objects: [10, 20], format: ['json', 'v8'] },
    repeat: { times: 5 },
    report: { baseline: { objects: 10, format: 'json' } },
  });
});

test('studies and workers go into the folders that nx.json names', async () => {
  const options = {
    studies: ['measuring/studies', 'packages/*/studies'],
    workers: 'measuring/own/workers',
    planTargetName: 'plan-study',
  };
  const nxJson = JSON.stringify({ plugins: [{ plugin: 'nx-study/plugin', options }] });
  const tree = new FsTree(await makeWorkspace({ 'nx.json': nxJson }), false);
  await study(tree, { name: 'my-first', worker: 'shell' });
  expect(changed(tree)).toEqual([
    'measuring/own/workers/shell/config.schema.json',
    'measuring/own/workers/shell/measure.sh',
    'measuring/own/workers/shell/worker.json',
    'measuring/studies/my-first/study.yaml',
    'measuring/studies/my-first/study.lock',
    'measuring/studies/study.schema.json',
  ]);
  expect(tree.read('measuring/studies/my-first/study.yaml', 'utf8')).toContain('# nx run my-first:plan-study shows');
  expect(read(tree, 'measuring/own/workers/shell/worker.json')).toMatchObject({
    $schema: '../../../../node_modules/nx-study/schemas/worker.schema.json',
    commands: { measure: expect.arrayContaining(['{worker}/../../../../']) },
  });
});

test('settings that a worker needs stand in the study, to be filled in', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await worker(tree, { name: 'ideal-point', from: 'ideal-point' });
  await study(tree, { name: 'my-first', worker: 'ideal-point', axes: 'draws=500,2000' });
  expect(read(tree)).toMatchObject({ base: { votes: null, legislators: null }, sweep: { draws: [500, 2000] } });
  expect(tree.read(file, 'utf8')).toContain(
    '# The settings of all experiments. workers/ideal-point/README.md explains',
  );
  expect(tree.exists('studies/my-first/study.lock')).toBe(false);
});

test('a worker that comes with nx-study is made on the way, too', async () => {
  const tree = createTreeWithEmptyWorkspace();
  await study(tree, { name: 'my-first', worker: 'endpoint', axes: 'load.concurrency=1,8' });
  expect(readJson(tree, 'workers/endpoint/worker.json').from).toMatch(/\/endpoint$/);
  expect(tree.exists('workers/kits/node')).toBe(true);
  expect(read(tree)).toMatchObject({ worker: 'endpoint', sweep: { 'load.concurrency': [1, 8] } });
});

test.each([
  [{ name: 'My Study', worker: 'node' }, `"My Study" can't be a study's name`],
  [{ name: 'platforms', worker: 'node' }, 'it is the name of the folder of platforms'],
  [{ name: 'taken', worker: 'node' }, 'the project in libs/taken has the name "taken"'],
  [{ name: 'there', worker: 'node' }, 'studies/there/study.yaml exists already'],
  [{ name: 'new', worker: 'nod' }, 'there is no worker "nod" in this workspace. Did you mean `node`?'],
  [{ name: 'new', worker: 'mine' }, 'A worker of your own: nx g nx-study:worker <name> --template=python'],
  [
    { name: 'new', worker: 'broken' },
    'the worker "broken" can\'t be used: workers/broken/worker.json is not valid JSON',
  ],
  [{ name: 'new', worker: 'node', axes: 'object=1,2' }, 'has no setting "object". Did you mean `objects`?'],
  [{ name: 'new', worker: 'node', axes: 'objects=many' }, '`objects` must be a whole number, but is "many"'],
])('refuses %j', async (options, message) => {
  const tree = createTreeWithEmptyWorkspace();
  addProjectConfiguration(tree, 'taken', { root: 'libs/taken' });
  tree.write('studies/there/study.yaml', 'worker: none\n');
  tree.write('workers/broken/worker.json', '{');
  await expect(study(tree, options)).rejects.toThrow(message);
});

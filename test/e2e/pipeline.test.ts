import { expect, test } from 'vitest';
import { blocksOf } from '../helpers/docs.ts';
import { createWorkspace } from '../helpers/workspace.ts';

// Notes its begin and its end like a scripted worker. With a second argument it ends when that one has begun.
const task = `
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const [name, other] = process.argv.slice(2);
const file = process.env.SCRIPTED_STARTS;
const note = (what) => appendFileSync(file, what + ' ' + name + ' ' + process.pid + ' ' + Date.now() + '\\n');
note('begin');
for (let tries = 0; other && !readFileSync(file, 'utf8').includes('begin ' + other); tries += 1) {
  if (tries > 1200) throw new Error(other + ' did not begin');
  await sleep(100);
}
note('end');
`;
const library = (name: string, waitsFor = '') =>
  JSON.stringify({
    name,
    targets: {
      build: { command: `node task.mjs ${name}-build ${waitsFor}` },
      test: { command: `node task.mjs ${name}-test` },
    },
  });

async function create(nxJson: object, waitsFor?: string) {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { letters: 'worker: scripted\nsweep: {value: [1, 2]}\n' },
    files: {
      'task.mjs': task,
      'packages/a/project.json': library('a'),
      'packages/b/project.json': library('b', waitsFor),
      'packages/docs/project.json': JSON.stringify({
        name: 'docs',
        implicitDependencies: ['letters'],
        targets: { build: { command: 'node task.mjs docs-build', dependsOn: ['^measure'] } },
      }),
    },
  });
  const own = JSON.parse(await workspace.read('nx.json')) as object;
  await workspace.write('nx.json', JSON.stringify({ ...own, ...nxJson }));
  return workspace;
}

const command = ['run-many', '-t', 'build', 'test', 'measure', '--parallel=3'];
const ofLibraries = ['a-build', 'a-test', 'b-build', 'b-test'];
const shown = blocksOf('docs/ci-and-remote-cache.md').find(({ language }) => language === 'json');

test('measurements that depend on nothing else begin at once, and all other tasks wait for them', async () => {
  const { nx, starts } = await create({});
  expect(await nx(command)).toMatchObject({ exitCode: 0 });
  const order = starts().map(({ label }) => label);
  expect(order.slice(0, 2)).toEqual(['value-1', 'value-2']);
  expect(order.slice(2).toSorted()).toEqual([...ofLibraries, 'docs-build']);
  const all = starts();
  expect(Math.max(...all.slice(0, 2).map(({ end }) => end!))).toBeLessThanOrEqual(all[2]!.begin);
});

test('measurements that depend on one build begin beside other builds', async () => {
  const dependsOn = ['...', { target: 'build', projects: ['a'] }];
  const { nx, starts } = await create({ targetDefaults: { measure: { dependsOn } } }, 'value-1');
  expect(await nx(command)).toMatchObject({ exitCode: 0 });
  // The build of b ends only when a measurement has begun.
  const build = starts().find(({ label }) => label === 'b-build');
  const measurement = starts().find(({ label }) => label === 'value-1');
  expect(build!.begin).toBeLessThan(measurement!.begin);
  expect(build!.end).toBeGreaterThanOrEqual(measurement!.begin);
});

test.each(['', '--excludeTaskDependencies'])(
  'with the target defaults of the page measurements wait for all builds and tests %s',
  async (option) => {
    const defaults = JSON.parse(shown!.text.replaceAll('"*"', '["*", "!docs"]')) as object;
    const { nx, starts } = await create(defaults);
    expect(await nx([...command, ...(option === '' ? [] : [option])])).toMatchObject({ exitCode: 0 });
    const all = starts();
    const order = all.map(({ label }) => label);
    expect(order.slice(0, 4).toSorted()).toEqual(ofLibraries);
    expect(order.slice(4)).toEqual(['value-1', 'value-2', 'docs-build']);
    expect(Math.max(...all.slice(0, 4).map(({ end }) => end!))).toBeLessThanOrEqual(all[4]!.begin);
  },
);

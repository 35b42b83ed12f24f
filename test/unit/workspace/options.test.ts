import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forgetOptions, optionsProblem, pluginOptions } from '../../../plugins/nx-study/src/workspace/options.ts';
import { treeOf } from '../../helpers/tree.ts';

const workspaceWith = (plugins: unknown) => treeOf({ 'nx.json': JSON.stringify({ plugins }) });
const withOptions = (options: unknown) => workspaceWith([{ plugin: 'nx-study/plugin', options }]);

const defaults = {
  measureTargetName: 'measure',
  planTargetName: 'plan',
  statusTargetName: 'status',
  reportTargetName: 'report',
  compareTargetName: 'compare',
  queryTargetName: 'query',
  promoteTargetName: 'promote',
  refineTargetName: 'refine',
  doctorTargetName: 'doctor',
  noteTargetName: 'note',
  remeasureTargetName: 'remeasure',
  acceptTargetName: 'accept',
  exportTargetName: 'export',
  importTargetName: 'import',
  studies: ['studies'],
  workers: 'workers',
  results: 'results',
  chain: 'tasks',
};

test.each([
  ['a name alone', ['nx-study/plugin']],
  ['no options', [{ plugin: 'nx-study/plugin' }]],
  ['empty options', [{ plugin: 'nx-study/plugin', options: {} }]],
  ['other plugins only', ['@nx/vite/plugin']],
  ['nothing', undefined],
])('%s: the defaults', async (_, plugins) => {
  const root = await workspaceWith(plugins);
  expect(pluginOptions(root)).toEqual(defaults);
  expect(optionsProblem(root)).toBeNull();
});

test('a workspace without nx.json has the defaults', async () => {
  const root = await treeOf({ 'package.json': '{}' });
  expect(pluginOptions(root)).toEqual(defaults);
});

test('options replace defaults; an edit of nx.json is seen when they are read again, and never amid a run', async () => {
  const options = {
    studies: ['measuring', 'packages/*/studies'],
    results: '/data/results',
    reportTargetName: 'summary',
  };
  const root = await withOptions(options);
  expect(pluginOptions(root)).toEqual({ ...defaults, ...options });
  writeFileSync(join(root, 'nx.json'), '{}\n');
  expect(pluginOptions(root).results).toBe('/data/results');
  forgetOptions();
  expect(pluginOptions(root)).toEqual(defaults);
});

test.each([
  [{ resluts: 'x' }, 'there is no option "resluts". Did you mean `results`?'],
  [{ results: '../elsewhere' }, 'results: this must be a folder of the workspace, or an absolute path'],
  [{ results: 'a; rm -rf b' }, 'and is "a; rm -rf b"'],
  [{ workers: '/abs' }, 'workers: this must be a folder of the workspace'],
  [{ workers: 3 }, 'workers: '],
  [{ studies: 'studies' }, 'studies: '],
  [{ studies: [] }, 'studies: this must name at least one folder'],
  [{ studies: ['packages/*/studies'] }, 'the first one must be a folder without *'],
  [{ studies: ['studies', '../x'] }, 'studies.1: this must be a folder of the workspace, or a pattern'],
  [{ chain: 'none' }, 'chain: this must be one of tasks, projects, and is "none"'],
  [{ measureTargetName: 'a b' }, 'measureTargetName: this must have letters, digits, _ and - only, and is "a b"'],
  [{ planTargetName: 'measure' }, 'two targets have the name "measure"'],
  ['studies', 'options: '],
])('%j is refused with what is wrong', async (options, message) => {
  const root = await withOptions(options);
  const problem = optionsProblem(root)!;
  expect(problem).toContain('The options of "nx-study/plugin" in nx.json are wrong:');
  expect(problem).toContain(message);
});

test('beside a wrong option the right ones count, so that studies are found and say so', async () => {
  const root = await withOptions({ studies: ['measuring'], results: 1, wrong: true });
  expect(pluginOptions(root)).toEqual({ ...defaults, studies: ['measuring'] });
  const problem = optionsProblem(root)!;
  expect(problem).toContain('results: ');
  expect(problem).toContain('"wrong"');
});

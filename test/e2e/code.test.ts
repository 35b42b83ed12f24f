import { cp, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { execa } from 'execa';
import type { Preview } from '../../plugins/nx-study/src/commands/plan/preview.ts';
import { blocksOf, filesOf, repository } from '../helpers/docs.ts';
import { writePlans } from '../helpers/plans.ts';
import { labelOf } from '../helpers/starts.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const PAGE = 'docs/measuring-your-code.md';
const source = 'packages/words/src/count.ts';
const manifest = 'workers/count-words/worker.json';

/** The workspace of the page, with another study and another project beside it, and all plans committed. */
async function follow(): Promise<Workspace> {
  const files = {
    ...Object.fromEntries(filesOf(PAGE)),
    // As `npm init` makes it.
    'package.json': '{ "name": "workspace", "private": true, "type": "commonjs" }\n',
    'packages/words/README.md': 'words\n',
    'packages/other/project.json': '{ "name": "other" }\n',
  };
  const workspace = await createWorkspace({ workers: ['shell'], studies: { numbers: 'worker: shell\n' }, files });
  await cp(join(repository, 'workers/kits'), join(workspace.root, 'workers/kits'), { recursive: true });
  await writePlans(workspace, 'word-count', 'numbers');
  await commit(workspace);
  return workspace;
}

/** The measurements, and other tasks, that the edits since the last commit select; then takes the edits back. */
async function affected({ nx, git }: Workspace, ...args: string[]): Promise<string[]> {
  const { all } = await nx(['affected', '-t', 'measure', '--base=HEAD', ...args, '--graph=stdout']);
  await git('checkout', '-q', '.');
  const { tasks } = JSON.parse(all.slice(all.indexOf('{'), all.lastIndexOf('}') + 1)) as { tasks: { tasks: object } };
  return Object.keys(tasks.tasks)
    .map((task) => (task.includes('.') ? labelOf(task.replace(/:measure$/, '')) : task))
    .toSorted();
}

const ofStudy = ['', '-r2', '-r3', '-r4'].flatMap((repetition) => [
  `word-count.loop${repetition}`,
  `word-count.split${repetition}`,
]);

test('an edit of a library measures again what names it, and nothing else', async () => {
  const workspace = await follow();
  const { edit, nx } = workspace;
  expect((await workspace.measure()).exitCode).toBe(0);
  const before = workspace.finished('word-count');
  expect(before).toHaveLength(8);

  const change = () => edit(source, "=== '\\n'", "=== '\\n' || letter === '\\t'");
  await change();
  expect(await affected(workspace, '--excludeTaskDependencies')).toEqual(ofStudy.toSorted());
  await edit('packages/words/README.md', 'words', 'Words');
  expect(await affected(workspace)).toEqual([]);
  await edit('packages/other/project.json', 'other', 'others');
  expect(await affected(workspace)).toEqual([]);
  await edit('workers/shell/measure.sh', '\n', '\n# edited\n');
  expect(await affected(workspace, '--excludeTaskDependencies')).toHaveLength(1);

  await change();
  const plan = await nx(['run', 'word-count:plan']);
  expect(plan.all.match(/changed: measuring code/g)).toHaveLength(8);
  const run = await workspace.measure();
  expect(run.exitCode).toBe(0);
  expect(workspace.finished('numbers')).toHaveLength(1);
  const after = workspace.finished('word-count');
  expect(after).toHaveLength(16);
  for (const { digest } of before) expect(after.map((record) => record.digest)).toContain(digest);

  const back = await workspace.git('checkout', '-q', source).then(() => workspace.measure());
  expect(back.exitCode).toBe(0);
  expect(workspace.finished('word-count')).toHaveLength(16);
});

const build = (log: string) =>
  JSON.stringify({
    name: 'words',
    targets: {
      build: {
        command: `mkdir -p packages/words/dist && cp ${source} packages/words/dist && echo built >> ${log}`,
        cache: true,
        inputs: ['{projectRoot}/src/**/*'],
        outputs: ['{projectRoot}/dist'],
      },
    },
  });

test('measurements wait for a build, which a run may not leave out', async () => {
  const workspace = await follow();
  const { edit, nx } = workspace;
  const log = join(workspace.home, 'builds.log');
  const builds = async () => (existsSync(log) ? (await readFile(log, 'utf8')).trim().split('\n').length : 0);
  await workspace.write('packages/words/project.json', build(log));
  await edit('workers/count-words/measure.ts', 'words/src/count.ts', 'words/dist/count.ts');
  await edit(manifest, '"projects": ["words"]', '"projects": ["words"], "dependsOn": ["words:build"]');
  await commit(workspace);

  const first = await nx(['run', 'word-count:measure']);
  expect(first.exitCode).toBe(0);
  expect(first.all.indexOf('nx run words:build')).toBeLessThan(first.all.indexOf('word-count split: measured'));
  expect(await builds()).toBe(1);
  const second = await nx(['run-many', '-t', 'measure']);
  expect(second.exitCode).toBe(0);
  expect(second.all).not.toMatch(/word-count .*measured in/);
  expect(await builds()).toBe(1);

  await edit(source, 'let count = 0', 'let count = 0 + 0');
  expect(await affected(workspace)).toEqual([...ofStudy, 'words:build'].toSorted());

  await edit(source, 'let count = 0', 'let count = 0 + 0');
  const without = ['affected', '-t', 'measure', '--base=HEAD', '--excludeTaskDependencies'];
  const refused = await nx(without);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.all).toContain('depends on words:build, which this run of Nx leaves out');
  expect(workspace.finished('word-count')).toHaveLength(8);
  expect((await nx(['affected', '-t', 'measure', '--base=HEAD'])).exitCode).toBe(0);
  expect(workspace.finished('word-count')).toHaveLength(16);
  expect(await builds()).toBe(2);
});

test('targets and projects that a worker gets wrong are errors that name its worker.json', async () => {
  const workspace = await follow();
  const { edit, nx } = workspace;
  const said = async (text: string) => {
    const [plan, measure] = [await nx(['run', 'word-count:plan']), await nx(['run', 'word-count:measure'])];
    expect([plan.exitCode, measure.exitCode]).toEqual([1, 1]);
    for (const { all } of [plan, measure]) expect(all).toContain(text);
    await workspace.git('checkout', '-q', '.');
  };
  await edit(manifest, '"projects": ["words"]', '"projects": ["words"], "dependsOn": ["words:build"]');
  await said(`${manifest}: \`dependsOn\` names "words:build", but the project \`words\` has no target \`build\``);
  await edit(manifest, '"projects": ["words"]', '"projects": ["wrods"]');
  await said('names the project `wrods`');
  await edit('packages/words/project.json', '"words"', '"words", "implicitDependencies": ["other"]');
  await said(`${manifest}: the project \`words\` depends on \`other\`, which \`projects\` does not list`);
  expect(workspace.finished('word-count')).toEqual([]);
});

// Times that depend on the code alone, and vary a little from repetition to repetition.
const steady = (factor: string) =>
  `(${factor} + count.toString().split('=').length + (request.seed % 97) / (factorOfTree + 100))`;

test('the script of the page measures two working trees in turns, and compare finds what became slower', async () => {
  const workspace = await follow();
  const { edit, git, nx, root, home } = workspace;
  const constant = `const factorOfTree = functions.loop.toString().length;\nconst text`;
  await edit('workers/count-words/measure.ts', 'const text', constant);
  await edit('workers/count-words/measure.ts', 'performance.now() - start', steady('10'));
  await commit(workspace);
  await git('branch', 'origin/main');
  await edit(
    source,
    'let count = 0;',
    'let count = 0;\n  let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;\n  void [a, b, c, d, e, f];',
  );
  await commit(workspace);

  const alone = await nx(['run', 'word-count:compare', '--base=../base']);
  expect(alone.exitCode).toBe(1);
  expect(alone.all).toContain('../base is no workspace: it has no nx.json');

  const script = blocksOf(PAGE).find(({ text }) => text.includes('git worktree add'))!.text;
  const install = `npm() { ln -s ${join(repository, 'node_modules')} node_modules; }\n`;
  const run = await execa('sh', ['-c', `set -e\n${install}${script}`], {
    cwd: root,
    env: workspace.env,
    all: true,
    reject: false,
  });
  expect(run.all).toMatch(/^Worse: loop count median ×1\.\d+ \[.*\]\* \(slower\)/m);
  expect(run.all).toContain('What differs: measuring code.');
  expect(run.exitCode).toBe(1);
  expect(workspace.finished('word-count')).toHaveLength(8);

  const json = await nx(['run', 'word-count:compare', `--base=${home}/base`, '--json']);
  expect(json.exitCode).toBe(0);
  const { all } = json;
  const told = JSON.parse(all.slice(all.indexOf('{'), all.lastIndexOf('}') + 1)) as { comparisons: object[] };
  expect(told).toMatchObject({ is_worse: true, in_turns: true, only_here: [], only_base: [] });
  expect(told.comparisons).toContainEqual(
    expect.objectContaining({ label: 'loop', metric: 'count_median_ms', verdict: 'slower', pairs: 4, is_worse: true }),
  );
});

test('an edit of a module that a Python file imports measures again, and one of another module does not', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { models: 'worker: scripted\nbase: { script: ../models/m.py }\n' },
    files: {
      'studies/models/m.py': 'import helpers\nimport numpy\n',
      'studies/models/helpers.py': 'from parts.deep import f\n',
      'studies/models/parts/deep.py': 'f = 1\n',
      'studies/models/other.py': 'f = 1\n',
    },
  });
  await writePlans(workspace, 'models');
  await commit(workspace);
  const { edit, command } = workspace;
  expect((await workspace.measure()).exitCode).toBe(0);

  await edit('studies/models/other.py', 'f = 1', 'f = 2');
  expect(await affected(workspace)).toEqual([]);
  await edit('studies/models/parts/deep.py', 'f = 1', 'f = 2');
  expect(await affected(workspace, '--excludeTaskDependencies')).toHaveLength(1);

  await edit('studies/models/other.py', 'f = 1', 'f = 2');
  await edit('studies/models/parts/deep.py', 'f = 1', 'f = 2');
  const { all: json } = await command(['models:plan', '--json']);
  const { rows } = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1)) as Preview;
  expect(rows).toMatchObject([
    { next: 'measure', why: 'changed: studies/models/parts/deep.py, which studies/models/m.py imports' },
  ]);
  expect((await workspace.measure()).exitCode).toBe(0);
  expect(workspace.finished('models')).toHaveLength(2);
});

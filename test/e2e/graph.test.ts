import { readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectConfiguration } from '@nx/devkit';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { failedTasks } from '../helpers/nx-output.ts';
import { writePlans } from '../helpers/plans.ts';
import { processesOf } from '../helpers/processes.ts';
import { labelOf } from '../helpers/starts.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const study = 'studies/letters/study.yaml';
const letters = `
description: Two values and a file
worker: scripted
sweep: {value: [1, 2]}
experiments:
  - {label: from-data, data: ../data/number.txt}
repeat: {times: 1, order: interleaved}
`;
const create = (studies: Record<string, string> = { letters }) =>
  createWorkspace({ workers: ['scripted', 'shell'], studies, files: { 'studies/data/number.txt': '40\n' } });

interface Graph {
  graph: {
    nodes: Record<string, { data: ProjectConfiguration }>;
    dependencies: Record<string, { target: string; type: string }[]>;
  };
}

async function graphOf({ nx, home }: Workspace): Promise<Graph['graph']> {
  const file = join(home, 'graph.json');
  await nx(['graph', `--file=${file}`]);
  return (JSON.parse(await readFile(file, 'utf8')) as Graph).graph;
}

async function json(run: Promise<{ all: string }>) {
  const { all } = await run;
  return JSON.parse(all.slice(all.indexOf('{'), all.lastIndexOf('}') + 1));
}

const unhashed = (project: string) => labelOf(project.replace(/:measure$/, ''));

test('each measurement is a project, chained in the order of the plan', async () => {
  const workspace = await create();
  const { nodes, dependencies } = await graphOf(workspace);
  const projects = Object.keys(nodes);
  expect(projects.map(unhashed).toSorted()).toEqual([
    'letters',
    'letters.from-data',
    'letters.value-1',
    'letters.value-2',
  ]);
  const edges = Object.entries(dependencies).flatMap(([from, to]) =>
    to.map(({ target, type }) => `${unhashed(from)} → ${unhashed(target)} (${type})`),
  );
  expect(edges.toSorted()).toEqual([
    'letters.from-data → letters.value-2 (implicit)',
    'letters.value-2 → letters.value-1 (implicit)',
  ]);

  const name = projects.find((project) => project.startsWith('letters.from-data'))!;
  const before = projects.find((project) => project.startsWith('letters.value-2'))!;
  const { root, targets } = nodes[name]!.data;
  const measure = targets!['measure']!;
  expect(root).toBe(`results/letters/${name.slice('letters.'.length)}`);
  expect(measure).toMatchObject({
    executor: 'nx-study:measure',
    cache: true,
    dependsOn: [{ projects: [before], target: 'measure' }],
    options: { study: 'letters', worker: 'scripted', configuration: { data: 'studies/data/number.txt', value: 1 } },
  });
  expect(measure.inputs).toContainEqual({ externalDependencies: [] });
  expect(measure.inputs).toContainEqual({ fileset: '{workspaceRoot}/studies/data/number.txt', includeIgnored: true });
  expect(measure.inputs).toContainEqual({
    fileset: '{workspaceRoot}/workers/scripted/measure.mjs',
    includeIgnored: true,
  });
  const folder = `{projectRoot}/${measure.options.digest.slice(0, 12)}`;
  expect(measure.outputs).toContain(`${folder}/record.json`);
  expect(measure.outputs!.every((output) => output.startsWith(`${folder}/`))).toBe(true);

  const ofStudy = nodes['letters']!.data.targets!;
  expect(Object.keys(ofStudy)).toEqual(expect.arrayContaining(['measure', 'plan', 'status', 'report']));
  expect(ofStudy['measure']!.executor).toBe('nx-study:verify');
  const all = ofStudy['measure']!.dependsOn![0] as { projects: string[] };
  expect(all.projects.map(unhashed)).toEqual(['letters.value-1', 'letters.value-2', 'letters.from-data']);
});

test('nx affected selects exactly the measurements that an edit changes', async () => {
  const workspace = await create({ letters, others: 'worker: scripted\nsweep: {value: [7, 8]}\n' });
  const { nx, edit, write } = workspace;
  const step = async () => {
    await writePlans(workspace, 'letters', 'others');
    await commit(workspace);
  };
  const affected = async () => {
    await step();
    const args = ['affected', '-t', 'measure', '--base=HEAD~1', '--head=HEAD', '--excludeTaskDependencies'];
    const { tasks } = await json(nx([...args, '--graph=stdout']));
    return Object.keys(tasks.tasks).map(unhashed).toSorted();
  };
  await step();
  await edit(study, '[1, 2]', '[1, 3]');
  expect(await affected()).toEqual(['letters.value-3']);
  await edit(study, '[1, 3]', '[1, 3, 4]');
  expect(await affected()).toEqual(['letters.value-4']);
  await edit(study, '[1, 3, 4]', '[3, 4]');
  expect(await affected()).toEqual([]);
  await edit(study, '[3, 4]', '[4, 3]');
  expect(await affected()).toEqual([]);
  await edit(study, 'Two values', 'A few values');
  expect(await affected()).toEqual([]);
  await edit(study, 'times: 1', 'times: 2');
  expect(await affected()).toEqual(['letters.from-data-r2', 'letters.value-3-r2', 'letters.value-4-r2']);
  await write('studies/data/number.txt', '41\n');
  expect(await affected()).toEqual(['letters.from-data', 'letters.from-data-r2']);
  await edit('workers/scripted/derive.mjs', '2 * measured', '3 * measured');
  expect(await affected()).toHaveLength(8);
});

/** The measurements that the edits since the last commit select. */
async function affectedTasks({ nx }: Workspace, args: string[] = []): Promise<string[]> {
  const { tasks } = await json(nx(['affected', '-t', 'measure', '--base=HEAD', ...args, '--graph=stdout']));
  return Object.keys(tasks.tasks).map(unhashed).toSorted();
}

/** The same without and with what they depend on, which is left out where nothing is selected; then commits. */
async function affectedBy(workspace: Workspace, edits: () => Promise<unknown>) {
  await edits();
  const all = await affectedTasks(workspace);
  const selected = all.length === 0 ? all : await affectedTasks(workspace, ['--excludeTaskDependencies']);
  await commit(workspace);
  return { selected, all };
}

test('nx affected selects what an edit changes without nx sync, too', async () => {
  const hello = 'description: Three values\nworker: scripted\nsweep: {value: [1, 2, 3]}\n';
  const workspace = await create({ hello, other: 'worker: scripted\nsweep: {value: [7, 8]}\n' });
  const { root, edit, write } = workspace;
  const file = 'studies/hello/study.yaml';
  const none = { selected: [], all: [] };
  await writePlans(workspace, 'hello', 'other');
  await commit(workspace);
  const value5 = await affectedBy(workspace, () => edit(file, '[1, 2, 3]', '[1, 2, 3, 5]'));
  expect(value5).toEqual({
    selected: ['hello.value-5'],
    all: ['hello.value-1', 'hello.value-2', 'hello.value-3', 'hello.value-5'],
  });
  await writePlans(workspace, 'hello');
  await commit(workspace);
  expect(await affectedBy(workspace, () => edit(file, 'Three', 'Some'))).toEqual(none);
  const written = ['README.md', 'decisions/2026-03-01-value-5.md', 'notes/2026-03-01-a-first-look.md'];
  const writeAll = () => Promise.all(written.map((name) => write(`studies/hello/${name}`, 'x')));
  expect(await affectedBy(workspace, writeAll)).toEqual(none);
  const { measurements } = JSON.parse(await readFile(join(root, 'studies/hello/study.lock'), 'utf8')) as {
    measurements: object;
  };
  const second = Object.keys(measurements).find((id) => id.startsWith('value-2-'))!;
  const taken = await affectedBy(workspace, () => write('studies/hello/takes.json', JSON.stringify({ [second]: 2 })));
  expect(taken).toEqual({ selected: ['hello.value-2'], all: ['hello.value-1', 'hello.value-2'] });
  const renamed = await affectedBy(workspace, () => rename(join(root, 'studies/hello'), join(root, 'studies/renamed')));
  expect(renamed.selected.filter((name) => !name.startsWith('renamed.'))).toEqual([]);
  const deleted = await affectedBy(workspace, () => rm(join(root, 'studies/renamed'), { recursive: true }));
  expect(deleted).toEqual(none);
});

test('texts and file names with tokens of Nx and with signs of globs pass unharmed', async () => {
  const data = 'studies/data/{projectName} a[1]{b,c}(!*?.txt';
  const text = 'a {workspaceRoot} b {projectName} {projectRoot}';
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: {
      odd: JSON.stringify({
        worker: 'scripted',
        base: { data: `../${data.slice('studies/'.length)}`, warning: text },
        sweep: { value: [1, 2] },
      }),
      wrong: JSON.stringify({ worker: 'scripted', base: { during: text } }),
    },
    files: { [data]: '40\n', 'studies/data/{projectName} a1b(!xy.txt': '50\n' },
  });
  const { nx, root, write } = workspace;
  expect((await nx(['run', 'odd:measure'])).exitCode).toBe(0);
  expect(workspace.finished('odd')).toHaveLength(2);
  for (const { configuration } of workspace.finished('odd').map(({ identity }) => identity))
    expect(configuration).toMatchObject({ warning: text });
  expect((await nx(['run', 'wrong:plan'])).all).toContain(text);
  await nx(['sync']);
  await commit(workspace);
  await write('studies/data/{projectName} a1b(!xy.txt', '51\n');
  expect(await affectedTasks(workspace)).toEqual([]);
  await write(data, '41\n');
  expect(await affectedTasks(workspace)).toEqual(['odd.value-1', 'odd.value-2']);
  await commit(workspace);

  // What is accepted has such a text in the options, too.
  await write('workers/scripted/measure.mjs', `${await workspace.read('workers/scripted/measure.mjs')}// ${text}\n`);
  await write(data, '40\n');
  // Nx itself refuses {workspaceRoot} inside of what is typed, with a message.
  const reason = 'a {projectName} b {projectRoot} {env.HOME}';
  expect((await nx(['run', 'odd:accept', `--because=${reason}`])).exitCode).toBe(0);
  const [file] = await readdir(join(root, 'studies/odd/accepted'));
  await workspace.edit(`studies/odd/accepted/${file}`, reason, `${reason} ${text}`);
  const accepted = await nx(['run', 'odd:measure']);
  expect(accepted).toMatchObject({ exitCode: 0, all: expect.stringContaining(`accepted (${reason} ${text})`) });
  expect(existsSync(join(root, 'results/odd/failed'))).toBe(false);
});

test('a study named like another project breaks only itself', async () => {
  const workspace = await create({ letters, others: 'worker: scripted\nsweep: {value: [7]}\n' });
  await workspace.write('libs/letters/project.json', '{ "targets": { "build": { "command": "true" } } }');
  const shown = await workspace.nx(['show', 'projects']);
  expect(shown.all.split('\n').map(unhashed)).toEqual(expect.arrayContaining(['letters', 'letters.study', 'others']));
  const run = await workspace.measure(['build']);
  expect(run).toMatchObject({ exitCode: 1, started: ['value-7'] });
  expect(run.all).toContain('libs/letters/project.json names one');
  expect(failedTasks(run.all)).toEqual(['letters.study:measure']);
  expect(run.all).toContain('✔  nx run letters:build');
});

test.each(['false', 'true'])('linked results are refused by all alike, and stay (daemon: %s)', async (daemon) => {
  const workspace = await create();
  const { root, home } = workspace;
  const run = (...targets: string[]) =>
    workspace.nx(['run-many', '-t', ...targets, '-p', 'letters'], { env: { NX_DAEMON: daemon } });
  expect((await run('measure')).exitCode).toBe(0);
  const { id } = workspace.finished('letters')[0]!;
  for (const place of ['results', 'results/letters', `results/letters/${id}`]) {
    const [link, aside] = [join(root, place), join(home, 'aside')];
    await rename(link, aside);
    await symlink(aside, link);
    const targets = place === 'results' ? ['measure', 'plan', 'remeasure', 'report', 'status'] : ['measure', 'report'];
    const { exitCode, all } = await run(...targets);
    expect(exitCode).toBe(1);
    // With the daemon it is the measurements that fail, and their study's target does not start.
    const failed = failedTasks(all).map((task) => task.slice(task.indexOf(':') + 1));
    expect([...new Set(failed)].toSorted()).toEqual(targets);
    expect(all.split(`${place} is a link.`)).toHaveLength(targets.length + 1);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    await rm(link);
    await rename(aside, link);
    expect((await run('measure')).exitCode).toBe(0);
  }
  expect(workspace.starts()).toHaveLength(3);
  expect(workspace.finished('letters')).toHaveLength(3);
});

test('a stale plan fails nx sync:check, and keeps no measurement from running', async () => {
  const { nx, measure, edit, read } = await create();
  await nx(['sync']);
  const { measurements } = JSON.parse(await read('studies/letters/study.lock')) as { measurements: object };
  expect(Object.keys(measurements).map(labelOf)).toEqual(['from-data', 'value-1', 'value-2']);
  expect((await nx(['sync:check'])).exitCode).toBe(0);
  await edit(study, '[1, 2]', '[1]');
  const checked = await nx(['sync:check']);
  expect(checked.exitCode).toBe(1);
  expect(checked.all).toContain('studies/letters/study.lock');
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['value-1', 'from-data'] });
});

test('above 500 measurements there is no chain', async () => {
  const numbers = Array.from({ length: 501 }, (_, number) => number);
  const workspace = await create({
    large: `worker: shell\nsweep: {number: ${JSON.stringify(numbers)}}\nlimits: {measurements: 501}\n`,
  });
  const { dependencies } = await graphOf(workspace);
  expect(Object.keys(dependencies)).toHaveLength(502);
  expect(Object.values(dependencies).flat()).toEqual([]);
  const { tasks } = await json(workspace.nx(['run', 'large:measure', '--graph=stdout'], { maxBuffer: 1 << 28 }));
  expect(Object.keys(tasks.tasks)).toHaveLength(502);
  const last = Object.keys(dependencies).find((name) => name.startsWith('large.number-500-'))!;
  expect((await workspace.nx(['run', `${last}:measure`])).exitCode).toBe(0);
  expect(workspace.finished('large')).toMatchObject([{ label: 'number-500', outcome: 'measured' }]);
});

test('with the daemon, an edit is seen by the next command', async () => {
  const workspace = await create();
  const measure = (flavour = '') => workspace.measure([], { env: { NX_DAEMON: 'true', SCRIPTED_FLAVOUR: flavour } });
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2', 'from-data'] });
  const daemon = processesOf(workspace.home).filter(({ command }) => command.includes('daemon'));
  expect(daemon).toHaveLength(1);
  await workspace.edit(study, '[1, 2]', '[1, 2, 3]');
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['value-3'] });
  await workspace.write('studies/data/number.txt', '41\n');
  expect(await measure()).toMatchObject({ exitCode: 0, started: ['from-data'] });
  expect((await measure('vanilla')).started).toHaveLength(4);
  expect(await measure()).toMatchObject({ exitCode: 0, started: [] });
  expect(processesOf(workspace.home).map(({ pid }) => pid)).toContain(daemon[0]!.pid);
});

test('other projects depend on a study, and nx watch sees its files', async () => {
  const docs = {
    name: 'docs',
    implicitDependencies: ['letters'],
    targets: {
      build: {
        executor: 'nx:run-commands',
        options: { command: 'echo built' },
        cache: true,
        inputs: ['default', '^default'],
        dependsOn: [{ projects: ['letters'], target: 'measure' }],
      },
    },
  };
  const workspace = await create();
  const { nx, write, edit, startNx } = workspace;
  await write('packages/docs/project.json', `${JSON.stringify(docs)}\n`);
  await commit(workspace);
  const build = () => nx(['run', 'docs:build', '--outputStyle=static']);
  const first = await build();
  expect(first).toMatchObject({ exitCode: 0 });
  expect(workspace.starts()).toHaveLength(3);
  expect((await build()).all).toMatch(/docs:build {2}\[.*cache/);
  await write('studies/letters/README.md', 'More\n');
  expect((await build()).all).not.toMatch(/docs:build {2}\[.*cache/);
  expect(workspace.starts()).toHaveLength(3);

  const seen = join(workspace.home, 'seen.txt');
  const env = { NX_DAEMON: 'true' };
  await nx(['show', 'projects'], { env });
  const watching = startNx(['watch', '--projects=letters', '--', `sh -c 'echo "$NX_FILE_CHANGES" >> ${seen}'`], {
    env,
  });
  for (let edits = 0; !existsSync(seen); edits += 1) {
    await edit(study, /description: .*/, `description: Edit ${edits}`);
    await setTimeout(500);
  }
  expect(await readFile(seen, 'utf8')).toContain('studies/letters/study.yaml');
  watching.kill('SIGINT');
  await watching;
});

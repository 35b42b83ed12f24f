import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { makePackage } from '../../tools/package.mjs';
import { endAll } from '../helpers/processes.ts';
import { subfolders } from '../helpers/workspace.ts';

const repository = join(import.meta.dirname, '../..');
const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};

let tarball: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nx-study-pack-'));
  makePackage(join(folder, 'package'));
  const { stdout } = await execa('npm', ['pack', '--silent', './package'], { cwd: folder });
  tarball = join(folder, stdout.trim());
  return () => rm(folder, { recursive: true });
});

/** An empty folder in which a package manager has installed nothing but Nx. */
async function emptyWorkspace(files: Record<string, string>, install: string[]) {
  const home = await mkdtemp(join(tmpdir(), 'nx-study-e2e-'));
  onTestFinished(async () => {
    await endAll(home);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const root = join(home, 'workspace');
  const env = {
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_CACHE_DIRECTORY: join(home, 'cache'),
    NX_STUDY_LOCK_DIR: join(home, 'lock'),
    CI: '',
  };
  const write = async (file: string, content: string) => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content);
  };
  const run = async (command: string[]) => {
    const [program, ...args] = command;
    const { all, exitCode } = await execa(program!, args, {
      cwd: root,
      env,
      all: true,
      reject: false,
      stdin: 'ignore',
    });
    return { all, exitCode };
  };
  for (const [file, content] of Object.entries({ 'nx.json': '{}\n', ...files })) await write(file, content);
  const installed = await run(install);
  return {
    root,
    write,
    run,
    installed,
    read: (file: string) => readFile(join(root, file), 'utf8'),
    /** The folders of finished measurements. */
    measured: (study: string) =>
      subfolders(join(root, 'results', study)).filter(
        (folder) => subfolders(folder).length > 0 && !folder.endsWith('/report'),
      ),
  };
}

const NX = `nx@${devDependencies['nx']}`;
const npmInstall = ['npm', 'install', '--save-dev', '--prefer-offline', '--no-audit', '--no-fund', NX];
const PNPM = ['npx', '--yes', '--prefer-offline', 'pnpm@10'];

test('a CommonJS workspace of npm with projects and plugins of others: added, studies and workers made, measured, reported', async () => {
  const workspace = await emptyWorkspace(
    {
      'package.json': JSON.stringify({ name: 'empty', version: '1.0.0', private: true, workspaces: ['packages/*'] }),
      'packages/lib/package.json': JSON.stringify({ name: 'lib', version: '1.0.0', scripts: { build: 'echo built' } }),
      'nx.json': JSON.stringify({ plugins: ['./tools/things.js'], targetDefaults: { build: { cache: true } } }),
      'tools/things.js': THINGS,
      'things/one/thing.json': '{}',
    },
    npmInstall,
  );
  expect(workspace.installed).toMatchObject({ exitCode: 0 });
  const nx = (...args: string[]) => workspace.run(['npx', 'nx', ...args]);

  const added = await nx('add', `nx-study@file:${tarball}`);
  expect(added).toMatchObject({ exitCode: 0 });
  expect(added.all).toContain('npx nx g nx-study:study my-first --worker shell');
  const nxJson = JSON.parse(await workspace.read('nx.json')) as object;
  expect(nxJson).toEqual({
    plugins: ['./tools/things.js', { plugin: 'nx-study/plugin', options: {} }],
    targetDefaults: { build: { cache: true } },
    sync: { globalGenerators: ['nx-study:sync'] },
  });
  const dry = await nx('g', 'nx-study:study', 'my-first', '--worker', 'shell', '--dry-run');
  expect(dry.all).toContain('CREATE studies/my-first/study.yaml');
  await expect(workspace.read('studies/my-first/study.yaml')).rejects.toThrow('ENOENT');
  const made = await nx('g', 'nx-study:study', 'my-first', '--worker', 'shell');
  expect(made.all).toContain('There was no worker "shell", so workers/shell was made');
  expect(await nx('run', 'my-first:measure')).toMatchObject({ exitCode: 0 });
  expect(workspace.measured('my-first')).toHaveLength(6);
  const report = await nx('run', 'my-first:report');
  expect(report.all).toContain('6 measurements: 6 measured');
  expect(report.all).toMatch(/wall +user/);
  const { all: projects } = await nx('show', 'projects');
  expect(projects.split('\n')).toEqual(expect.arrayContaining(['lib', 'thing-one', 'my-first']));

  for (const template of ['typescript', 'python'])
    expect(await nx('g', 'nx-study:worker', template, '--template', template)).toMatchObject({ exitCode: 0 });
  await workspace.write(
    'studies/templates/study.yaml',
    'workers: [typescript, python, shell]\nbase: { typescript.calls: 2, python.calls: 2, shell.command: exit 3 }\n',
  );
  // A command that fails gives no number.
  const templates = await nx('run', 'templates:measure');
  expect(templates.all).toContain('templates shell: failed (crash: exit code 3)');
  expect(workspace.measured('templates').map((folder) => basename(folder))).toEqual([
    'failed',
    expect.stringMatching(/^python-/),
    expect.stringMatching(/^typescript-/),
  ]);

  expect(await nx('g', 'nx-study:worker', 'ideal-point', '--from', 'ideal-point')).toMatchObject({ exitCode: 0 });
  await cp(join(repository, 'studies/data/us-senate'), join(workspace.root, 'studies/data/us-senate'), {
    recursive: true,
  });
  const study = await readFile(join(repository, 'studies/senate-beta-prior/study.yaml'), 'utf8');
  const short = study
    .replace('rollcalls: 60', 'rollcalls: 10')
    .replace('chains: 4', 'chains: 2')
    .replace('tune: 1000', 'tune: 100')
    .replace('draws: 4000', 'draws: 100')
    .replaceAll(/^ +(lognormal|halfnormal): .*\n/gm, '');
  await workspace.write('studies/senate-beta-prior/study.yaml', short);
  expect(await nx('run', 'senate-beta-prior:measure')).toMatchObject({ exitCode: 0 });
  expect((await nx('run', 'senate-beta-prior:report')).all).toContain('1 measurement: 1 measured');
});

test('an ESM workspace of pnpm: added, a study made, measured and reported', async ({ skip }) => {
  const { exitCode } = await execa(PNPM[0]!, [...PNPM.slice(1), '--version'], { reject: false });
  if (exitCode !== 0) skip('the registry gives no pnpm here');
  const workspace = await emptyWorkspace(
    { 'package.json': JSON.stringify({ name: 'empty', version: '1.0.0', private: true, type: 'module' }) },
    [...PNPM, 'add', '--save-dev', '--prefer-offline', NX],
  );
  expect(workspace.installed).toMatchObject({ exitCode: 0 });
  const nx = (...args: string[]) => workspace.run([...PNPM, 'exec', 'nx', ...args]);
  const added = await nx('add', `nx-study@file:${tarball}`);
  expect(added).toMatchObject({ exitCode: 0 });
  expect(added.all).toContain('pnpm exec nx g nx-study:study my-first --worker shell');
  expect(await nx('g', 'nx-study:study', 'my-first', '--worker', 'node', '--axes', 'objects=10,20')).toMatchObject({
    exitCode: 0,
  });
  expect(await nx('run', 'my-first:measure')).toMatchObject({ exitCode: 0 });
  expect((await nx('run', 'my-first:report')).all).toContain('6 measurements: 6 measured');
});

/** A plugin of somebody else: one project for each thing.json. */
const THINGS = `
const { basename, dirname } = require('node:path');
exports.name = 'things';
exports.createNodes = ['things/*/thing.json', (files) =>
  files.map((file) => {
    const root = dirname(file);
    return [file, { projects: { [root]: { name: 'thing-' + basename(root), targets: { measure: { command: 'true' } } } } }];
  })];
`;

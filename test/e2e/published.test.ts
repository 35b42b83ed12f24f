import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePackage } from '../../tools/package.mjs';
import { repository } from '../helpers/docs.ts';

const modules = join(repository, 'node_modules');
let root: string;
let installed: string;

// The tarball as npm unpacks it, with the peers and the dependency of this repository.
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-study-published-'));
  makePackage(join(root, 'package'));
  const { stdout } = await execa('npm', ['pack', '--silent', join(root, 'package')], { cwd: root });
  installed = join(root, 'node_modules/nx-study');
  await mkdir(installed, { recursive: true });
  await execa('tar', ['-xzf', join(root, stdout), '--strip-components=1', '-C', installed]);
  for (const name of ['nx', '@nx/devkit', 'tsx']) {
    await mkdir(dirname(join(root, 'node_modules', name)), { recursive: true });
    await symlink(join(modules, name), join(root, 'node_modules', name));
  }
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
  await writeFile(join(root, 'nx.json'), '{}');
});

afterAll(() => rm(root, { recursive: true, force: true }));

const READER = `
import { StudyError, loadStudy, readResults } from 'nx-study';
import type { Measurement, MeasurementRecord, StudyIssue } from 'nx-study';

export async function fastest(name: string): Promise<{ label: string; value: number } | null> {
  const { measurements, study, ...results } = await readResults(name, { workspaceRoot: '.', from: ['../other'] });
  const rows = measurements.flatMap(({ label, values }: Measurement) => {
    const value = values['compress_s'];
    return value === undefined ? [] : [{ label, value }];
  });
  const record: MeasurementRecord | null = measurements[0]?.record ?? null;
  const type: 'oom' | 'crash' | string | undefined = record?.failure?.type;
  for (const { value, unit } of results.samples()) console.log(value.toFixed(1), unit?.length, type);
  const means: (number | undefined)[] = results.comparisons(['compress_s']).map(({ mean }) => mean);
  console.log(means, study.experiments[0]?.configuration['level'], results.table().columns[0]?.unit);
  return rows.sort((a, b) => a.value - b.value)[0] ?? null;
}

export const problems = (error: unknown): StudyIssue[] => (error instanceof StudyError ? error.issues : []);
export const ids = async (): Promise<string[]> => (await loadStudy('a')).measurements.map(({ id }) => id);
`;
const MISTAKES = `
import { readResults } from 'nx-study';
const { measurements } = await readResults('a');
// @ts-expect-error -- a number may be missing
measurements[0]!.values['x'].toFixed();
// @ts-expect-error -- there is no such state
export const isDone = measurements[0]!.state === 'done';
`;
const PLUGIN = `
import type { CreateNodes } from '@nx/devkit';
import { createNodes } from 'nx-study/plugin';
export const nodes: CreateNodes = createNodes;
`;

/** What a compiler says of a program. The API's types are checked themselves, with no other types there. */
async function compile(compiler: string, moduleResolution: string, source: string): Promise<string> {
  const module = moduleResolution === 'bundler' ? 'esnext' : 'node16';
  const ofNx = source === PLUGIN ? ['--skipLibCheck', '--types', 'node', '--typeRoots', join(modules, '@types')] : [];
  await writeFile(join(root, 'program.ts'), source);
  const options = ['--strict', '--noUncheckedIndexedAccess', '--noEmit', '--target', 'es2022', '--lib', 'es2023,dom'];
  const resolution = ['--module', module, '--moduleResolution', moduleResolution, '--ignoreConfig'];
  const { all } = await execa(join(modules, '.bin', compiler), [...options, ...resolution, ...ofNx, 'program.ts'], {
    cwd: root,
    all: true,
    reject: false,
  });
  return all;
}

it.each([
  ['node16', 'tsc'],
  ['bundler', 'tsc'],
  // TypeScript 6 takes eight times as long.
  ['node16', 'tsc6'],
])('types refer to nothing that users do not have: %s, by %s', async (resolution, compiler) => {
  const sources = compiler === 'tsc' ? [READER, MISTAKES, PLUGIN] : [READER];
  for (const source of sources) expect(await compile(compiler, resolution, source)).toBe('');
});

it('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages).toEqual([]);
});

it('the package has what npm shows and what users look up, and nothing that only this repository uses', async () => {
  const names = await readdir(installed);
  expect(names).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'package.json', 'schemas']));
  const text = await readFile(join(installed, 'package.json'), 'utf8');
  expect(text).not.toMatch(/@nx-study\/source|devDependencies|"scripts"/);
  const schema = await import(join(installed, 'schemas/record.schema.json'), { with: { type: 'json' } });
  expect(schema.default.title).toMatch('record.json');
});

it.each([
  ['an ES module', 'program.mjs', "import { loadStudy } from 'nx-study';"],
  ['CommonJS', 'program.cjs', "const { loadStudy } = require('nx-study');"],
])('%s imports it', async (_, file, line) => {
  await writeFile(join(root, file), `${line}\nloadStudy('a').catch(({ name }) => console.log(name));\n`);
  const { stdout } = await execa('node', [file], { cwd: root });
  expect(stdout).toBe('StudyError');
});

it('a release writes the version wherever it stands, and a dry run writes nothing', async () => {
  const release = await execa(join(modules, '.bin/nx'), ['release', '90.1.2', '--dry-run', '--skip-publish'], {
    cwd: repository,
    all: true,
    env: { NX_DAEMON: 'false', NX_TUI: 'false' },
  });
  const all = stripVTControlCharacters(release.all);
  for (const file of ['plugins/nx-study/package.json', 'package.json', 'package-lock.json', 'CHANGELOG.md'])
    expect(all).toContain(`UPDATE ${file} [dry-run]`);
  expect(all.match(/^\+ .*90\.1\.2/gm)).toHaveLength(6);
  expect(await readFile(join(repository, 'package.json'), 'utf8')).not.toContain('90.1.2');
});

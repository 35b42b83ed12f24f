import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { invocation, secretsOf } from '../../../../plugins/nx-study/src/measure/worker/command.ts';
import type { Worker } from '../../../../plugins/nx-study/src/worker/manifest.ts';
import { temporaryFolder } from '../../machine/helpers.ts';
import type { PreparedEnvironment } from '../../../../plugins/nx-study/src/environment/prepared.ts';

const worker = {
  name: 'typed',
  root: 'workers/typed',
  manifest: { passEnvironment: [], env: { WORKER_MODULES: '{modules}', UNKNOWN: '{nothing}' } },
} as unknown as Worker;
const ONE = { cpus: 1, memory_bytes: null };
const environment = (changes: Partial<PreparedEnvironment>): PreparedEnvironment => ({
  python: null,
  modules: null,
  interpreter: null,
  cacheDir: '/cache',
  container: null,
  versions: {},
  ...changes,
});

it('{node} and {tsx} run TypeScript that Node alone does not', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'worker.ts');
  writeFileSync(file, 'enum Answer { Yes = 42 }\nconsole.log(Answer.Yes, process.argv[2]);\n');
  const command = ['{node}', '--import', '{tsx}', file, '{run}'];
  const { command: filled } = invocation({
    workspaceRoot: folder,
    worker,
    command,
    environment: environment({}),
    allowance: ONE,
    places: { run: '/runs/one' },
  });
  const [node, ...args] = filled;
  expect(args[1]).toMatch(/^file:\/\//);
  expect(execFileSync(node!, args, { encoding: 'utf8' })).toBe('42 /runs/one\n');
});

it('fills placeholders in the environment; what it does not know stays as it is', () => {
  const places = { run: '/runs/one' };
  const { env } = invocation({
    workspaceRoot: '/workspace',
    worker,
    command: [],
    environment: environment({ modules: '/modules' }),
    allowance: ONE,
    places,
  });
  expect(env).toMatchObject({ WORKER_MODULES: '/modules', UNKNOWN: '{nothing}' });
});

it('a setting that names a secret lets it through, and nothing else', () => {
  const secretive = {
    ...worker,
    manifest: { ...worker.manifest, secrets: ['key_env', 'other_env', 'missing_env', 'header_env'] },
  };
  process.env['NX_STUDY_TEST_KEY'] = 'sesame';
  try {
    const settings = { key_env: 'NX_STUDY_TEST_KEY', other_env: null, missing_env: 'NX_STUDY_TEST_NONE', path: 'HOME' };
    expect(secretsOf(secretive, settings)).toEqual({ NX_STUDY_TEST_KEY: 'sesame' });
    const named = { header_env: { 'api-key': 'NX_STUDY_TEST_KEY', other: 'NX_STUDY_TEST_NONE' } };
    expect(secretsOf(secretive, named)).toEqual({ NX_STUDY_TEST_KEY: 'sesame' });
  } finally {
    delete process.env['NX_STUDY_TEST_KEY'];
  }
});

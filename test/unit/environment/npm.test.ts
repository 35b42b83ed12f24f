import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { prepareEnvironment } from '../../../plugins/nx-study/src/environment/prepare.ts';
import { npmRegistry } from '../../helpers/registry.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { worker } from './helpers.ts';

beforeEach(() => {
  vi.stubEnv('NX_STUDY_CACHE_DIR', temporaryFolder());
  vi.stubEnv('npm_config_cache', temporaryFolder());
});
afterEach(() => void vi.unstubAllEnvs());

async function workspace(environment: object = { type: 'npm', lock: 'package-lock.json' }) {
  const registry = await npmRegistry(
    'tiny',
    { 'index.js': 'module.exports = 42', 'install.js': "require('fs').writeFileSync('ran', '')" },
    { scripts: { install: 'node install.js' } },
  );
  for (const [name, value] of Object.entries(registry.env)) vi.stubEnv(name, value);
  const workspaceRoot = temporaryFolder();
  const write = (file: string, content: string) => {
    const path = join(workspaceRoot, 'workers/tiny', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  const lines: string[] = [];
  write('package.json', registry.project.package);
  write('package-lock.json', registry.project.lock);
  const options = {
    workspaceRoot,
    worker: worker(environment),
    onProgress: (line: string) => void lines.push(line),
  };
  return { registry, options, lines, write };
}

test('an environment is made from the lock, without install scripts, and found again without npm', async () => {
  const { options, lines, registry } = await workspace();
  const made = await prepareEnvironment(options);
  expect(made).toMatchObject({ python: null, interpreter: null, container: null });
  expect(made.versions).toEqual({ node: process.versions.node });
  const code = `console.log(require('module').createRequire(${JSON.stringify(join(made.modules!, 'x.js'))})('tiny'))`;
  expect(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' })).toBe('42\n');
  expect(existsSync(join(made.modules!, 'tiny/ran'))).toBe(false);
  expect(lines[0]).toBe('creating environment tiny (npm): installing');
  expect(lines.at(-1)).toMatch(/^creating environment tiny \(npm\): ready in \d+\.\d s$/);
  vi.stubEnv('PATH', '/nowhere');
  registry.server.close();
  const count = lines.length;
  expect(await prepareEnvironment(options)).toEqual(made);
  expect(lines).toHaveLength(count);
});

test('what an npm around this process says about its own run is not for the environment', async () => {
  const { options } = await workspace();
  const elsewhere = temporaryFolder();
  for (const name of ['prefix', 'local_prefix']) vi.stubEnv(`npm_config_${name}`, elsewhere);
  vi.stubEnv('npm_config_global', 'true');
  vi.stubEnv('npm_config_dry_run', 'true');
  const { modules } = await prepareEnvironment(options);
  expect(readdirSync(modules!)).toContain('tiny');
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('two at once install once', async () => {
  const { options, lines } = await workspace();
  const [first, second] = await Promise.all([prepareEnvironment(options), prepareEnvironment(options)]);
  expect(second).toEqual(first);
  expect(lines.filter((line) => line.includes('ready in'))).toHaveLength(1);
});

test('each variant is an environment of its own, from its own lock', async () => {
  const locks = { cpu: 'cpu/package-lock.json', cuda: 'cuda/package-lock.json' };
  const { options, write, registry } = await workspace({ type: 'npm', variants: { by: 'device', locks } });
  for (const variant of ['cpu', 'cuda']) {
    write(`${variant}/package.json`, registry.project.package);
    write(`${variant}/package-lock.json`, registry.project.lock);
  }
  const cpu = await prepareEnvironment({ ...options, variant: 'cpu' });
  const cuda = await prepareEnvironment({ ...options, variant: 'cuda' });
  expect([cpu.modules, cuda.modules]).toEqual([
    expect.stringMatching(/\/tiny-cpu-[0-9a-f]{12}-node\/node_modules$/),
    expect.stringMatching(/\/tiny-cuda-[0-9a-f]{12}-node\/node_modules$/),
  ]);
});

test('a package that is not the locked one is refused, with advice', async () => {
  const { options, registry } = await workspace();
  const [path] = registry.server.files.keys();
  registry.server.files.set(path!, Buffer.from('something else'));
  await expect(prepareEnvironment(options)).rejects.toThrow(
    /environment of tiny could not be created: npm ci failed(.|\n)*not the one that the lock names(.|\n)*npm's errors:/,
  );
  expect(readdirSync(join(process.env['NX_STUDY_CACHE_DIR']!, 'environments'))).toHaveLength(2);
});

test('without a registry, without a lock and with one that does not fit, the error says so', async () => {
  const { options, registry, write } = await workspace();
  write('package-lock.json', '{"name": "environment", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}');
  await expect(prepareEnvironment(options)).rejects.toThrow(/do not fit each other.*--package-lock-only/);
  write('package-lock.json', registry.project.lock);
  registry.server.close();
  await expect(prepareEnvironment(options)).rejects.toThrow(/registry was not reached.*npm config set registry/);
  const missing = worker({ type: 'npm', lock: 'other/package-lock.json' });
  await expect(prepareEnvironment({ ...options, worker: missing })).rejects.toThrow(
    /names other\/package-lock\.json as the lock .*ENOENT.*--package-lock-only/,
  );
});

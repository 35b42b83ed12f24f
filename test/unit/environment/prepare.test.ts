import { execFileSync, spawn } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findInterpreters } from '../../../plugins/nx-study/src/environment/interpreter.ts';
import { prepareEnvironment } from '../../../plugins/nx-study/src/environment/prepare.ts';
import { findUv, UV_VERSION } from '../../../plugins/nx-study/src/environment/uv.ts';
import { childrenOf, LIMIT_MS, temporaryFolder, until } from '../machine/helpers.ts';
import { ANY_PYTHON, worker, writeProgram, writeWorkspace } from './helpers.ts';

const PATH_BEFORE = process.env['PATH'];
let shared: string;
let uv: string;
let lock: string;
const installing: string[] = [];
const NO_PROGRAMS = { PATH: '/nowhere' };

const onProgress = (line: string) => void installing.push(line);

// One real installation of uv for all tests; a lock that it makes itself.
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), 'nx-study-test-'));
  const interpreters = await findInterpreters(shared);
  uv = (await findUv({ cacheDir: shared, interpreters, env: NO_PROGRAMS, onProgress })).path;
  lock = execFileSync(uv, ['pip', 'compile', '--generate-hashes', '--no-emit-index-url', '--no-header', '-'], {
    cwd: shared,
    input: 'six==1.17.0\n',
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}, 120_000);
afterAll(() => rmSync(shared, { recursive: true, force: true }));

beforeEach(() => {
  vi.stubEnv('NX_STUDY_CACHE_DIR', temporaryFolder());
  usePrograms(join(uv, '..'));
});
afterEach(() => void vi.unstubAllEnvs());

const usePrograms = (folder: string) => vi.stubEnv('PATH', [folder, PATH_BEFORE].join(delimiter));

function workspace(content: string, environment: object = {}) {
  const workspaceRoot = temporaryFolder();
  writeWorkspace(workspaceRoot, content);
  const lines: string[] = [];
  const options = {
    workspaceRoot,
    worker: worker({ type: 'uv', python: ANY_PYTHON, lock: 'requirements.lock', ...environment }),
    onProgress: (line: string) => void lines.push(line),
  };
  return { options, lines };
}

test('uv is installed with pip where there is none, once', async () => {
  expect(uv).toBe(join(shared, 'uv', UV_VERSION, 'bin/uv'));
  expect(installing).toHaveLength(1);
  expect(installing[0]).toMatch(/^installing uv \S+ with the pip of Python 3/);
  expect(readdirSync(join(shared, 'uv'))).toEqual([UV_VERSION]);
  const again = await findUv({ cacheDir: shared, interpreters: [], env: NO_PROGRAMS });
  expect(again).toEqual({ path: uv, version: UV_VERSION });
});

test('a system worker needs nothing but its cache folder', async () => {
  const { options } = workspace('');
  const made = await prepareEnvironment({ ...options, worker: worker({ type: 'system' }) });
  expect(made).toMatchObject({ python: null, interpreter: null, versions: {} });
  expect(statSync(made.cacheDir).isDirectory()).toBe(true);
});

test('an environment is made from the lock, with progress, and found again without any program', async () => {
  const { options, lines } = workspace(lock);
  const made = await prepareEnvironment(options);
  expect(made.interpreter).toMatch(/^CPython 3\.\d+\.\d+$/);
  expect(made.versions['uv']).toBe(UV_VERSION);
  expect(execFileSync(made.python!, ['-c', 'import six; print(six.__version__)'], { encoding: 'utf8' })).toBe(
    '1.17.0\n',
  );
  expect(lines.every((line) => /^creating environment tiny \(Python 3\.\d+\.\d+\): /.test(line))).toBe(true);
  expect(lines.join('\n')).toMatch(
    /resolved 1 package .*\n(.*\n)*.*installed 1 package in .*\n(.*\n)*.*ready in \d+\.\d s$/,
  );
  vi.stubEnv('PATH', '/nowhere');
  const count = lines.length;
  expect(await prepareEnvironment(options)).toEqual(made);
  expect(lines).toHaveLength(count);
});

test("a lock of the study is taken in place of the worker's, wherever it lies", async () => {
  const { options } = workspace('# nothing\n');
  writeFileSync(join(options.workspaceRoot, 'models.lock'), lock);
  const own = await prepareEnvironment({ ...options, own: 'models.lock' });
  expect(own.python).toMatch(/\/tiny-own-[^/]+\/venv\/bin\/python$/);
  expect(execFileSync(own.python!, ['-c', 'import six; print(six.__version__)'], { encoding: 'utf8' })).toBe(
    '1.17.0\n',
  );
  await expect(prepareEnvironment({ ...options, own: 'missing.lock' })).rejects.toThrow(
    /names missing\.lock as the lock/,
  );
});

test('the same content is the same environment wherever the workspace is; another lock is another', async () => {
  const first = await prepareEnvironment(workspace(lock).options);
  expect(await prepareEnvironment(workspace(lock).options)).toEqual(first);
  const other = await prepareEnvironment(workspace('# nothing\n').options);
  expect(other.python).not.toBe(first.python);
});

test('two at once build once', async () => {
  const { options, lines } = workspace(lock);
  const [first, second] = await Promise.all([prepareEnvironment(options), prepareEnvironment(options)]);
  expect(second).toEqual(first);
  expect(lines.filter((line) => line.includes('ready in'))).toHaveLength(1);
  expect(lines.join('\n')).toMatch(/environment tiny: another run creates it \(pid \d+\)/);
});

test('a killed build leaves nothing that runs, nor what is mistaken for an environment', async () => {
  const { options } = workspace(lock);
  const slow = temporaryFolder();
  writeProgram(join(slow, 'uv'), `case $1 in pip) sleep 60 ;; *) exec '${uv}' "$@" ;; esac`);
  usePrograms(slow);
  const program = join(import.meta.dirname, 'programs/prepare.ts');
  const child = spawn(
    process.execPath,
    ['--import', '@swc-node/register/esm-register', program, options.workspaceRoot],
    { cwd: join(import.meta.dirname, '../../..'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const sleeper = () => childrenOf(child.pid!).flatMap((pid) => childrenOf(pid))[0];
  await until(() => sleeper() !== undefined && leftovers().some((name) => !name.endsWith('.lock')));
  child.kill('SIGKILL');
  usePrograms(join(uv, '..'));
  const made = await prepareEnvironment(options);
  expect(execFileSync(made.python!, ['-c', 'import six'], { encoding: 'utf8' })).toBe('');
});

const leftovers = () => {
  try {
    return readdirSync(join(process.env['NX_STUDY_CACHE_DIR']!, 'environments'));
  } catch {
    return [];
  }
};

test('an environment whose interpreter was uninstalled is made anew', async () => {
  const { options, lines } = workspace('# nothing\n');
  const made = await prepareEnvironment(options);
  const target = realpathSync(made.python!);
  unlinkSync(made.python!);
  symlinkSync('/nowhere/python', made.python!);
  expect(await prepareEnvironment(options)).toEqual(made);
  expect(realpathSync(made.python!)).toBe(target);
  expect(lines.filter((line) => line.includes('ready in'))).toHaveLength(2);
});

test('a stop ends uv and rejects with its reason', async () => {
  const slow = temporaryFolder();
  writeProgram(join(slow, 'uv'), `case $1 in pip) sleep 60 ;; *) exec '${uv}' "$@" ;; esac`);
  usePrograms(slow);
  const controller = new AbortController();
  const { options } = workspace(lock);
  const running = prepareEnvironment({ ...options, signal: controller.signal });
  const ended = running.then(
    () => 'it was made',
    (error: unknown) => String(error),
  );
  await until(() => leftovers().some((name) => !name.endsWith('.lock')));
  const begin = performance.now();
  controller.abort(new Error('stopped by a test'));
  expect(await ended).toBe('Error: stopped by a test');
  expect(performance.now() - begin).toBeLessThan(LIMIT_MS);
});

test('a package that is not the locked one is refused, with advice', async () => {
  const wrong = lock.replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${'0'.repeat(64)}`);
  await expect(prepareEnvironment(workspace(wrong).options)).rejects.toThrow(
    /environment of tiny could not be created: uv pip sync failed(.|\n)*not the one that the lock names(.|\n)*uv's last lines:/,
  );
});

test('a lock without hashes is refused, with advice', async () => {
  await expect(prepareEnvironment(workspace('six==1.17.0\n').options)).rejects.toThrow(
    /no hash for each package.*--generate-hashes/,
  );
});

test('without a network the error says so', async () => {
  vi.stubEnv('UV_OFFLINE', '1');
  vi.stubEnv('UV_CACHE_DIR', temporaryFolder());
  await expect(prepareEnvironment(workspace(lock).options)).rejects.toThrow(
    /package index was not reached.*UV_DEFAULT_INDEX/,
  );
});

test('a failed build is tried again', async () => {
  const { options } = workspace(lock);
  const broken = temporaryFolder();
  writeProgram(
    join(broken, 'uv'),
    `case $1 in pip) echo 'No space left on device' >&2; exit 2 ;; *) exec '${uv}' "$@" ;; esac`,
  );
  usePrograms(broken);
  await expect(prepareEnvironment(options)).rejects.toThrow(/disk is full/);
  usePrograms(join(uv, '..'));
  expect((await prepareEnvironment(options)).python).toMatch(/venv\/bin\/python$/);
});

const prepareWith = (environment: object) => prepareEnvironment(workspace(lock, environment).options);

test('a missing lock, a wrong range and a Python that is nowhere are explained', async () => {
  await expect(prepareWith({ lock: 'missing.lock' })).rejects.toThrow(
    /names missing\.lock as the lock .*ENOENT.*--generate-hashes/,
  );
  await expect(prepareWith({ python: 'three' })).rejects.toThrow(/"three" is no range/);
  await expect(prepareWith({ python: '>=3.60' })).rejects.toThrow(/tiny needs Python >=3\.60.*\nFound:\n/);
});

test('what pip was told about package indexes holds for uv', async () => {
  const settings = join(temporaryFolder(), 'pip.conf');
  writeFileSync(settings, '[global]\nindex-url = http://127.0.0.1:9/simple\n');
  vi.stubEnv('PIP_CONFIG_FILE', settings);
  vi.stubEnv('UV_CACHE_DIR', temporaryFolder());
  vi.stubEnv('UV_HTTP_RETRIES', '0');
  await expect(prepareEnvironment(workspace(lock).options)).rejects.toThrow(
    /package index was not reached(.|\n)*127\.0\.0\.1:9\/simple/,
  );
});

test('without pip the error says how to get uv', async () => {
  const python = join(temporaryFolder(), 'python3');
  writeProgram(python, 'echo "$0: No module named pip" >&2; exit 1');
  const interpreters = [{ path: python, version: '3.12.0', implementation: 'CPython', refused: null }];
  await expect(findUv({ cacheDir: temporaryFolder(), interpreters, env: NO_PROGRAMS })).rejects.toThrow(
    /made by uv.*\n.*No module named pip\nInstall uv \(https:.*apt install python3-pip/,
  );
});

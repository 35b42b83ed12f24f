import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { lockUnreadable, npmLockUnreadable } from './texts.ts';
import { windowsUnsupported } from '../machine/texts.ts';
import { canonicalJson } from '../base/canonical.ts';
import { cacheRoot } from './cache.ts';
import { containerEnvironment } from './container.ts';
import { chooseInterpreter, findInterpreters } from './interpreter.ts';
import { buildWithNpm, findNpm } from './npm.ts';
import { findReady } from './ready.ts';
import { buildWithUv } from './uv-build.ts';
import type { PreparedEnvironment, PrepareOptions } from './prepared.ts';
import { lockFiles } from '../worker/lock-files.ts';

/**
 * Makes the environment in which a worker runs. It is built once for each content of its lock, on each system and
 * architecture; later calls find it within milliseconds and start no process. Builds wait for each other by a lock file.
 * @throws EnvironmentError that says what is missing and how to get it (`type` `unsupported` where no retry can help);
 * MachineError on Windows; the signal's reason when aborted.
 */
export async function prepareEnvironment(options: PrepareOptions): Promise<PreparedEnvironment> {
  const { ready, build } = await find(options);
  return ready ?? build();
}

/**
 * The environment where it is there; null where the next run would make it first. Makes and installs nothing.
 * @throws EnvironmentError where it could not be made, for lack of an interpreter, npm, a lock or an image.
 */
export async function environmentNow(options: PrepareOptions): Promise<PreparedEnvironment | null> {
  const { ready } = await find(options);
  if (ready !== null) return ready;
  const { worker, cacheDir = cacheRoot() } = options;
  const { environment } = worker.manifest;
  if (environment.type === 'npm') findNpm();
  if (environment.type === 'uv') chooseInterpreter(worker.name, environment.python, await findInterpreters(cacheDir));
  return null;
}

interface Found {
  ready: PreparedEnvironment | null;
  build: () => Promise<PreparedEnvironment>;
}

async function find(options: PrepareOptions): Promise<Found> {
  if (process.platform === 'win32') throw windowsUnsupported();
  const { worker, variant = null, own = null, cacheDir = cacheRoot() } = options;
  const { environment } = worker.manifest;
  const folder = join(cacheDir, 'environments');
  if (environment.type === 'system') return found(await systemEnvironment(join(folder, `${worker.name}-system`)));
  if (environment.type === 'container') return containerEnvironment(environment, options, folder);

  const files = lockFiles(environment).get(variant) ?? [];
  const texts = await (own === null ? readLocks(options, worker.root, files) : readLocks(options, '', [own]));
  const kind = environment.type === 'uv' ? { type: environment.type, python: environment.python } : environment.type;
  const content = { kind, lock: texts.map(digest), platform: platform(), arch: arch(), form: FORM };
  const name = [worker.name, own === null ? variant : 'own'].filter((part) => part !== null).join('-');
  const prefix = `${name}-${digest(canonicalJson(content)).slice(0, KEY_DIGITS)}`;
  const ready = await findReady(folder, prefix);
  const [lock, second] = [texts[0]!, texts[1]!];
  const build = () =>
    environment.type === 'npm'
      ? buildWithNpm({ ...options, folder, prefix, lock, package: second })
      : buildWithUv({ ...options, cacheDir, folder, prefix, lock, constraint: environment.python });
  return { ready, build };
}

const found = (ready: PreparedEnvironment): Found => ({ ready, build: () => Promise.resolve(ready) });

/** Raised when environments must be made differently from before. */
const FORM = 2;
const KEY_DIGITS = 12;

async function systemEnvironment(cacheDir: string): Promise<PreparedEnvironment> {
  await mkdir(cacheDir, { recursive: true });
  return { python: null, modules: null, container: null, interpreter: null, cacheDir, versions: {} };
}

async function readLocks(
  { workspaceRoot, worker }: PrepareOptions,
  folder: string,
  paths: string[],
): Promise<string[]> {
  try {
    return await Promise.all(paths.map((path) => readFile(join(workspaceRoot, folder, path), 'utf8')));
  } catch (cause) {
    const unreadable = worker.manifest.environment.type === 'npm' ? npmLockUnreadable : lockUnreadable;
    throw unreadable(worker.name, paths[0]!, cause);
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

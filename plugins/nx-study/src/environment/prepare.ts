import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { lockUnreadable, npmLockUnreadable } from './texts.ts';
import { windowsUnsupported } from '../machine/texts.ts';
import { canonicalJson } from '../base/canonical.ts';
import { cacheRoot } from './cache.ts';
import { containerEnvironment } from './container.ts';
import { buildWithNpm } from './npm.ts';
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
  if (process.platform === 'win32') throw windowsUnsupported();
  const { worker, variant = null, own = null, cacheDir = cacheRoot() } = options;
  const { environment } = worker.manifest;
  const folder = join(cacheDir, 'environments');
  if (environment.type === 'system') return systemEnvironment(join(folder, `${worker.name}-system`));
  if (environment.type === 'container') return containerEnvironment(environment, options, folder);

  const files = lockFiles(environment).get(variant) ?? [];
  const texts = await (own === null ? readLocks(options, worker.root, files) : readLocks(options, '', [own]));
  const kind = environment.type === 'uv' ? { type: environment.type, python: environment.python } : environment.type;
  const content = { kind, lock: texts.map(digest), platform: platform(), arch: arch(), form: FORM };
  const name = [worker.name, own === null ? variant : 'own'].filter((part) => part !== null).join('-');
  const prefix = `${name}-${digest(canonicalJson(content)).slice(0, KEY_DIGITS)}`;
  const ready = await findReady(folder, prefix);
  if (ready !== null) return ready;
  if (environment.type === 'npm')
    return buildWithNpm({ ...options, folder, prefix, lock: texts[0]!, package: texts[1]! });
  return buildWithUv({ ...options, cacheDir, folder, prefix, lock: texts[0]!, constraint: environment.python });
}

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

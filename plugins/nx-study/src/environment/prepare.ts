import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { lockUnreadable, npmLockUnreadable } from '../errors/environment.ts';
import { windowsUnsupported } from '../errors/machine.ts';
import { canonicalJson } from '../canonical.ts';
import type { Worker } from '../worker/manifest.ts';
import { cacheRoot } from './cache.ts';
import { containerEnvironment } from './container.ts';
import type { Container } from './container.ts';
import { buildWithNpm } from './npm.ts';
import { findReady } from './ready.ts';
import { buildWithUv } from './uv-build.ts';
import { lockFiles } from './variant.ts';

export interface PreparedEnvironment {
  /** Absolute path of the environment's interpreter; null for `system`. */
  python: string | null;
  /** Absolute path of its `node_modules`; null where it has none. */
  modules: string | null;
  /** Such as `CPython 3.12.1`; null for `system`. */
  interpreter: string | null;
  /** A folder kept with the environment, for compile caches and the like; absolute, exists. */
  cacheDir: string;
  /** Where its commands run; null for this system itself. */
  container: Container | null;
  /** What the environment was made with: `python`, `uv`, `npm`; empty for `system`. */
  versions: Record<string, string>;
}

export interface PrepareOptions {
  /** Absolute. */
  workspaceRoot: string;
  worker: Pick<Worker, 'name' | 'root' | 'manifest'>;
  /** Which of the environment's variants; null (the default) where it has only one. */
  variant?: string | null;
  /** Default: NX_STUDY_CACHE_DIR, or the user's cache folder. */
  cacheDir?: string;
  /** Called with a line for people whenever something takes a while; never when the environment is ready. */
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Makes a worker runnable: once for each content of its lock, then found again in milliseconds and without a process.
 * Rejects with an EnvironmentError that says what to do, or with the signal's reason.
 */
export async function prepareEnvironment(options: PrepareOptions): Promise<PreparedEnvironment> {
  if (process.platform === 'win32') throw windowsUnsupported();
  const { worker, variant = null, cacheDir = cacheRoot() } = options;
  const { environment } = worker.manifest;
  const folder = join(cacheDir, 'environments');
  if (environment.type === 'system') return systemEnvironment(join(folder, `${worker.name}-system`));
  if (environment.type === 'container') return containerEnvironment(environment, options, folder);

  const texts = await readLocks(options, lockFiles(environment).get(variant) ?? []);
  const kind = environment.type === 'uv' ? { type: environment.type, python: environment.python } : environment.type;
  const content = { kind, lock: texts.map(digest), platform: platform(), arch: arch(), form: FORM };
  const name = variant === null ? worker.name : `${worker.name}-${variant}`;
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

async function readLocks({ workspaceRoot, worker }: PrepareOptions, paths: string[]): Promise<string[]> {
  try {
    return await Promise.all(paths.map((path) => readFile(join(workspaceRoot, worker.root, path), 'utf8')));
  } catch (cause) {
    const unreadable = worker.manifest.environment.type === 'npm' ? npmLockUnreadable : lockUnreadable;
    throw unreadable(worker.name, paths[0]!, cause);
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

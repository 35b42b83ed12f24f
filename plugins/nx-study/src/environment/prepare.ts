import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { lockUnreadable } from '../errors/environment.ts';
import { windowsUnsupported } from '../errors/machine.ts';
import { canonicalJson } from '../canonical.ts';
import type { Worker } from '../worker/manifest.ts';
import { build } from './build.ts';
import { cacheRoot } from './cache.ts';
import { findReady } from './ready.ts';

export interface PreparedEnvironment {
  /** Absolute path of the environment's interpreter; null for `system`. */
  python: string | null;
  /** Such as `CPython 3.12.1`; null for `system`. */
  interpreter: string | null;
  /** A folder kept with the environment, for compile caches and the like; absolute, exists. */
  cacheDir: string;
  /** What the environment was made with: `python`, `uv`; empty for `system`. */
  versions: Record<string, string>;
}

export interface PrepareOptions {
  /** Absolute. */
  workspaceRoot: string;
  worker: Pick<Worker, 'name' | 'root' | 'manifest'>;
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
  const { worker, cacheDir = cacheRoot() } = options;
  const { environment } = worker.manifest;
  const folder = join(cacheDir, 'environments');
  if (environment.type === 'system') return systemEnvironment(join(folder, `${worker.name}-system`));

  const lock = await readLock(options, environment.lock);
  const content = { ...environment, lock: digest(lock), platform: platform(), arch: arch(), form: FORM };
  const prefix = `${worker.name}-${digest(canonicalJson(content)).slice(0, KEY_DIGITS)}`;
  const ready = await findReady(folder, prefix);
  return ready ?? build({ ...options, cacheDir, folder, prefix, lock, constraint: environment.python });
}

/** Raised when environments must be made differently from before. */
const FORM = 1;
const KEY_DIGITS = 12;

async function systemEnvironment(cacheDir: string): Promise<PreparedEnvironment> {
  await mkdir(cacheDir, { recursive: true });
  return { python: null, interpreter: null, cacheDir, versions: {} };
}

async function readLock({ workspaceRoot, worker }: PrepareOptions, path: string): Promise<string> {
  try {
    return await readFile(join(workspaceRoot, worker.root, path), 'utf8');
  } catch (cause) {
    throw lockUnreadable(worker.name, path, cause);
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { noUv } from './texts.ts';
import { moveFolder } from './cache.ts';
import type { Interpreter } from './interpreter.ts';
import { isExecutable } from '../machine/program.ts';
import { runTool } from './tool.ts';
import { compareVersions } from './versions.ts';

/** The version that is installed where there is none. */
export const UV_VERSION = '0.13.9';
const LOWEST_UV = '0.5.0';
const LOWEST_PIP_PYTHON = '3.8';

export interface Uv {
  path: string;
  version: string;
}

export interface UvOptions {
  cacheDir: string;
  /** To install uv with, the first that has pip. */
  interpreters: Interpreter[];
  env?: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

/** uv from the PATH, else our own in the cache folder, installed with pip on first use. @throws EnvironmentError when pip can't. */
export async function findUv(options: UvOptions): Promise<Uv> {
  const env = options.env ?? process.env;
  const own = join(options.cacheDir, 'uv', UV_VERSION);
  for (const path of [...onPath(env), join(own, 'bin/uv')].filter(isExecutable)) {
    const version = await versionOf(path, options);
    if (version !== null && compareVersions(version, LOWEST_UV) >= 0) return { path, version };
  }
  return install(own, options);
}

const onPath = (env: NodeJS.ProcessEnv): string[] =>
  [...(env['PATH'] ?? '').split(delimiter), join(homedir(), '.local/bin'), join(homedir(), '.cargo/bin')]
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, 'uv'));

async function versionOf(path: string, { signal }: UvOptions): Promise<string | null> {
  const { code, tail } = await runTool(path, { args: ['--version'], cwd: '/', ...(signal ? { signal } : {}) });
  return code === 0 ? (/^uv (\d+(?:\.\d+)+)/m.exec(tail)?.[1] ?? null) : null;
}

async function install(folder: string, options: UvOptions): Promise<Uv> {
  const tried: string[] = [];
  const { onProgress, signal } = options;
  for (const { path, version } of options.interpreters) {
    if (compareVersions(version, LOWEST_PIP_PYTHON) < 0) continue;
    onProgress?.(`installing uv ${UV_VERSION} with the pip of Python ${version}`);
    await mkdir(join(folder, '..'), { recursive: true });
    const temporary = await mkdtemp(`${folder}.tmp-`);
    try {
      const { code, tail } = await runTool(path, {
        args: [
          '-m',
          'pip',
          'install',
          '--target',
          temporary,
          '--no-deps',
          '--only-binary',
          ':all:',
          `uv==${UV_VERSION}`,
        ],
        cwd: '/',
        env: PIP_ENV,
        ...(signal ? { signal } : {}),
      });
      if (code === 0) {
        await moveFolder(temporary, folder);
        return { path: join(folder, 'bin/uv'), version: UV_VERSION };
      }
      tried.push(`${path}: ${lastError(tail)}`);
      // Another Python's pip reaches the package index no better.
      if (!/No module named pip/.test(tail)) break;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  throw noUv(tried);
}

/** Takes out variables of the caller that would change what uv does. */
export const UV_ENV = {
  UV_NO_PROGRESS: '1',
  NO_COLOR: '1',
  UV_PYTHON_DOWNLOADS: 'never',
  UV_PYTHON: undefined,
  VIRTUAL_ENV: undefined,
  CONDA_PREFIX: undefined,
  PYTHONPATH: undefined,
  PYTHONHOME: undefined,
};

// pip's own settings (index, mirror, certificates) stay; only what contradicts --target goes.
export const PIP_ENV = {
  PIP_USER: '0',
  PIP_REQUIRE_VIRTUALENV: '0',
  PIP_NO_INPUT: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_ROOT_USER_ACTION: 'ignore',
  PYTHONPATH: undefined,
  PYTHONHOME: undefined,
};

const lastError = (tail: string): string =>
  tail
    .split('\n')
    .findLast((line) => /error|no module/i.test(line))
    ?.trim() ??
  tail.split('\n').at(-1) ??
  'no message';

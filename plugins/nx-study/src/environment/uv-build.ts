import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uvFailed } from './texts.ts';
import { chooseInterpreter, findInterpreters, type Interpreter } from './interpreter.ts';
import { buildOnce } from './once.ts';
import { uvSettingsFromPip } from './pip-settings.ts';
import { pythonOf } from './ready.ts';
import { runTool } from './tool.ts';
import { findUv, UV_ENV, type Uv } from './uv.ts';
import type { PreparedEnvironment, PrepareOptions } from './prepared.ts';

interface BuildOptions extends PrepareOptions {
  cacheDir: string;
  /** Where environments are. */
  folder: string;
  /** The environment's name but for the interpreter's version. */
  prefix: string;
  /** The lock's content. */
  lock: string;
  constraint: string;
}

/** Makes a virtual environment from a hashed requirements file. */
export async function buildWithUv(options: BuildOptions): Promise<PreparedEnvironment> {
  const { worker, cacheDir, folder, prefix, constraint } = options;
  const interpreters = await findInterpreters(cacheDir);
  const interpreter = chooseInterpreter(worker.name, constraint, interpreters);
  const root = join(folder, `${prefix}-py${interpreter.version}`);
  const say = (line: string) =>
    options.onProgress?.(`creating environment ${worker.name} (Python ${interpreter.version}): ${line}`);
  return buildOnce(root, options, say, async (lock) => {
    const uv = await install(options, { root, interpreter, interpreters, lockFd: lock.fd, say });
    return {
      interpreter: `${interpreter.implementation} ${interpreter.version}`,
      versions: { python: interpreter.version, uv: uv.version },
    };
  });
}

interface Installation {
  root: string;
  /** The Python of the environment. */
  interpreter: Interpreter;
  /** All that were found. */
  interpreters: Interpreter[];
  lockFd: number;
  say: (line: string) => void;
}

/** Returns the uv that it was installed with. */
async function install(
  { worker, cacheDir, lock: requirements, signal }: BuildOptions,
  { root, interpreter, interpreters, lockFd, say }: Installation,
): Promise<Uv> {
  const stoppable = signal ? { signal } : {};
  // The chosen Python's pip is asked first.
  const others = interpreters.filter((it) => it !== interpreter);
  const uv = await findUv({ cacheDir, interpreters: [interpreter, ...others], onProgress: say, ...stoppable });
  const env = { ...UV_ENV, ...(await uvSettingsFromPip(interpreter.path)) };
  const onLine = (line: string) => STEPS.test(line) && say(lowerFirst(line));
  const run = async (step: string, args: string[]) => {
    const { code, tail } = await runTool(uv.path, { args, cwd: root, env, lockFd, onLine, ...stoppable });
    if (code !== 0) throw uvFailed(worker.name, `${step} failed with exit code ${code ?? 'none'}`, tail);
  };

  await writeFile(join(root, 'requirements.lock'), requirements);
  say('resolving');
  await run('uv venv', ['venv', '--python', interpreter.path, 'venv']);
  await run('uv pip sync', [...SYNC, '--python', pythonOf(root), 'requirements.lock']);
  return uv;
}

// Workers write no bytecode, so that their environment stays as it was made: it is compiled here.
const SYNC = ['pip', 'sync', '--require-hashes', '--allow-empty-requirements', '--compile-bytecode'];

// The lines in which uv reports a step.
const STEPS = /^(resolved|prepared|installed|downloading|building|built|bytecode compiled) /i;

const lowerFirst = (line: string): string => line.charAt(0).toLowerCase() + line.slice(1);

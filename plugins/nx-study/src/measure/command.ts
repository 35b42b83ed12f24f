import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { threadCaps } from '../machine/cpus.ts';
import type { Worker } from '../worker/manifest.ts';
import type { PreparedEnvironment } from '../environment/prepare.ts';

/** Variables of the surroundings that reach every worker. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

export interface Invocation {
  command: string[];
  env: Record<string, string>;
  /** Carried in the environment as `NX_STUDY_RUN`. */
  token: string;
}

/** The command line and the whole environment of one start of a worker. */
export function invocation(
  workspaceRoot: string,
  worker: Worker,
  command: string[],
  environment: PreparedEnvironment,
  cpus: number,
  places: { run: string; out?: string },
): Invocation {
  const known: Record<string, string> = {
    ...places,
    worker: join(workspaceRoot, worker.root),
    kits: join(workspaceRoot, 'workers/kits'),
    python: environment.python ?? 'python3',
    node: process.execPath,
    cache: environment.cacheDir,
  };
  const fill = (text: string) => text.replace(/\{([a-z]+)\}/g, (whole, name: string) => known[name] ?? whole);
  const token = randomBytes(8).toString('hex');
  return {
    token,
    command: command.map(fill),
    env: {
      ...passed([...INHERITED, ...worker.manifest.passEnvironment]),
      ...threadCaps(cpus),
      // Hash order and site packages of the user would differ from run to run and from machine to machine.
      PYTHONHASHSEED: '0',
      PYTHONNOUSERSITE: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      ...Object.fromEntries(Object.entries(worker.manifest.env).map(([name, value]) => [name, fill(value)])),
      NX_STUDY_RUN: token,
    },
  };
}

function passed(names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { findProgram } from '../machine/program.ts';
import { lacks, unknownEngine } from './texts.ts';
import { runTool } from './tool.ts';

/** In the order in which they are tried. */
export const ENGINES = ['docker', 'podman', 'apptainer'] as const;
export type EngineName = (typeof ENGINES)[number];

export interface Engine {
  name: EngineName;
  /** Absolute path. */
  path: string;
}

const CHOICE = 'NX_STUDY_CONTAINER_ENGINE';

/**
 * The engine that NX_STUDY_CONTAINER_ENGINE names, else the first that is on the PATH; a text that says what is missing
 * where there is none. It is a matter of the machine: part of no identity, and in each record.
 * @throws EnvironmentError for a name that is no engine's.
 */
export function findEngine(env: NodeJS.ProcessEnv = process.env): Engine | string {
  const chosen = env[CHOICE] || null;
  if (chosen !== null && !isEngine(chosen)) throw unknownEngine(CHOICE, chosen, ENGINES);
  for (const name of chosen === null ? ENGINES : [chosen]) {
    const path = findProgram(name, [], env);
    if (path !== null) return { name, path };
  }
  return chosen === null ? lacks.engine(ENGINES) : lacks.chosenEngine(CHOICE, chosen);
}

const isEngine = (name: string): name is EngineName => (ENGINES as readonly string[]).includes(name);

/** Whether an engine's containers are no children of the process that starts them, and live on without it. */
export const isApart = (path: string): boolean => basename(path) !== 'apptainer';

/** Such as `4.3.1`; `unknown` where it doesn't say so. */
export async function versionOf({ path }: Engine, signal?: AbortSignal): Promise<string> {
  const { tail } = await runTool(path, { args: ['--version'], cwd: '/', ...(signal ? { signal } : {}) });
  return /\d+(?:\.\d+)+/.exec(tail)?.[0] ?? 'unknown';
}

/** Whether memory limits hold: podman leaves them out, with a warning, where its user has no control group for memory. */
export async function limitsMemory({ name, path }: Engine, signal?: AbortSignal): Promise<boolean> {
  if (name !== 'podman' || process.getuid?.() === 0) return true;
  const args = ['info', '--format', '{{.Host.CgroupControllers}}'];
  const { code, tail } = await runTool(path, { args, cwd: '/', ...(signal ? { signal } : {}) });
  return code !== 0 || /^\[.*\bmemory\b/m.test(tail);
}

// Where podman looks. Debian recommends the program beside podman, so that it may be missing.
const INITS = ['/usr/libexec/podman/catatonit', '/usr/lib/podman/catatonit', '/usr/local/libexec/podman/catatonit'];

/** Whether it can start a container with a first process that passes signals on and buries what has ended. */
export const hasInit = ({ name }: Engine): boolean =>
  name === 'docker' ||
  process.platform !== 'linux' ||
  [...INITS, '/usr/bin/catatonit'].some((path) => existsSync(path));

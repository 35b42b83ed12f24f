import { basename } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { containerName } from './leftovers.ts';
import type { Container } from './prepared.ts';

/** Folders of this machine that a container sees, at the same paths as outside. */
export interface Mounts {
  readOnly: string[];
  writable: string[];
}

/** The share of the machine that a worker may use. */
export interface Allowance {
  cpus: number;
  /** null sets no limit. */
  memory_bytes: number | null;
}

export interface Inside extends Allowance {
  /** The whole environment inside, but for what the image sets. */
  env: Record<string, string>;
  /** The home folder inside; absolute. */
  home: string;
  token: string;
  /** Whether the measurement computes on a GPU. */
  gpus: boolean;
  mounts: Mounts;
  cwd: string;
}

/** Whether a measurement computes on a GPU, by the setting `device` of a worker that can do without. */
export const computesOnGpu = ({ device }: JsonObject, hasGpu: boolean): boolean =>
  device === 'cuda' || (device === 'auto' && hasGpu);

/**
 * The command line that runs a command in a container, and the variables that the engine's own program needs for it. Without
 * a network, unless the worker declares one.
 */
export function inContainer(
  container: Container,
  command: string[],
  inside: Inside,
): { command: string[]; env: Record<string, string> } {
  if (basename(container.engine) === 'apptainer') return inApptainer(container, command, inside);
  return { command: [container.engine, 'run', ...optionsOf(container, command, inside)], env: {} };
}

// Not removed by the engine when it ends: it is asked first whether the kernel ended it for lack of memory.
function optionsOf(
  { engine, image, network, hasInit, labels }: Container,
  command: string[],
  { env, home, token, gpus, cpus, memory_bytes, mounts, cwd }: Inside,
): string[] {
  const isPodman = basename(engine) === 'podman';
  const mount = (path: string, mode: string) => ['--volume', `${path}:${path}:${mode}`];
  return [
    ...(hasInit ? ['--init'] : []),
    '--pull=never',
    `--name=${containerName(token)}`,
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    `--network=${network}`,
    '--ipc=host',
    ...privileges(isPodman),
    `--cpus=${cpus}`,
    // Without swap, as outside of a container.
    ...(memory_bytes === null ? [] : [`--memory=${memory_bytes}`, `--memory-swap=${memory_bytes}`]),
    `--workdir=${cwd}`,
    // Memory that a GPU reads by itself is locked.
    ...(gpus ? ['--ulimit=memlock=-1', ...(isPodman ? ['--device=nvidia.com/gpu=all'] : ['--gpus=all'])] : []),
    ...mounts.readOnly.flatMap((path) => mount(path, 'ro')),
    ...mounts.writable.flatMap((path) => mount(path, 'rw')),
    ...Object.entries({ ...env, HOME: home }).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    '--entrypoint',
    command[0]!,
    image,
    ...command.slice(1),
  ];
}

/** None but those of the user who runs Nx, to whom the results shall belong. SELinux would hide the workspace. */
function privileges(isPodman: boolean): string[] {
  const own = ['--cap-drop=all', '--security-opt=no-new-privileges', '--security-opt=label=disable'];
  // Root reads files of others, inside as outside.
  if (process.getuid!() === 0) return [...own, '--cap-add=dac_override', '--user=0:0'];
  return [...own, ...(isPodman ? ['--userns=keep-id'] : [`--user=${process.getuid!()}:${process.getgid!()}`])];
}

/**
 * Its processes are children of ours, so limits of memory are those of a worker without a container. Variables go by its own
 * environment: commas part them on the command line.
 */
function inApptainer(
  { engine, image, network }: Container,
  command: string[],
  { env, home, gpus, mounts, cwd }: Inside,
): { command: string[]; env: Record<string, string> } {
  const bind = (path: string, mode: string) => `--bind=${path}:${path}:${mode}`;
  return {
    command: [
      engine,
      'exec',
      '--containall',
      '--no-eval',
      `--home=${home}`,
      `--pwd=${cwd}`,
      // The only network that a user without privileges may choose.
      ...(network === 'none' ? ['--net', '--network=none'] : []),
      ...(gpus ? ['--nv'] : []),
      ...mounts.readOnly.map((path) => bind(path, 'ro')),
      ...mounts.writable.filter((path) => path !== home).map((path) => bind(path, 'rw')),
      image,
      ...command,
    ],
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [`APPTAINERENV_${name}`, value])),
  };
}

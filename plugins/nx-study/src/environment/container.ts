import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { containerUnsupported, imageByTag, lacks } from './texts.ts';
import { nvidiaAccelerators } from '../machine/host.ts';
import type { Finding } from '../record/schema.ts';
import type { Environment } from '../worker/manifest.ts';
import { containerName, supervisorLabels } from './leftovers.ts';
import { findProgram } from '../machine/program.ts';
import { runTool } from './tool.ts';
import type { PreparedEnvironment, PrepareOptions, Container } from './prepared.ts';

type Wanted = Extract<Environment, { type: 'container' }>;

/** Checks that engine, image and GPU are there; builds and pulls nothing. @throws EnvironmentError that lists all that is missing. */
export async function containerEnvironment(
  { image, requires }: Wanted,
  { worker, signal }: PrepareOptions,
  folder: string,
): Promise<PreparedEnvironment> {
  const engine = findProgram('docker') ?? findProgram('podman');
  const gpus = requires?.accelerator === 'nvidia';
  const missing: string[] = [];
  if (engine === null) missing.push(lacks.engine());
  if (gpus && nvidiaAccelerators().length === 0) missing.push(lacks.nvidia());
  const found = engine === null ? null : await inspect(engine, image, signal);
  if (found === null) missing.push(lacks.image('docker', image));
  else if (found.id === null) missing.push(found.problem);
  if (engine === null || !found?.id || missing.length > 0) throw containerUnsupported(worker.name, missing);

  const cacheDir = join(folder, `${worker.name}-container`);
  await mkdir(cacheDir, { recursive: true });
  const versions = { image: found.id, [basename(engine)]: await versionOf(engine, signal) };
  const container = { engine, image, gpus, labels: await supervisorLabels() };
  return { python: null, modules: null, container, interpreter: null, cacheDir, versions };
}

type Found = { id: string } | { id: null; problem: string };

async function inspect(engine: string, image: string, signal?: AbortSignal): Promise<Found> {
  const args = ['image', 'inspect', '--format', '{{.Id}}', image];
  const { code, tail } = await runTool(engine, { args, cwd: '/', ...(signal ? { signal } : {}) });
  if (code === 0) return { id: tail.split('\n').at(-1)! };
  const name = basename(engine);
  const absent = /no such image|image not known|no such object/i.test(tail);
  return {
    id: null,
    problem: absent ? lacks.image(name, image) : lacks.imageUnseen(name, image, tail.split('\n').at(-1)!),
  };
}

async function versionOf(engine: string, signal?: AbortSignal): Promise<string> {
  const { tail } = await runTool(engine, { args: ['--version'], cwd: '/', ...(signal ? { signal } : {}) });
  return /\d+(?:\.\d+)+/.exec(tail)?.[0] ?? 'unknown';
}

/** A finding for an image that is named by a tag: the tag may point to another image later, without a new digest. */
export const findingsOf = ({ container, versions }: PreparedEnvironment): Finding[] =>
  container === null || container.image.includes('@') ? [] : [imageByTag(container.image, versions['image']!)];

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

/** The command line that runs a command in a container, without a network; named by the run's token. */
export function inContainer(
  { engine, image, gpus, labels }: Container,
  command: string[],
  {
    env,
    token,
    cpus,
    memory_bytes,
    mounts,
    cwd,
  }: { env: Record<string, string>; token: string; mounts: Mounts; cwd: string } & Allowance,
): string[] {
  const isPodman = basename(engine) === 'podman';
  const mount = (path: string, mode: string) => ['--volume', `${path}:${path}:${mode}`];
  return [
    engine,
    'run',
    '--rm',
    '--init',
    '--pull=never',
    `--name=${containerName(token)}`,
    ...Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`),
    '--network=none',
    '--ipc=host',
    '--ulimit=memlock=-1',
    `--cpus=${cpus}`,
    // Without swap, as outside of a container.
    ...(memory_bytes === null ? [] : [`--memory=${memory_bytes}`, `--memory-swap=${memory_bytes}`]),
    `--workdir=${cwd}`,
    // Otherwise results would belong to root.
    ...(isPodman ? ['--userns', 'keep-id'] : ['--user', `${process.getuid!()}:${process.getgid!()}`]),
    ...(gpus ? (isPodman ? ['--device', 'nvidia.com/gpu=all'] : ['--gpus', 'all']) : []),
    ...mounts.readOnly.flatMap((path) => mount(path, 'ro')),
    ...mounts.writable.flatMap((path) => mount(path, 'rw')),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    '--entrypoint',
    command[0]!,
    image,
    ...command.slice(1),
  ];
}

import { join } from 'node:path';
import { computesOnGpu } from '../../environment/in-container.ts';
import { containerEnd as askContainerEnd, endContainer } from '../../environment/leftovers.ts';
import type { ContainerEnd } from '../../environment/leftovers.ts';
import { rememberLoad } from '../cooling/last-load.ts';
import { noteVram } from '../limits/vram.ts';
import type { HeldMemory } from '../limits/vram.ts';
import { invocation, secretsOf } from '../worker/command.ts';
import { tailOf } from '../worker/failure.ts';
import { checkResult } from '../worker/result.ts';
import { supervise } from '../worker/supervise.ts';
import type { Supervised } from '../worker/supervise.ts';
import type { Begun } from './begin.ts';
import { cpusOf, gpuOptionsOf } from './job.ts';
import { observe } from './observe.ts';
import type { Observation } from './observe.ts';

/** A measurement whose worker has ended, with all that it started. */
export interface Ended extends Begun {
  observation: Observation;
  supervised: Supervised;
  /** What its engine said of its container, where that was asked; null otherwise. */
  containerEnd: ContainerEnd | null;
  /** GPU memory that was not given back after the worker's end; null when there is none. */
  heldAfter: HeldMemory | null;
}

/** Starts the worker, and waits until it, all that it started, its container and its GPU memory are gone. */
export async function runWorker(begun: Begun): Promise<Ended> {
  const { batch, device, task, worker, runDirectory } = begun;
  const { supervisor, stop } = batch;
  const directory = runDirectory.path;
  const { kind } = worker.manifest;
  const invoked = invocationOf(begun);
  const vramRestored = await noteVram(gpuOptionsOf(begun));
  const observation = await observe(begun);
  const supervised = await supervise({
    ...invoked,
    env: { ...secretsOf(worker, task.configuration), ...invoked.env },
    directory,
    inherit: [device.lock.fd],
    guard: device.guard,
    stop: stop.signal,
    force: stop.force,
    watchers: observation.watchers,
    isComplete: async (signal) => (await checkResult(directory, kind, signal)).state === 'complete',
  });
  const containerEnd = await endedContainer(begun, supervised, invoked.token);
  const heldAfter = (await vramRestored?.(observation.own)) ?? null;
  await rememberLoad(supervisor.boot, task);
  return { ...begun, observation, supervised, containerEnd, heldAfter };
}

/** Asks for its container's end where that may tell more than the exit code, and removes it. */
async function endedContainer(
  { environment: { container }, runDirectory }: Begun,
  { exitCode }: Supervised,
  token: string,
): Promise<ContainerEnd | null> {
  if (container?.isApart !== true) return null;
  const end = exitCode === 0 ? null : await askContainerEnd(container, token);
  await endContainer(container, token);
  const isMissing =
    end !== null && container.hasInit && LACKS_COMMAND.test(await tailOf(join(runDirectory.path, 'worker.log')));
  return isMissing ? { ...end, isStarted: false } : end;
}

// The first process, which the engine adds, had started when it found that the image has no such command: of podman, of docker.
const LACKS_COMMAND = /^(?:ERROR \(catatonit:\d+\): failed to exec pid1: |\[FATAL tini \(\d+\)\] exec .* failed: )/m;

function invocationOf(begun: Begun) {
  const { batch, task, worker, environment, assets, runDirectory } = begun;
  return invocation({
    workspaceRoot: batch.workspaceRoot,
    worker,
    command: worker.manifest.commands.measure,
    environment,
    allowance: { cpus: cpusOf(begun), memory_bytes: task.execution.memory_limit_bytes },
    places: { run: runDirectory.path },
    assets: [...assets.values()].map(({ path }) => path),
    gpus: computesOnGpu(task.configuration, batch.hasGpu),
  });
}

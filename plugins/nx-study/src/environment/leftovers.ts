import { hostname } from 'node:os';
import { basename } from 'node:path';
import { leftoversUnknown } from './texts.ts';
import { isAlive, processIdentity } from '../machine/process.ts';
import { isApart } from './engine.ts';
import type { Container } from './prepared.ts';
import { runTool } from './tool.ts';

// A container belongs to its engine: it outlives the process that supervised it, and holds no kernel lock.
const SUPERVISOR = 'nx-study.supervisor';
const BOOT = 'nx-study.boot';
const HOST = 'nx-study.host';

export const containerName = (token: string): string => `nx-study-${token}`;

/** Labels by which later runs recognise a container of this process. */
export async function supervisorLabels(): Promise<Record<string, string>> {
  const { pid, startTime, bootId } = (await processIdentity())!;
  return { [SUPERVISOR]: `${pid} ${startTime}`, [BOOT]: bootId, [HOST]: hostname() };
}

/** Ends the container of a run whose client was killed, if it still exists, and removes it. */
export async function endContainer({ engine, isApart: isOfEngine }: Container, token: string): Promise<void> {
  if (isOfEngine) await runTool(engine, { args: ['rm', '--force', containerName(token)], cwd: '/' });
}

/** What an engine knows of an ended container. */
export interface ContainerEnd {
  /** Whether its command ran at all; null where the engine has no such container, or does not answer. */
  isStarted: boolean | null;
  /** Whether the kernel ended a process of it for lack of memory. */
  isOutOfMemory: boolean;
}

/** Asks for the end of a container that is not removed yet. */
export async function containerEnd({ engine }: Pick<Container, 'engine'>, token: string): Promise<ContainerEnd> {
  const args = ['inspect', '--format', '{{.State.OOMKilled}} {{.State.Status}}', containerName(token)];
  const { code, tail } = await runTool(engine, { args, cwd: '/' });
  const [, outOfMemory, status = ''] = /^(true|false) (\w+)$/m.exec(tail) ?? [];
  const isThere = code === 0;
  return { isStarted: isThere ? !NOT_STARTED.has(status) : null, isOutOfMemory: isThere && outOfMemory === 'true' };
}

/** A container that runs, as its engine knows it. */
export interface RunningContainer {
  /** 64 hex digits. */
  id: string;
  /** Its first process. */
  pid: number;
}

/** What its engine says of a container; null where it does not run (yet). */
export async function runningContainer(
  { engine }: Pick<Container, 'engine'>,
  token: string,
): Promise<RunningContainer | null> {
  const args = ['inspect', '--format', '{{.Id}} {{.State.Pid}}', containerName(token)];
  const { tail } = await runTool(engine, { args, cwd: '/' });
  const [, id, pid] = /^([0-9a-f]{64}) ([1-9]\d*)$/m.exec(tail) ?? [];
  return id === undefined ? null : { id, pid: Number(pid) };
}

const NOT_STARTED = new Set(['created', 'configured', 'initialized']);

/**
 * Removes containers that killed runs of this host left behind; returns their ids. Call it under the device lock, and only
 * while this process runs no container, for its own would be removed as well.
 * @throws EnvironmentError when the engine doesn't answer, so that a container may still run.
 */
export async function removeLeftovers(engine: string): Promise<string[]> {
  if (!isApart(engine)) return [];
  const own = await supervisorLabels();
  // An engine may serve several hosts; and to a container on the same host our process numbers mean something else.
  const filters = [BOOT, HOST].flatMap((label) => ['--filter', `label=${label}=${own[label]!}`]);
  const found = await ask(engine, ['ps', '--all', '--quiet', '--no-trunc', ...filters], /^[0-9a-f]{12,}$/);
  const removed: string[] = [];
  for (const id of found) {
    const format = `{{index .Config.Labels "${SUPERVISOR}"}}`;
    const [supervisor] = await ask(engine, ['inspect', '--format', format, id], /^\d+ ./);
    const isOwn = supervisor === own[SUPERVISOR];
    if (supervisor === undefined || (!isOwn && (await isRunning(supervisor, own[BOOT]!)))) continue;
    await ask(engine, ['rm', '--force', id], /^/);
    removed.push(id);
  }
  return removed;
}

function isRunning(supervisor: string, bootId: string): Promise<boolean> {
  const [pid, ...startTime] = supervisor.split(' ');
  return isAlive({ pid: Number(pid), startTime: startTime.join(' '), bootId });
}

/** The lines of an engine's answer that match, without its warnings; none for a container that has ended meanwhile. */
async function ask(engine: string, args: string[], line: RegExp): Promise<string[]> {
  const { code, tail } = await runTool(engine, { args, cwd: '/' });
  if (code === 0) return tail.split('\n').filter((text) => line.test(text));
  if (/no such (object|container)|no container with/i.test(tail)) return [];
  throw leftoversUnknown(`${basename(engine)} ${args[0]}`, tail);
}

import { hostname } from 'node:os';
import { basename } from 'node:path';
import { leftoversUnknown } from './texts.ts';
import { isAlive, processIdentity } from '../machine/process.ts';
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

/** Ends the container of a run whose client was killed, if it still exists. */
export async function endContainer(engine: string, token: string): Promise<void> {
  await runTool(engine, { args: ['rm', '--force', containerName(token)], cwd: '/' });
}

/**
 * Removes containers that killed runs of this host left behind; returns their ids. Call it under the device lock, and only
 * while this process runs no container, for its own would be removed as well.
 * @throws EnvironmentError when the engine doesn't answer, so that a container may still run.
 */
export async function removeLeftovers(engine: string): Promise<string[]> {
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

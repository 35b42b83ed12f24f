import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { withDescendants } from './descendants.ts';
import { errorCode, orNull } from '../base/errno.ts';
import { isDefunct, listPids, ownIdentity, readStat, type ProcessStat } from './process.ts';

/** The environment variable by which a worker's processes are found, wherever they moved to. */
export const RUN_TOKEN = 'NX_STUDY_RUN';

export interface EndOptions {
  /** From SIGTERM to SIGKILL; 0 kills at once. */
  graceMs: number;
  /** From SIGKILL until processes that still live are given up, ms. */
  killMs?: number;
  /** Ends the grace. */
  force?: AbortSignal;
  /** All processes as they are just now; else they are listed. */
  processes?: readonly ProcessStat[];
}

/**
 * Ends a process group with all its descendants, also those that left it (setsid, double fork) or have the token in their
 * environment: SIGTERM, grace, SIGKILL. Returns the ids of processes that still live, for example blocked in a driver.
 * @throws RangeError for a group of 1 or less, which would be the whole system.
 */
export async function endGroup(group: number, token: string | null, options: EndOptions): Promise<number[]> {
  if (!(group > 1)) throw new RangeError(`not a process group of a worker: ${group}`);
  let rest = await findTree(group, token, { listed: options.processes });
  if (rest.length > 0 && options.graceMs > 0) {
    signalAll(group, rest, 'SIGTERM');
    rest = await untilGone({ group, token, found: rest }, { limitMs: options.graceMs, force: options.force });
  }
  if (rest.length === 0) return [];
  rest = await untilGone({ group, token, found: rest }, { limitMs: options.killMs ?? 2000, kills: true });
  return rest.map(({ pid }) => pid);
}

/** Processes with `NX_STUDY_RUN=<token>` in the environment that they started with, except this one. */
export async function processesWithToken(token: string): Promise<number[]> {
  const variable = `${RUN_TOKEN}=${token}`;
  if (process.platform !== 'linux') return psWithToken(variable);
  const known = ofOurTime(listStats());
  return known.filter(({ pid, state }) => !isDefunct(state) && carries(pid, variable)).map(({ pid }) => pid);
}

/** The living descendants of a process that began after this one; Linux only, else none. */
export function descendantsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  return [...withDescendants(ofOurTime(listStats()), [pid])].filter((found) => found !== pid);
}

/**
 * Whether processes that left a worker's group are found wherever they went: by /proc. Without it, this process finds them
 * by `ps` where that shows environments (macOS), and the guard, or both, know the group only.
 */
export const seesStrays = (): boolean => process.platform === 'linux' && ownIdentity() !== null;

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 150;

interface Waiting {
  limitMs: number;
  /** Kills what lives, again and again. */
  kills?: boolean;
  /** Ends the wait. */
  force?: AbortSignal | undefined;
}

/** Waits until a tree has ended, of which these processes were found; returns those that live at the limit. */
async function untilGone(
  { group, token, found }: { group: number; token: string | null; found: ProcessStat[] },
  { limitMs, kills = false, force }: Waiting,
): Promise<ProcessStat[]> {
  const end = performance.now() + limitMs;
  let rest = found;
  for (let pause = FIRST_PAUSE_MS; rest.length > 0; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    if (kills) signalAll(group, rest, 'SIGKILL');
    if (performance.now() >= end || force?.aborted) break;
    await sleep(Math.min(pause, Math.max(1, end - performance.now())));
    // It may have started further processes meanwhile, so the whole table is read again.
    rest = await findTree(group, token, { before: rest });
  }
  return rest;
}

// Each gets it once: a second SIGTERM could interrupt the saving that the first one asked for.
function signalAll(group: number, tree: ProcessStat[], name: NodeJS.Signals): void {
  signal(-group, name);
  for (const stray of tree) if (stray.group !== group) signal(stray.pid, name);
}

function signal(target: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(target, name);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

// Members of the group or session, carriers of the token, those found before, and the descendants of them all.
async function findTree(
  group: number,
  token: string | null,
  { before = [], listed }: { before?: ProcessStat[]; listed?: readonly ProcessStat[] | undefined },
): Promise<ProcessStat[]> {
  if (process.platform === 'linux' && !seesStrays()) return isGroupAlive(group) ? [leaderOf(group)] : [];
  const living = await snapshot(listed);
  const known = new Set(before.map(({ pid }) => pid));
  const carriers = new Set(token === null ? [] : await tokenCarriers(token, living));
  const members = living.filter(
    ({ pid, group: its, session }) => its === group || session === group || carriers.has(pid) || known.has(pid),
  );
  const all = withDescendants(
    living,
    members.map(({ pid }) => pid),
  );
  return living.filter(({ pid }) => all.has(pid));
}

const isGroupAlive = (group: number): boolean => {
  try {
    return process.kill(-group, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
};

// It stands for all of the group: signals go there.
const leaderOf = (group: number): ProcessStat => ({
  pid: group,
  state: '?',
  parent: 0,
  group,
  session: group,
  startTicks: '',
});

async function tokenCarriers(token: string, living: ProcessStat[]): Promise<number[]> {
  if (process.platform !== 'linux') return processesWithToken(token);
  const variable = `${RUN_TOKEN}=${token}`;
  return living.filter(({ pid }) => carries(pid, variable)).map(({ pid }) => pid);
}

/** Whether a process started with a variable, written `NAME=value`; Linux only. */
export const carries = (pid: number, variable: string, proc = '/proc'): boolean =>
  orNull(() => readFileSync(`${proc}/${pid}/environ`, 'latin1'))
    ?.split('\0')
    .includes(variable) ?? false;

/** All living processes but this one and the first. */
async function snapshot(listed?: readonly ProcessStat[]): Promise<ProcessStat[]> {
  const all = process.platform === 'linux' ? ofOurTime(listed ?? listStats()) : await psStats();
  return all.filter(({ state }) => !isDefunct(state));
}

const listStats = (): ProcessStat[] => listPids().flatMap((pid) => readStat(pid) ?? []);

// Processes older than this one can't be its descendants, and reading their environments would be most of the work.
function ofOurTime(stats: readonly ProcessStat[]): ProcessStat[] {
  const since = Number(ownIdentity()?.startTime ?? 0);
  return stats.filter(({ pid, startTicks }) => pid > 1 && pid !== process.pid && Number(startTicks) >= since);
}

async function psStats(): Promise<ProcessStat[]> {
  const stats: ProcessStat[] = [];
  for (const line of await ps(['-A', '-o', 'pid=,ppid=,pgid=,stat='])) {
    const [pid, parent, group, state] = line.trim().split(/\s+/);
    // macOS prints no usable session number.
    const stat = { pid: Number(pid), parent: Number(parent), group: Number(group), session: 0, startTicks: '' };
    if (stat.pid > 1 && stat.pid !== process.pid) stats.push({ ...stat, state: state ?? '?' });
  }
  return stats;
}

async function psWithToken(variable: string): Promise<number[]> {
  const lines = await ps(['-A', '-E', '-ww', '-o', 'pid=,command=']);
  return lines
    .filter((line) => line.split(' ').includes(variable))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid > 1 && pid !== process.pid);
}

async function ps(args: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').filter((line) => line.trim() !== '');
}

import { execFile, execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { orNull } from '../base/errno.ts';

/** A process, distinguishable from a later one with the same number. */
export interface ProcessIdentity {
  pid: number;
  /** Linux: clock ticks since boot. Elsewhere: what `ps -o lstart=` says. Only for comparison. */
  startTime: string;
  /** Changes with each boot. */
  bootId: string;
}

/** The identity of a running process (by default of this one); null when it is gone, or only a zombie is left. */
export async function processIdentity(pid: number = process.pid): Promise<ProcessIdentity | null> {
  const startTime = process.platform === 'linux' ? linuxStartTime(pid) : await psStartTime(pid);
  if (startTime === null) return null;
  return { pid, startTime, bootId: await bootId() };
}

let own: ProcessIdentity | null | undefined;

/** The identity of this process, at once; the same as `processIdentity()` returns. */
export function ownIdentity(): ProcessIdentity | null {
  if (own !== undefined) return own;
  const line = () => outputNow('ps', psArguments(process.pid));
  const startTime = process.platform === 'linux' ? linuxStartTime(process.pid) : startOf(line());
  const bootId = bootIdOfLinux() ?? BOOT_NAMES.map((name) => outputNow('sysctl', ['-n', name])).find(Boolean);
  own = startTime === null ? null : { pid: process.pid, startTime, bootId: bootId ?? 'unknown' };
  return own;
}

/** Whether exactly this process still runs on this host and boot; a zombie doesn't. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await processIdentity(identity.pid);
  return now !== null && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

// The kernel reports times to user space in hundredths of a second (USER_HZ), whatever its own clock.
export const TICKS_PER_S = 100;

/** When a process was started, to a second or so; null when it is gone. */
export async function startedAt(pid: number): Promise<Date | null> {
  const ticks = readStat(pid)?.startTicks;
  const boot_s = /^btime (\d+)$/m.exec(orNull(() => readFileSync('/proc/stat', 'utf8')) ?? '')?.[1];
  if (ticks !== undefined && boot_s !== undefined)
    return new Date((Number(boot_s) + Number(ticks) / TICKS_PER_S) * 1000);
  const started = await psStartTime(pid);
  return started === null ? null : new Date(started);
}

/** Fields of /proc/<pid>/stat. */
export interface ProcessStat {
  pid: number;
  state: string;
  parent: number;
  group: number;
  session: number;
  startTicks: string;
}

/** The same with what the process has used so far. */
export interface ProcessUsage extends ProcessStat {
  name: string;
  /** CPU time of its own, s. */
  cpu_s: number;
  /** CPU time of children that ended and that it waited for, and of theirs, s. */
  children_cpu_s: number;
  /** Memory that it has in use, in pages; shared ones count for each. */
  resident_pages: number;
}

/** Linux only; null when the process is gone. */
export function readUsage(pid: number, proc = '/proc'): ProcessUsage | null {
  const text = orNull(() => statText(pid, proc));
  if (text === null) return null;
  // The command's name may contain spaces and parentheses: count from the last one.
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  const seconds = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_S;
  return {
    ...statOf(pid, fields),
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    cpu_s: seconds(11),
    children_cpu_s: seconds(13),
    resident_pages: Number(fields[21]),
  };
}

/** All processes that this one can see; Linux only. */
export const listPids = (proc = '/proc'): number[] =>
  readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Linux only; null when the process is gone. */
export function readStat(pid: number, proc = '/proc'): ProcessStat | null {
  const text = orNull(() => statText(pid, proc));
  return text === null ? null : statOf(pid, text.slice(text.lastIndexOf(')') + 2).split(' '));
}

// Longer than any: 52 numbers, and a name of 64 characters at most. Each look at the machine reads one for each process.
const line = Buffer.alloc(4096);

function statText(pid: number, proc: string): string {
  const fd = openSync(`${proc}/${pid}/stat`, 'r');
  try {
    return line.toString('utf8', 0, readSync(fd, line, 0, line.length, 0));
  } finally {
    closeSync(fd);
  }
}

function statOf(pid: number, fields: string[]): ProcessStat {
  return {
    pid,
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks: fields[19] ?? '',
  };
}

/** Zombie or dead: it holds no descriptor and runs nothing. */
export const isDefunct = (state: string): boolean => state.startsWith('Z') || state.startsWith('X');

let knownBootId: string | undefined;

async function bootId(): Promise<string> {
  knownBootId ??= bootIdOfLinux() ?? (await sysctl());
  return knownBootId;
}

const bootIdOfLinux = () => orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))?.trim();

const BOOT_NAMES = ['kern.bootsessionuuid', 'kern.boottime'];

async function sysctl(): Promise<string> {
  for (const name of BOOT_NAMES) {
    const value = await output('sysctl', ['-n', name]);
    if (value) return value;
  }
  return 'unknown';
}

function linuxStartTime(pid: number): string | null {
  const stat = readStat(pid);
  return stat === null || isDefunct(stat.state) ? null : stat.startTicks;
}

async function psStartTime(pid: number): Promise<string | null> {
  return startOf(await output('ps', psArguments(pid)));
}

const psArguments = (pid: number) => ['-o', 'stat=,lstart=', '-p', String(pid)];

function startOf(line: string | null): string | null {
  const [state, ...start] = line?.split(/\s+/) ?? [];
  return !state || isDefunct(state) ? null : start.join(' ');
}

function outputNow(command: string, args: string[]): string | null {
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    return execFileSync(command, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

async function output(command: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, LC_ALL: 'C' } });
    return stdout.trim();
  } catch {
    return null;
  }
}

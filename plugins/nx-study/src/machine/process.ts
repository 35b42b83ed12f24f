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
  const nameEnd = readLine(pid, proc);
  if (nameEnd === null) return null;
  // Each property by name: a sample makes one of these for each process, and a spread would take ten times the memory.
  return {
    pid,
    state: stateAt(nameEnd),
    parent: fields[1]!,
    group: fields[2]!,
    session: fields[3]!,
    startTicks: String(fields[19]),
    name: line.toString('utf8', line.indexOf(OPENING) + 1, nameEnd),
    cpu_s: (fields[11]! + fields[12]!) / TICKS_PER_S,
    children_cpu_s: (fields[13]! + fields[14]!) / TICKS_PER_S,
    resident_pages: fields[21]!,
  };
}

/** All processes that this one can see; Linux only. */
export const listPids = (proc = '/proc'): number[] =>
  readdirSync(proc).flatMap((name) => (name >= '1' && name < ':' ? Number(name) : []));

/** Linux only; null when the process is gone. */
export function readStat(pid: number, proc = '/proc'): ProcessStat | null {
  const nameEnd = readLine(pid, proc);
  return nameEnd === null ? null : statIn(pid, nameEnd);
}

/** Of the process whose line was read last. */
const statIn = (pid: number, nameEnd: number): ProcessStat => ({
  pid,
  state: stateAt(nameEnd),
  parent: fields[1]!,
  group: fields[2]!,
  session: fields[3]!,
  startTicks: String(fields[19]),
});

const stateAt = (nameEnd: number): string => String.fromCharCode(line[nameEnd + 2]!);

const [SPACE, OPENING, CLOSING, MINUS, ZERO] = [32, 40, 41, 45, 48];

// Longer than any: 52 numbers, and a name of 64 characters at most.
const line = Buffer.alloc(4096);
// Those after the name that are used, by their places; the first is a letter. A sample of the machine reads a line for each
// process, so they are parsed where they lie.
const fields = new Float64Array(22);

/** Reads the line of a process into `line`, and its numbers into `fields`; returns where its name ends, null when it is gone. */
function readLine(pid: number, proc: string): number | null {
  const length = orNull(() => fillLine(`${proc}/${pid}/stat`));
  if (length === null) return null;
  // The command's name may contain spaces and parentheses: count from the last one.
  const nameEnd = line.lastIndexOf(CLOSING, length - 1);
  parseNumbers(nameEnd + 4, length);
  return nameEnd;
}

function fillLine(path: string): number {
  const fd = openSync(path, 'r');
  try {
    return readSync(fd, line, 0, line.length, 0);
  } finally {
    closeSync(fd);
  }
}

function parseNumbers(from: number, to: number): void {
  fields.fill(Number.NaN);
  let place = 1;
  let value = 0;
  let sign = 1;
  for (let at = from; at < to && place < fields.length; at += 1) {
    const byte = line[at]!;
    if (byte >= ZERO) value = 10 * value + byte - ZERO;
    else if (byte === MINUS) sign = -1;
    if (byte !== SPACE && at + 1 < to) continue;
    fields[place] = sign * value;
    place += 1;
    value = 0;
    sign = 1;
  }
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

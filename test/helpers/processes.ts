import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A living process of a test. */
export interface Found {
  pid: number;
  command: string;
}

/** The living processes that carry the path in their environment, or have a file below it open; never this one. */
export function processesOf(home: string): Found[] {
  return process.platform === 'linux' ? fromProc(home) : fromPs(home);
}

/** Kills, by number, whatever a test left running. */
export async function endAll(home: string): Promise<void> {
  for (let rest = processesOf(home); rest.length > 0; rest = processesOf(home)) {
    for (const { pid } of rest) kill(pid, 'SIGKILL');
    await sleep(20);
  }
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  if (!(pid > 1)) throw new RangeError(`not a process of a test: ${pid}`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether a process runs; a zombie doesn't. */
export function isRunning(pid: number): boolean {
  const state = field(pid, 'stat');
  return state !== '' && !state.startsWith('Z');
}

export const parentOf = (pid: number): number => Number(field(pid, 'ppid'));

function field(pid: number, name: string): string {
  try {
    return execFileSync('ps', ['-o', `${name}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

function fromProc(home: string): Found[] {
  const found: Found[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const isOurs = read(`/proc/${pid}/environ`).includes(home) || openFiles(pid).some((file) => file.startsWith(home));
    if (isOurs) found.push({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() });
  }
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function fromPs(home: string): Found[] {
  const lines = execFileSync('ps', ['-A', '-E', '-ww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return lines
    .split('\n')
    .filter((line) => line.includes(home))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line }))
    .filter(({ pid }) => pid > 1 && pid !== process.pid);
}

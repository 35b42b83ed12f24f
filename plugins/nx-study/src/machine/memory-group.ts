import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFolders, cgroupsOf } from './cgroups.ts';
import type { CgroupRoots } from './cgroups.ts';
import { orNull, tried } from '../base/errno.ts';
import { absent, known } from '../base/known.ts';
import type { Known } from '../base/known.ts';
import { readStat } from './process.ts';

/** A control group with a memory limit for a process and all its children: beyond it the kernel kills only processes in the group. */
export interface MemoryGroup {
  version: 1 | 2;
  add(pid: number): void;
  /** How often the kernel has killed a process of the group. */
  oomKills(): number;
  /** Once its processes are gone; never throws. */
  remove(): void;
}

const FILES = {
  1: { limit: 'memory.limit_in_bytes', swap: 'memory.memsw.limit_in_bytes', kills: 'memory.oom_control' },
  2: { limit: 'memory.max', swap: 'memory.swap.max', kills: 'memory.events' },
};

/** Makes a group below our own with this limit; absent, with the reason, where the system doesn't allow it. */
export function makeMemoryGroup(name: string, bytes: number, roots: CgroupRoots = {}): Known<MemoryGroup> {
  const own = cgroupFolders('memory', roots)?.find(({ folder }) => existsSync(folder));
  if (!own) return absent('there is no control group for memory');
  const { version } = own;
  const files = FILES[version];
  const folder = join(own.folder, name);
  const remove = () => void tried(() => rmdirSync(folder));
  try {
    mkdirSync(folder);
    if (!existsSync(join(folder, files.limit))) throw new Error(`${own.folder} passes no memory controller on`);
    writeFileSync(join(folder, files.limit), String(bytes));
  } catch (error) {
    remove();
    return absent((error as Error).message);
  }
  // Without swap accounting these files don't exist, and there is nothing to limit.
  tried(() => writeFileSync(join(folder, files.swap), version === 1 ? String(bytes) : '0'));
  return known({
    version,
    add: (pid) => writeFileSync(join(folder, 'cgroup.procs'), String(pid)),
    oomKills: () => oomKillsIn(join(folder, files.kills)),
    remove,
  });
}

/** Removes groups (named prefix + process id of their maker) that killed runs left behind: maker and processes are gone. */
export function removeMemoryGroups(prefix: string, roots: CgroupRoots = {}): void {
  const own = cgroupFolders('memory', roots)?.find(({ folder }) => existsSync(folder));
  const names = own ? (orNull(() => readdirSync(own.folder)) ?? []) : [];
  // One with another device lock may still have to count what was killed in its group.
  const isLeft = (name: string) => name.startsWith(prefix) && readStat(Number(name.slice(prefix.length))) === null;
  // A group with processes refuses.
  for (const name of names.filter(isLeft)) tried(() => rmdirSync(join(own!.folder, name)));
}

/** The kernel's kills for lack of memory, in the whole system since it started; 0 where it doesn't count them. */
export const systemOomKills = (proc = '/proc'): number => oomKillsIn(join(proc, 'vmstat'));

/**
 * A counter of the kernel's kills for lack of memory in the control group that a process is in now; it gives null once that
 * group is gone. null where the system has no such counter, and where `part` isn't part of the group's name.
 */
export function oomKillsOf(pid: number | 'self', part = '', roots: CgroupRoots = {}): (() => number | null) | null {
  const groups = cgroupsOf(pid, 'memory', roots).filter(({ folder }) => folder.includes(part));
  const files = groups.map(({ version, folder }) => join(folder, FILES[version].kills));
  const file = files.find((one) => countedIn(one) !== null);
  return file === undefined ? null : () => countedIn(file);
}

const oomKillsIn = (file: string): number => countedIn(file) ?? 0;

function countedIn(file: string): number | null {
  const text = orNull(() => readFileSync(file, 'utf8')) ?? '';
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? null : Number(count);
}

/** How the names of workers' control groups begin. */
export const MEMORY_GROUPS = 'nx-study-';

import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { cgroupFolders } from './cgroups.ts';
import type { CgroupFolder, CgroupRoots } from './cgroups.ts';
import { orNull } from '../base/errno.ts';
import { absent, known } from '../base/known.ts';
import type { Known } from '../base/known.ts';

/** How much memory a new process can get, and which limit decides. */
export interface Available {
  bytes: number;
  /** For a person: `control group limit`, `available memory`, … */
  bound: string;
}

/** Of how many bytes those are, used or not: a control group's limit, or all memory of the system. */
export interface AvailableOf extends Available {
  of_bytes: number;
}

export interface MemoryRoots extends CgroupRoots {
  /** All memory of the system, for when the available memory is not known. */
  installed_bytes?: number;
}

/**
 * The bytes that a new process can get without swapping: the smaller of `MemAvailable` of /proc/meminfo and what the control
 * groups still grant (limit − usage + page cache). The page cache counts as available, for the kernel gives it up. Elsewhere
 * than on Linux: all installed memory.
 */
export function availableMemory(roots: MemoryRoots = {}): Available {
  const { bytes, bound } = memoryMeter(roots)();
  return { bytes, bound };
}

// Limits change seldom, and finding them is most of the work, for each folder may exist or not.
const SEARCH_EVERY_MS = 10_000;

/** The same for many calls in a row: which control groups have a limit is found again every 10 s only. */
export function memoryMeter(
  { installed_bytes = totalmem(), ...roots }: MemoryRoots = {},
  now = () => performance.now(),
): () => AvailableOf {
  let limited: CgroupFolder[] = [];
  let nextSearch = -Infinity;
  return () => {
    if (now() >= nextSearch) {
      limited = (cgroupFolders('memory', roots) ?? []).filter((group) => limitOf(group) !== null);
      nextSearch = now() + SEARCH_EVERY_MS;
    }
    const bounds = limited.flatMap((group) => grantedBy(group) ?? []);
    const system = memAvailable(roots.proc ?? '/proc');
    // Elsewhere than on Linux free memory means little: the system gives up compressed and cached pages as well.
    bounds.push(
      system === null
        ? { bytes: installed_bytes, of_bytes: installed_bytes, bound: 'installed memory' }
        : { bytes: system, of_bytes: installed_bytes, bound: 'available memory' },
    );
    return bounds.reduce((least, bound) => (bound.bytes < least.bytes ? bound : least));
  };
}

/** The memory that control groups, this process's and their parents, grant at most. */
export function memoryLimit(roots: CgroupRoots = {}): Known<number> {
  const folders = cgroupFolders('memory', roots);
  if (folders === null) return absent(`${process.platform} has no control groups`);
  const limits = folders.flatMap((group) => limitOf(group) ?? []);
  return limits.length > 0 ? known(Math.min(...limits)) : absent('no control group limits memory');
}

function memAvailable(proc: string): number | null {
  const kib = /^MemAvailable:\s*(\d+) kB$/m.exec(read(join(proc, 'meminfo')) ?? '')?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

const FILES = {
  1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes', cache: /^total_(?:in)?active_file (\d+)$/gm },
  2: { limit: 'memory.max', usage: 'memory.current', cache: /^(?:in)?active_file (\d+)$/gm },
};

/** null when the group sets no limit, or isn't here. */
function limitOf({ version, folder }: CgroupFolder): number | null {
  const limit = numberIn(folder, FILES[version].limit);
  return limit === null || limit >= UNLIMITED ? null : limit;
}

function grantedBy(group: CgroupFolder): AvailableOf | null {
  const { version, folder } = group;
  const files = FILES[version];
  const limit = limitOf(group);
  const usage = numberIn(folder, files.usage);
  if (limit === null || usage === null) return null;
  const statistics = read(join(folder, 'memory.stat')) ?? '';
  const cache = [...statistics.matchAll(files.cache)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  const bytes = Math.max(0, limit - Math.max(0, usage - cache));
  return { bytes, of_bytes: limit, bound: 'control group limit' };
}

// Version 1 has no word for no limit: the largest multiple of a page stands for it.
const UNLIMITED = 2 ** 60;

function numberIn(folder: string, file: string): number | null {
  const text = read(join(folder, file))?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

const read = (path: string): string | null => orNull(() => readFileSync(path, 'utf8'));

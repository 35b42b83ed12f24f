import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { cgroupFolders } from './cgroups.ts';
import type { CgroupFolder, CgroupRoots } from './cgroups.ts';
import { orNull } from './errno.ts';

/** How much memory there is for something new, and what says so. */
export interface Available {
  bytes: number;
  /** For a person: `control group limit`, `available memory`, … */
  bound: string;
}

export interface MemoryRoots extends CgroupRoots {
  /** What the system has, for when nothing tells how much of it is available. */
  installed_bytes?: number;
}

/**
 * The most that a new process can get without swapping: the least of what the kernel calls available and what the
 * control groups still grant. The page cache counts as available, for the kernel gives it up.
 */
export function availableMemory({ installed_bytes = totalmem(), ...roots }: MemoryRoots = {}): Available {
  const bounds = (cgroupFolders('memory', roots) ?? []).flatMap((group) => grantedBy(group) ?? []);
  const system = memAvailable(roots.proc ?? '/proc');
  // Elsewhere than on Linux the free memory says little: compressed and cached pages are given up as well.
  bounds.push(
    system === null
      ? { bytes: installed_bytes, bound: 'installed memory' }
      : { bytes: system, bound: 'available memory' },
  );
  return bounds.reduce((least, bound) => (bound.bytes < least.bytes ? bound : least));
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
function grantedBy({ version, folder }: CgroupFolder): Available | null {
  const files = FILES[version];
  const limit = numberIn(folder, files.limit);
  const usage = numberIn(folder, files.usage);
  if (limit === null || usage === null || limit >= UNLIMITED) return null;
  const statistics = read(join(folder, 'memory.stat')) ?? '';
  const cache = [...statistics.matchAll(files.cache)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return { bytes: Math.max(0, limit - Math.max(0, usage - cache)), bound: 'control group limit' };
}

// Version 1 has no word for no limit: the largest multiple of a page stands for it.
const UNLIMITED = 2 ** 60;

function numberIn(folder: string, file: string): number | null {
  const text = read(join(folder, file))?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

const read = (path: string): string | null => orNull(() => readFileSync(path, 'utf8'));

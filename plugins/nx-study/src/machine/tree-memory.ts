import { readFileSync } from 'node:fs';
import { orNull } from './errno.ts';
import { descendantsOf } from './tree.ts';

/** Reads the memory of a process and its descendants; who they are is looked up from time to time. */
export interface TreeMemory {
  /**
   * Memory that the kernel can't take back (not: mapped files, such as weights), bytes; pages that a fork shares count
   * once for each. Linux only, else 0.
   */
  read(): number;
}

// The whole process table is read for it: milliseconds.
const FAMILY_EVERY_MS = 2000;

export function treeMemory(pid: number, now = () => performance.now()): TreeMemory {
  let family: number[] = [];
  let nextLook = 0;
  return {
    read() {
      if (now() >= nextLook) {
        family = [pid, ...descendantsOf(pid)];
        nextLook = now() + FAMILY_EVERY_MS;
      }
      return family.reduce((sum, member) => sum + ownBytes(member), 0);
    },
  };
}

function ownBytes(pid: number): number {
  const status = orNull(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  const kib = [...status.matchAll(/^Rss(?:Anon|Shmem):\s*(\d+) kB$/gm)].map(([, value]) => Number(value));
  return kib.reduce((sum, value) => sum + value, 0) * 1024;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { orNull } from '../base/errno.ts';
import { descendantsOf } from './tree.ts';
import { sum } from '../base/sum.ts';

/** Reads the memory of a process and its descendants; the list of descendants is renewed every 2 s. */
export interface TreeMemory {
  /**
   * Memory that the kernel can't take back (not: mapped files, such as weights), bytes; pages that a fork shares count
   * once for each. Linux only, else 0.
   */
  read(): number;
}

// Each thread has its own list of children.
const MEMBERS_EVERY_MS = 2000;

/** Opens the reader for a process; Linux only, elsewhere it reads 0. */
export function treeMemory(pid: number, now = () => performance.now()): TreeMemory {
  let members: number[] = [];
  let nextSearch = 0;
  return {
    read() {
      if (now() >= nextSearch) {
        members = membersOf(pid);
        nextSearch = now() + MEMBERS_EVERY_MS;
      }
      return members.reduce((sum, member) => sum + ownBytes(member), 0);
    },
  };
}

/**
 * By the kernel's lists of children where it has them, as most do; else the whole process table has to be read. A list
 * that is read while it changes may lack one: enough for a sum, not to end them all.
 */
function membersOf(pid: number): number[] {
  if (!existsSync('/proc/thread-self/children')) return [pid, ...descendantsOf(pid)];
  const found = [pid];
  // A list that grows while it is gone through is gone through to its end.
  for (const member of found) found.push(...childrenOf(member));
  return found;
}

function childrenOf(pid: number): number[] {
  const threads = orNull(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return threads.flatMap((thread) => {
    const list = orNull(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')) ?? '';
    return list.split(' ').filter(Boolean).map(Number);
  });
}

function ownBytes(pid: number): number {
  const status = orNull(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
  const kib = [...status.matchAll(/^Rss(?:Anon|Shmem):\s*(\d+) kB$/gm)].map(([, value]) => Number(value));
  return sum(kib) * 1024;
}

import { openSync, readSync } from 'node:fs';

/** What a thread got of the cores, in s since any moment. */
export interface CoreTime {
  /** CPU time. */
  worked_s: number;
  /** It could have worked, and others had the cores. 0 where the system does not tell. */
  waited_s: number;
}

/**
 * What reads the core time of this thread. Linux tells it of each thread; elsewhere it is that of the whole process, so that what
 * can't be told apart counts as work.
 */
export function coreTimeOf(file: string = '/proc/thread-self/schedstat'): () => CoreTime {
  const ofThread = schedstat(file);
  return () => {
    // Asking for it has the kernel count the time since its last tick, too.
    const { user, system } = process.cpuUsage();
    return ofThread?.() ?? { worked_s: (user + system) / 1e6, waited_s: 0 };
  };
}

/** null where the system has no such file, or counts nothing in it. */
function schedstat(file: string): (() => CoreTime) | null {
  const bytes = Buffer.alloc(80);
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return null;
  }
  const read = () => {
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    const [worked_ns, waited_ns] = bytes.toString('latin1', 0, length).split(' ').map(Number);
    return { worked_s: worked_ns! / 1e9, waited_s: waited_ns! / 1e9 };
  };
  return read().worked_s > 0 ? read : null;
}

/**
 * How much of a delay is a thread's own work, by what it got of the cores since its appointment before: no more than it worked, and
 * of a delay in which it may have waited, too, the share that it worked.
 */
export function ownPart(late_s: number, { worked_s, waited_s }: CoreTime): number {
  const wanted_s = worked_s + waited_s;
  return wanted_s === 0 ? 0 : Math.min(worked_s, (late_s * worked_s) / wanted_s);
}

import { statSync } from 'node:fs';
import { uptime } from 'node:os';
import { orNull } from '../../base/errno.ts';
import { readStat, TICKS_PER_S } from '../../machine/process.ts';

/** Moments by the clock that the kernel stamps processes with, s. */
export const kernelClock = (): number => uptime();

/**
 * Whether a process may have left a worker's tree before anybody saw it there, and without the worker's environment: it
 * is of this user, has begun since, and whoever started it is gone. What others run has a living parent as a rule.
 */
export function mayHaveEscaped(pid: number, since_s: number): boolean {
  const stat = readStat(pid);
  if (stat === null || Number(stat.startTicks) / TICKS_PER_S < since_s) return false;
  return adopters().has(stat.parent) && orNull(() => statSync(`/proc/${pid}`).uid) === process.getuid?.();
}

/** Who gets what loses its parent here: the first process, or that of our session below it. */
function adopters(): Set<number> {
  let top = process.pid;
  for (let parent = process.ppid; parent > 1; parent = readStat(parent)?.parent ?? 0) top = parent;
  return new Set([1, top]);
}

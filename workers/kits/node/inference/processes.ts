import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A process and everything below it, this one by default; only itself where there is no /proc. */
export function processTree(root: number = process.pid): number[] {
  const tree = [root];
  if (!existsSync('/proc')) return tree;
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(name) }));
  // Grows while it is walked.
  for (const pid of tree) tree.push(...parents.flatMap((one) => (one.parent === pid ? one.pid : [])));
  return tree;
}

/** Sum of VmRSS (now) or VmHWM (the peak) over the tree; null where there is no /proc. */
export function residentBytes(field: 'VmRSS' | 'VmHWM'): number | null {
  const known = processTree().flatMap((pid) => statusBytes(pid, field) ?? []);
  return known.length > 0 ? known.reduce((sum, bytes) => sum + bytes, 0) : null;
}

/** Starts VmHWM of the whole tree anew; false where that isn't allowed. */
export const resetPeaks = (): boolean =>
  processTree()
    .map(resetPeak) // all of them, also after a refusal
    .every(Boolean);

function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return true;
  } catch {
    return pid !== process.pid && !existsSync(`/proc/${pid}`); // it ended meanwhile
  }
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

function statusBytes(pid: number, field: string): number | null {
  try {
    const kib = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  } catch {
    return null;
  }
}

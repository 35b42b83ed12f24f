import { openContents } from '../graph/content.ts';
import { workerContent } from '../graph/identity.ts';
import type { MeasureTask } from '../graph/task.ts';
import { openWholeMemory } from '../record/whole-memory.ts';
import type { WholeMemory } from '../record/whole-memory.ts';
import { readWorker } from '../worker/read.ts';
import { findOwn } from './finished.ts';
import { localFiles, needsDeriving } from './deriving.ts';

/** Says of tasks whether their results lie on disk, whole, with their diagnostics. */
async function openLook(workspaceRoot: string, whole: WholeMemory): Promise<(task: MeasureTask) => Promise<boolean>> {
  const contents = await openContents(workspaceRoot);
  const known = new Map<string, Promise<string | null>>();
  const derivingOf = (name: string) => {
    const pending =
      known.get(name) ??
      readWorker(workspaceRoot, name).then(
        async (worker) => (await workerContent(workspaceRoot, worker, contents)).deriving,
      );
    known.set(name, pending);
    return pending;
  };
  return async (task) => {
    const own = await findOwn({ workspaceRoot, whole }, task);
    if (own.state !== 'whole') return false;
    if (!needsDeriving(own.stored, await derivingOf(task.worker))) return true;
    // Its draws stayed on another machine: the diagnostics that it has are kept.
    return (await localFiles(own.stored)).state === 'missing';
  };
}

const AT_ONCE = 32;

/** Those of some tasks of which something is missing or damaged. */
export async function missingOf(workspaceRoot: string, tasks: MeasureTask[]): Promise<MeasureTask[]> {
  const whole = await openWholeMemory(workspaceRoot);
  const isThere = await openLook(workspaceRoot, whole);
  const missing: MeasureTask[] = [];
  for (let from = 0; from < tasks.length; from += AT_ONCE) {
    const some = tasks.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((task) => isThere(task).catch(() => false)));
    missing.push(...some.filter((_, index) => !found[index]));
  }
  // While all comes from Nx's cache, nothing else remembers that it was whole.
  await whole.save();
  return missing;
}

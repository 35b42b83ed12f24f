import { memoized } from '../base/memoized.ts';
import { openContents } from '../graph/content.ts';
import { workerContent } from '../graph/identity.ts';
import type { MeasureTask } from '../graph/task.ts';
import { openWholeMemory } from '../record/whole-memory.ts';
import { readWorker } from '../worker/read.ts';
import { indexFinished, isUntouched } from './finished.ts';
import { standingOfResult, standingOfTask } from './of-task.ts';
import { openOutOfMemory } from './out-of-memory.ts';
import type { Standing } from './standing.ts';

/** Gives the hash of a worker's deriving code as it is now; null where it derives nothing. */
async function openDeriving(workspaceRoot: string): Promise<(worker: string) => Promise<string | null>> {
  const contents = await openContents(workspaceRoot);
  return memoized(async (name: string) => {
    const worker = await readWorker(workspaceRoot, name);
    return (await workerContent(workspaceRoot, worker, contents)).deriving;
  });
}

const AT_ONCE = 32;

/**
 * Those of some tasks of which a run would have something left to do, although it was told that their results are on
 * disk: something is missing or damaged. Diagnostics stay where the files that they come from are on another machine.
 */
export async function missingOf(workspaceRoot: string, tasks: readonly MeasureTask[]): Promise<MeasureTask[]> {
  const whole = await openWholeMemory(workspaceRoot);
  const derivingOf = await openDeriving(workspaceRoot);
  const finder = { workspaceRoot, whole };
  const isThere = async (task: MeasureTask) => {
    const deriving = await derivingOf(task.worker);
    if (isUntouched(finder, task, deriving)) return true;
    return (await standingOfResult(finder, task, deriving))?.next === 'nothing';
  };
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

/** Where tasks stand, in their order. */
export async function standingsOfTasks(workspaceRoot: string, tasks: readonly MeasureTask[]): Promise<Standing[]> {
  if (tasks.length === 0) return [];
  const whole = await openWholeMemory(workspaceRoot);
  const finished = await indexFinished(workspaceRoot);
  const finder = { workspaceRoot, whole, finished, outOfMemory: openOutOfMemory(workspaceRoot, finished) };
  const derivingOf = await openDeriving(workspaceRoot);
  const standings: Standing[] = [];
  for (const task of tasks) standings.push(await standingOfTask(finder, task, await derivingOf(task.worker)));
  return standings;
}

import type { MeasureTask } from '../graph/task.ts';
import { putAsideAttempts, unfinishedAttempts } from '../record/attempts.ts';
import { supervisorState } from '../record/supervisor.ts';
import { localFiles } from './deriving.ts';
import { findOwn, findReusable, hasOtherVersion } from './finished.ts';
import type { Finder } from './finished.ts';
import { knownSoFar } from './known.ts';
import type { Known } from './known.ts';
import { memoryNow } from './memory.ts';
import { asksForMemory, toDerive } from './next.ts';
import type { OutOfMemory } from './out-of-memory.ts';
import { standingOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { switchesNow } from './switches.ts';

export interface TaskFinder extends Finder {
  /** Folders of finished measurements by the first digits of their digest, also of other studies. */
  finished: ReadonlyMap<string, string[]>;
  outOfMemory: OutOfMemory;
}

/**
 * Where one task stands by the records on disk as they are now. Files that would be derived from are hashed; other
 * versions of it are looked for, and not read. `deriving` is the hash of its worker's deriving code.
 */
export async function standingOfTask(
  finder: TaskFinder,
  task: MeasureTask,
  deriving: string | null,
): Promise<Standing> {
  const own = await findOwn(finder, task);
  if (own.state === 'whole') return standingOf(await withFiles(knownSoFar({ task, own, deriving })));
  const reusable = await findReusable(finder, task, finder.finished);
  const known = await withFiles(knownSoFar({ task, own, reusable, deriving }));
  const attempts = await attemptsAt(finder.workspaceRoot, task);
  return standingOf({
    ...known,
    ...attempts,
    others: own.state === 'absent' && (await hasOtherVersion(finder, task)) ? 'unread' : [],
    tooLarge: await finder.outOfMemory.whyTooLarge(task),
    memory: asksForMemory(attempts) ? await memoryNow() : null,
    switches: switchesNow(),
  });
}

/** The same for a task that has a whole result of its own; null where it has none: nothing else is looked for. */
export async function standingOfResult(
  finder: Finder,
  task: MeasureTask,
  deriving: string | null,
): Promise<Standing | null> {
  const own = await findOwn(finder, task);
  return own.state === 'whole' ? standingOf(await withFiles(knownSoFar({ task, own, deriving }))) : null;
}

async function withFiles(known: Known): Promise<Known> {
  const result = toDerive(known);
  return result ? { ...known, files: await localFiles(result) } : known;
}

async function attemptsAt(workspaceRoot: string, task: MeasureTask): Promise<Pick<Known, 'failed' | 'unfinished'>> {
  const slot = { workspaceRoot, ...task };
  const [failed, left] = await Promise.all([putAsideAttempts(slot), unfinishedAttempts(slot)]);
  const unfinished = left.map(async (stored) => {
    const { supervisor } = stored.record;
    const state = await supervisorState(supervisor);
    // This process measures one at a time: what it left is nobody's any more.
    return { stored, supervisor: state === 'alive' && supervisor.pid === process.pid ? ('gone' as const) : state };
  });
  return { failed, unfinished: await Promise.all(unfinished) };
}

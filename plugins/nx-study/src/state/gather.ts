import { refuseLinks } from '../graph/links.ts';
import { derivingHashes, identifiedTasks } from '../graph/tasks.ts';
import type { IdentifiedTask } from '../graph/tasks.ts';
import { readStudy } from '../record/read.ts';
import { openWholeMemory } from '../record/whole-memory.ts';
import type { WholeMemory } from '../record/whole-memory.ts';
import { loadStudy } from '../study/load.ts';
import { readWorkers } from '../worker/read.ts';
import { standingsOf, withoutWithdrawn } from './of-study.ts';
import type { Input } from './rows.ts';
import { studyFile } from '../workspace/places.ts';

/** All that results are made from, as it is now. */
export interface Gathered extends Input {
  tasks: IdentifiedTask[];
  /** What was found whole. */
  memory: WholeMemory;
}

/**
 * Reads a study, its plan and all that was measured of it.
 * @param options.remember - whether later processes may spare hashing what was hashed now; without it nothing is written.
 * @throws where the study or a worker can't be read.
 */
export async function gather(
  workspaceRoot: string,
  study: string,
  { remember = true }: { remember?: boolean } = {},
): Promise<Gathered> {
  refuseLinks(workspaceRoot, study);
  const workers = await readWorkers(workspaceRoot);
  const { plan } = await loadStudy({ workspaceRoot, file: studyFile(workspaceRoot, study), workers });
  const tasks = await identifiedTasks(workspaceRoot, plan, workers, { remember });
  const memory = await openWholeMemory(workspaceRoot, { remember });
  const attempts = withoutWithdrawn(await readStudy(workspaceRoot, study, { memory, withResults: true }), tasks);
  const currentDeriving = await derivingHashes(workspaceRoot, plan, workers);
  const standings = await standingsOf({ workspaceRoot, tasks, attempts, deriving: currentDeriving, memory });
  await memory.save();
  return { plan, tasks, ...attempts, currentDeriving, standings, memory };
}

import { holdsFor } from '../amendments/origins.ts';
import { refuseLinks } from '../graph/links.ts';
import { derivingHashes, identifiedTasks } from '../graph/tasks.ts';
import type { IdentifiedTask } from '../graph/tasks.ts';
import { readStudy } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { loadStudy } from '../study/load.ts';
import { readWorkers } from '../worker/read.ts';
import { supervisorsAlive } from './alive.ts';
import type { Input } from './rows.ts';

/** All that results are made from, as it is now. */
export interface Gathered extends Input {
  tasks: IdentifiedTask[];
}

export async function gather(workspaceRoot: string, study: string): Promise<Gathered> {
  refuseLinks(workspaceRoot, study);
  const workers = await readWorkers(workspaceRoot);
  const { plan } = await loadStudy({ workspaceRoot, file: `studies/${study}/study.yaml`, workers });
  const tasks = await identifiedTasks(workspaceRoot, plan, workers);
  const attempts = await readStudy(workspaceRoot, study, { withResults: true });
  const stored = withoutWithdrawn(attempts.stored, tasks);
  return {
    plan,
    tasks,
    stored,
    unusable: withoutWithdrawn(attempts.unusable, tasks),
    currentDeriving: await derivingHashes(workspaceRoot, plan, workers),
    currentDigests: new Map(tasks.map(({ task }) => [task.id, task.digest])),
    isAlive: await supervisorsAlive(stored),
  };
}

/** What was adopted over an accepted change counts as long as that is accepted. */
export function withoutWithdrawn<T extends { record: MeasurementRecord | null }>(
  attempts: T[],
  tasks: IdentifiedTask[],
): T[] {
  const origins = new Map(tasks.map(({ task }) => [task.digest, task.accepted]));
  return attempts.filter(({ record }) => record === null || holdsFor(record, origins.get(record.digest) ?? []));
}

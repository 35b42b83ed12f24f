import type { ExecutorContext } from '@nx/devkit';
import type { Origin } from '../../amendments/origins.ts';
import { tasksOf } from '../../measure/run/task-of.ts';
import type { Gap } from '../../plan/types.ts';

/** One measurement of the plan. */
export interface Planned {
  id: string;
  label: string;
  repetition: number;
  worker: string;
  experiment: string;
  /** null where the graph can't know it: contents of a model outside of the workspace. */
  digest: string | null;
  /** Earlier versions whose outcomes count as well, as a person accepted. */
  accepted: Origin[];
  expect: 'failed' | null;
  gap: Gap;
  memory_limit_bytes: number | null;
  /** As in the plan; a change from one to the next is the boundary of a cycle. */
  cycle: number;
}

/** The plan of a study, in its order, as it is in Nx's graph: no file is read. */
export const plannedOf = (
  context: Pick<ExecutorContext, 'projectsConfigurations' | 'root'>,
  study: string,
): Planned[] =>
  tasksOf(context, study).map((task) => {
    const { id, label, repetition, worker, experiment, expect, accepted, execution, cycle } = task;
    const { gap, memory_limit_bytes } = execution;
    const digest = task.unhashed.length === 0 ? task.digest : null;
    const place = { id, digest, accepted };
    return { ...place, label, repetition, worker, experiment, expect, gap, memory_limit_bytes, cycle };
  });

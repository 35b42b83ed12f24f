import type { Failure, FailureType } from '../record/schema.ts';
import type { Ending } from './jobs.ts';
import { slurmTexts } from './texts.ts';

const TYPES: Record<string, FailureType> = {
  TIMEOUT: 'timeout',
  DEADLINE: 'timeout',
  OUT_OF_MEMORY: 'oom',
  FAILED: 'crash',
  COMPLETED: 'crash',
};

// Of `JobAcctGatherParams=OverMemoryKill` (job FAILED, or CANCELLED), and of `task/cgroup`.
const OUT_OF_MEMORY = /exceeded memory limit|oom.kill event/;
const STEP_SAID = new RegExp(`^slurmstepd\\S*: error: (.*(?:${OUT_OF_MEMORY.source}).*)$`, 'm');

/** How a job ended, with what Slurm itself wrote into the job's log of its memory: the state alone may not say it. */
export function withWordsOf(log: string, ending: Ending): Ending {
  const said = STEP_SAID.exec(log)?.[1];
  return said === undefined || ending.state === 'COMPLETED' ? ending : { ...ending, reason: said };
}

/** The type of failure of a measurement whose job ended so; all that happened to the job from outside is `interrupted`. */
export function failureTypeOf({ state, reason }: Pick<Ending, 'state' | 'reason'>): FailureType {
  const isKilled = state === 'FAILED' || state === 'CANCELLED';
  return isKilled && OUT_OF_MEMORY.test(reason ?? '') ? 'oom' : (TYPES[state ?? ''] ?? 'interrupted');
}

/** Whether a job ended by its own limit of time. */
export const ranOutOfTime = (ending: Pick<Ending, 'state' | 'reason'>): boolean => failureTypeOf(ending) === 'timeout';

/**
 * The failure of an attempt with what Slurm says of its job: a supervisor that is ended doesn't know why, and one that lives
 * on doesn't know for what its worker was killed. null where the attempt's own failure says more.
 * `isFirst`: the job had begun with it; else others had the most of the job's time, and its limit says nothing of this one.
 */
export function explained(
  failure: Failure,
  { job, ending, isFirst }: { job: string; ending: Ending; isFirst: boolean },
): Failure | null {
  const type = ranOutOfTime(ending) && !isFirst ? 'interrupted' : failureTypeOf(ending);
  const isUnknown = failure.type === 'interrupted' || (type === 'oom' && ['crash', 'oom'].includes(failure.type));
  const saysNothing = [null, 'COMPLETED', 'FAILED'].includes(ending.state) && type !== 'oom';
  const words = slurmTexts.ended(job, ending);
  // Another run that watched the same job has said it.
  if (!isUnknown || saysNothing || failure.message.startsWith(words)) return null;
  return { ...failure, type, message: `${words}; ${failure.message}` };
}

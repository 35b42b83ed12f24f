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

// Of `JobAcctGatherParams=OverMemoryKill` (job FAILED, or CANCELLED), which ends the job at once.
const ENDED_FOR_MEMORY = /exceeded memory limit/;
// And of `task/cgroup`, which counts at the end of the job what the kernel killed in all of it.
const OUT_OF_MEMORY = new RegExp(`${ENDED_FOR_MEMORY.source}|oom.kill event`);
const STEP_SAID = new RegExp(`^slurmstepd\\S*: error: (.*(?:${OUT_OF_MEMORY.source}).*)$`, 'm');

/** How a job ended, with what Slurm itself wrote into the job's log of its memory: the state alone may not say it. */
export function withWordsOf(log: string, ending: Ending): Ending {
  const said = STEP_SAID.exec(log)?.[1];
  return said === undefined || ending.state === 'COMPLETED' ? ending : { ...ending, reason: said };
}

/**
 * The type of failure of a measurement whose job ended so; all that happened to the job from outside is `interrupted`.
 * `isAlone`: the job made no attempt before this one. Else its time went to others, and it may have been another one that the
 * kernel killed; nothing of that is said of this attempt.
 */
export function failureTypeOf({ state, reason }: Pick<Ending, 'state' | 'reason'>, isAlone = true): FailureType {
  const isKilled = state === 'FAILED' || state === 'CANCELLED';
  const words = isAlone ? OUT_OF_MEMORY : ENDED_FOR_MEMORY;
  if (isKilled && words.test(reason ?? '')) return 'oom';
  const type = TYPES[state ?? ''] ?? 'interrupted';
  return !isAlone && OF_THE_WHOLE.has(type) ? 'interrupted' : type;
}

const OF_THE_WHOLE: ReadonlySet<FailureType> = new Set(['timeout', 'oom']);

/** Whether a job ended by its own limit of time. */
export const ranOutOfTime = (ending: Pick<Ending, 'state' | 'reason'>): boolean => failureTypeOf(ending) === 'timeout';

/**
 * The failure of an attempt with what Slurm says of its job: a supervisor that is ended doesn't know why, and one that lives
 * on doesn't know for what its worker was killed. null where the attempt's own failure says more.
 * `isAlone`: as in `failureTypeOf`.
 */
export function explained(
  failure: Failure,
  { job, ending, isAlone }: { job: string; ending: Ending; isAlone: boolean },
): Failure | null {
  const type = failureTypeOf(ending, isAlone);
  const isUnknown = failure.type === 'interrupted' || (type === 'oom' && ['crash', 'oom'].includes(failure.type));
  const saysNothing = [null, 'COMPLETED', 'FAILED'].includes(ending.state) && type !== 'oom';
  const words = slurmTexts.ended(job, ending);
  // Another run that watched the same job has said it.
  if (!isUnknown || saysNothing || failure.message.startsWith(words)) return null;
  return { ...failure, type, message: `${words}; ${failure.message}` };
}

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

/** The type of failure of a measurement whose job ended so; all that happened to the job from outside is `interrupted`. */
export const failureTypeOf = ({ state }: Pick<Ending, 'state'>): FailureType => TYPES[state ?? ''] ?? 'interrupted';

/**
 * The failure of an attempt with what Slurm says of its job: a supervisor that is ended doesn't know why, and one that lives
 * on doesn't know for what its worker was killed. null where the attempt's own failure says more.
 */
export function explained(failure: Failure, job: string, ending: Ending): Failure | null {
  const type = failureTypeOf(ending);
  const isUnknown = failure.type === 'interrupted' || (failure.type === 'crash' && type === 'oom');
  if (!isUnknown || ending.state === null || ending.state === 'COMPLETED' || ending.state === 'FAILED') return null;
  return { ...failure, type, message: `${slurmTexts.ended(job, ending)}; ${failure.message}` };
}

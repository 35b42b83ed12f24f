import { begin } from './begin.ts';
import { conclude } from './conclude.ts';
import type { Outcome } from './finish.ts';
import type { Job } from './job.ts';
import { refusal } from './refusal.ts';
import { runWorker } from './run-worker.ts';

/**
 * Measures one task under the device lock, in four steps: it is refused or checked, its run directory and record begin,
 * its worker runs under supervision, and its result, exit and files decide what the final record says.
 *
 * Returns what became of it; a failure of the worker is an outcome, too.
 * @throws LockLost when the device lock is another's by now: nothing has started
 * @throws what keeps this process from writing the record, such as a full disk
 */
export async function measureOne(job: Job): Promise<Outcome> {
  const found = await refusal(job);
  if ('refused' in found) return found.refused;
  const begun = await begin({ ...job, ...found });
  const ended = await runWorker(begun);
  return conclude(ended);
}

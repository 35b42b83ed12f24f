import { supervisorState } from '../../record/supervisor.ts';
import type { Batch } from '../batch/batch.ts';
import type { JobFile } from './job-file.ts';

/** Whether a job is this run's, or that of one that is gone: nobody else ends it. */
export async function isOurs(batch: Batch, known: JobFile | null): Promise<boolean> {
  if (known === null) return false;
  return isOwn(batch, known) || (await supervisorState(known.supervisor)) === 'gone';
}

/** Whether this very process has submitted a job. */
export const isOwn = ({ supervisor }: Batch, { supervisor: by }: JobFile): boolean =>
  by.host === supervisor.host && by.pid === supervisor.pid && by.boot === supervisor.boot;

import { waitForAbort } from '../../base/wait.ts';
import { jobsNamed } from '../../slurm/client.ts';
import { hasEnded } from '../../slurm/jobs.ts';
import type { ListedJob } from '../../slurm/jobs.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import { headOf } from './by-job.ts';
import type { ByJob, JobEnd } from './by-job.ts';
import { ageOf, CLAIM_MS, jobPlace, readJob, removeJob, writeJob } from './job-file.ts';
import type { JobFile, JobPlace } from './job-file.ts';
import { isOurs, isOwn } from './owner.ts';
import { claimPack, submitPack } from './pack.ts';
import { watch } from './watch.ts';

/**
 * Measures one task by a job: goes on with the one that is there already, else submits one, and watches it until the task is
 * at its end.
 * @throws Error with Slurm's words where it does not take the job.
 */
export async function measureByJob(by: ByJob): Promise<JobEnd> {
  const { batch, task, leave } = by;
  const place = jobPlace(batch.workspaceRoot, task);
  for (;;) {
    if (leave.aborted) return { state: 'left' };
    const known = await readJob(place.file);
    const job = known?.job ?? (await listed(known ?? place))?.id ?? null;
    if (job !== null) return goOn(by, place, { known, job });
    if (await isTaken(batch, place, known)) {
      batch.printOnce(`${prefixOf(task)}: waiting: ${slurmTexts.claimed}`);
      if (await waitForAbort(batch.stop.signal, CLAIM_LOOK_MS)) return { state: 'left' };
      continue;
    }
    // Of a run that is gone, and had not submitted it.
    if ((await ageOf(place)) !== null) await removeJob(place, null, true);
    const pack = await claimPack(by);
    if (pack !== null) return watch(by, place, await submitPack(by, pack));
  }
}

const CLAIM_LOOK_MS = 1000;

/** Whether another process is about to submit this job. */
async function isTaken(batch: Batch, place: JobPlace, known: JobFile | null): Promise<boolean> {
  const age = await ageOf(place);
  if (age === null || age > CLAIM_MS) return false;
  if (known === null) return age < CLAIM_LOOK_MS;
  return !(await isOurs(batch, known));
}

const listed = async ({ name, comment }: Pick<JobFile, 'name' | 'comment'>): Promise<ListedJob | undefined> =>
  (await jobsNamed([name])).find((job) => job.comment === comment && !hasEnded(job.state));

/** Goes on with a job that is there. */
async function goOn(
  by: ByJob,
  place: JobPlace,
  { known, job }: { known: JobFile | null; job: string },
): Promise<JobEnd> {
  const { batch, task } = by;
  const ours = await isOurs(batch, known);
  // The run that submitted it was killed before it wrote down the number.
  if (known !== null && known.job === null && ours) await writeJob(place.file, { ...known, job });
  const { name, position, of } = known ?? { name: place.name, position: 0, of: 1 };
  const own = known !== null && isOwn(batch, known);
  if (!own) batch.printOnce(`${headOf(task, of)}: ${slurmTexts.adopted(job, of)}`);
  const end = await watch(by, place, { job, name, position, of, isOurs: ours });
  // It ended when nobody looked, as what a run that is killed leaves here.
  if (end.state !== 'settled' || end.settled.failure?.type !== 'interrupted' || !ours || own) return end;
  if (batch.stop.signal.aborted) return end;
  batch.print(end.settled.text);
  return { state: 'again' };
}

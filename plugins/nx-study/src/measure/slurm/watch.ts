import { setTimeout as sleep } from 'node:timers/promises';
import { waitForAbort } from '../../base/wait.ts';
import { cancel, endingOf, jobsNamed } from '../../slurm/client.ts';
import { ranOutOfTime, withWordsOf } from '../../slurm/failure.ts';
import { hasEnded, isPending, waitsForLostNode } from '../../slurm/jobs.ts';
import type { ListedJob } from '../../slurm/jobs.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import { noTimeFor } from '../limits/budget.ts';
import { headOf } from './by-job.ts';
import type { ByJob, JobEnd, Watched } from './by-job.ts';
import { endOfLog, readJob, readOutcome, removeJob } from './job-file.ts';
import type { JobPlace } from './job-file.ts';
import { isOurs } from './owner.ts';
import { release } from './pack.ts';
import { settle, settleEarly } from './settle.ts';

/** What ends the watch of a job. */
interface Signs {
  /** The measurement is at its end. */
  over: AbortSignal;
  /** The node has said that the measurement failed, so that the job ends. */
  failed: AbortSignal;
}

/**
 * Watches a job until one of its measurements is at its end: by the files on the disk that all nodes share, and by Slurm's
 * queue, which alone knows why a job ended.
 */
export async function watch(by: ByJob, place: JobPlace, watched: Watched): Promise<JobEnd> {
  const over = new AbortController();
  const failed = new AbortController();
  const ended = untilEnded(by, place, watched, { over: over.signal, failed: failed.signal });
  const early = untilSucceeded(by, place, watched, { over: over.signal, failed });
  try {
    return await Promise.race([ended, early]);
  } finally {
    over.abort();
  }
}

const DISK_LOOK_MS = 500;

/** Never resolves where the measurement does not succeed, or this process leaves. */
async function untilSucceeded(
  { batch, task, deriving }: ByJob,
  place: JobPlace,
  { job }: Watched,
  { over, failed }: { over: AbortSignal; failed: AbortController },
): Promise<JobEnd> {
  for (;;) {
    const early = await settleEarly({ batch, task, deriving, place, job });
    if (early !== null) return { state: 'settled', ...early };
    if ((await readOutcome(place, job))?.success === false) failed.abort();
    if (await waitForAbort(over, DISK_LOOK_MS)) return new Promise(() => {});
  }
}

/** Watches a job until it has left the queue, and settles what became of the measurement. */
async function untilEnded(by: ByJob, place: JobPlace, watched: Watched, { over, failed }: Signs): Promise<JobEnd> {
  const { batch, task, queue, leave } = by;
  const { job, name, of, isOurs: ours } = watched;
  const { stop } = batch;
  let isCancelled = false;
  let node: string | null = null;
  const say = (text: string) => batch.printOnce(`${headOf(task, of)}: ${text}`);
  for (;;) {
    if (over.aborted || (stop.signal.aborted && !ours) || stop.force.aborted) return { state: 'left' };
    if (stop.signal.aborted && !isCancelled) {
      isCancelled = true;
      await cancel(job);
    }
    // What is about to end takes seconds, and nobody else would look.
    const seen =
      isCancelled || failed.aborted
        ? await soon(name)
        : await unlessAborted(queue.next(name), stop.signal, leave, over, failed);
    if (seen === null) {
      if (!stop.signal.aborted && leave.aborted) return { state: 'left' };
      continue;
    }
    const found = seen.find(({ id }) => id === job);
    node = found?.node ?? node;
    if (found === undefined || hasEnded(found.state)) break;
    if (!isPending(found.state)) say(slurmTexts.runs(job, node));
    else if (!isCancelled) {
      say(slurmTexts.waits(job, found.reason));
      const end = ours ? await withdrawn(by, place, found) : null;
      if (end !== null) return end;
    }
  }
  return over.aborted ? { state: 'left' } : settled(by, place, watched, node);
}

/** Cancels a job that waits for a node which can't be used, or for which there is no time any more; null where it may wait. */
async function withdrawn(by: ByJob, place: JobPlace, found: ListedJob): Promise<JobEnd | null> {
  const { batch, task } = by;
  const late = await noTimeFor(batch, task);
  const isLost = by.mayMove && by.node !== null && waitsForLostNode(found);
  if (!isLost && late === null) return null;
  if (isLost) batch.print(`${task.study}: ${slurmTexts.moved(by.node!, found.reason)}`);
  await cancel(found.id);
  await removeJob(place, found.id, false);
  await release(by, found.id);
  return late === null ? { state: 'lost' } : { state: 'late', reason: late };
}

async function settled(by: ByJob, place: JobPlace, watched: Watched, node: string | null): Promise<JobEnd> {
  const { batch, task, deriving } = by;
  const { job, position, isOurs: ours } = watched;
  if (!ours) await untilSettled(by, place, job);
  const ending = withWordsOf(await endOfLog(place, job), await endingOf(job));
  const known = await settle({ batch, task, deriving, place, job, ending, isFirst: position === 0 });
  // It ended with this measurement, or before it.
  if (ours && !known?.success) await release(by, job);
  if (ours && position > 0 && known?.failure?.type === 'interrupted' && ranOutOfTime(ending)) {
    // Others had the most of the job's time.
    batch.print(known.text);
    return { state: 'again' };
  }
  if (known !== null) return { state: 'settled', settled: known, node: ending.node ?? node };
  if (ours) await removeJob(place, job, true);
  return { state: 'again' };
}

// Chosen: longer than the other run waits for a record that is late.
const SETTLED_MS = 120_000;

/** Waits until the run that submitted a job has recorded what became of a measurement, or is gone. */
async function untilSettled({ batch }: ByJob, place: JobPlace, job: string): Promise<void> {
  const until = performance.now() + SETTLED_MS;
  while (performance.now() < until) {
    const known = await readJob(place.file);
    if (known?.job !== job || (await isOurs(batch, known))) return;
    if (await waitForAbort(batch.stop.signal, SOON_MS)) return;
  }
}

const SOON_MS = 500;

/** The queue half a second from now; null while it can't be read. */
async function soon(name: string): Promise<ListedJob[] | null> {
  await sleep(SOON_MS);
  return jobsNamed([name]).catch(() => null);
}

/** What comes, or null at an abort before. */
function unlessAborted<T>(coming: Promise<T>, ...signals: AbortSignal[]): Promise<T | null> {
  const any = AbortSignal.any(signals);
  if (any.aborted) return Promise.resolve(null);
  const aborted = new Promise<null>((resolve) => {
    any.addEventListener('abort', () => resolve(null), { once: true });
  });
  return Promise.race([coming, aborted]);
}

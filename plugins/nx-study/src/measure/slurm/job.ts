import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../base/reason.ts';
import { waitForAbort } from '../../base/wait.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { slurmFor } from '../../plan/slurm.ts';
import { supervisorState } from '../../record/supervisor.ts';
import { cancel, endingOf, jobsNamed, submit } from '../../slurm/client.ts';
import { hasEnded, isPending, waitsForLostNode } from '../../slurm/jobs.ts';
import type { ListedJob } from '../../slurm/jobs.ts';
import { scriptOf, submitOptions } from '../../slurm/options.ts';
import type { Queue } from '../../slurm/queue.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import { noTimeFor } from '../limits/budget.ts';
import { ageOf, claimJob, jobPlace, readJob, removeJob, writeJob } from './job-file.ts';
import type { JobFile, JobPlace } from './job-file.ts';
import { nodeProgram } from './program.ts';
import { settle } from './settle.ts';
import type { Settled } from './settle.ts';

/** One measurement that a job is to make. */
export interface ByJob {
  batch: Batch;
  queue: Queue;
  task: MeasureTask;
  /** Hash of the deriving code; null when the worker derives nothing. */
  deriving: string | null;
  /** The node that the lane keeps; null where it has none yet. */
  node: string | null;
  /** Whether the lane may go to another node. */
  mayMove: boolean;
  /** Aborts where this process goes on with nothing, and the jobs do. */
  leave: AbortSignal;
}

/** `left`: the job goes on without this process. `lost`: its node can't be used. `late`: the run's time was over before it began. */
export type JobEnd =
  | { state: 'settled'; settled: Settled; node: string | null }
  | { state: 'left' }
  | { state: 'lost' }
  | { state: 'late'; reason: string };

/**
 * Measures one task by a job: goes on with the one that is there already, else submits one, and watches it to its end.
 * @throws Error with Slurm's words where it does not take the job.
 */
export async function measureByJob(by: ByJob): Promise<JobEnd> {
  const { batch, task, leave } = by;
  const place = jobPlace(batch.workspaceRoot, task);
  for (;;) {
    if (leave.aborted) return { state: 'left' };
    const known = await readJob(place.file);
    const job = known?.job ?? (await listed(place))?.id ?? null;
    if (job !== null) {
      const ours = await isOurs(batch, known);
      batch.printOnce(`${prefixOf(task)}: ${slurmTexts.adopted(job)}`);
      const end = await watch(by, place, { job, isOurs: ours });
      // It ended when nobody looked, as what a run that is killed leaves here.
      if (end.state !== 'settled' || end.settled.failure?.type !== 'interrupted' || !ours) return end;
      if (batch.stop.signal.aborted || known?.supervisor.pid === batch.supervisor.pid) return end;
      batch.print(end.settled.text);
      continue;
    }
    if (await isTaken(batch, place, known)) {
      batch.printOnce(`${prefixOf(task)}: waiting: ${slurmTexts.claimed}`);
      if (await waitForAbort(batch.stop.signal, CLAIM_LOOK_MS)) return { state: 'left' };
      continue;
    }
    // Of a run that is gone, and had not submitted it.
    if ((await ageOf(place)) !== null) await removeJob(place, null, true);
    const claim = contentOf(by, null);
    if (await claimJob(place, claim)) return watch(by, place, { job: await submitted(by, place), isOurs: true });
  }
}

const CLAIM_LOOK_MS = 1000;
// Chosen: `sbatch` answers within seconds, or gives up.
const CLAIM_MS = 120_000;

/** Whether another process is about to submit this job. */
async function isTaken(batch: Batch, place: JobPlace, known: JobFile | null): Promise<boolean> {
  const age = await ageOf(place);
  if (age === null || age > CLAIM_MS) return false;
  if (known === null) return age < CLAIM_LOOK_MS;
  return !(await isOurs(batch, known));
}

/** Whether a job is this run's, or that of one that is gone: nobody else ends it. */
async function isOurs({ supervisor }: Batch, known: JobFile | null): Promise<boolean> {
  if (known === null) return false;
  const by = known.supervisor;
  if (by.host === supervisor.host && by.pid === supervisor.pid && by.boot === supervisor.boot) return true;
  return (await supervisorState(by)) === 'gone';
}

const listed = async ({ name, comment }: JobPlace): Promise<ListedJob | undefined> =>
  (await jobsNamed([name])).find((job) => job.comment === comment && !hasEnded(job.state));

// The limits of a whole run are this process's to keep, and the runner on the node is the node itself.
const contentOf = ({ batch, task }: ByJob, job: string | null): JobFile => ({
  workspaceRoot: batch.workspaceRoot,
  supervisor: batch.supervisor,
  job,
  task: { ...task, execution: { ...task.execution, runner: 'local', budget_s: null, until: null } },
});

async function submitted(by: ByJob, place: JobPlace): Promise<string> {
  const { batch, task, node } = by;
  const { name, comment, log, file } = place;
  const options = submitOptions(slurmFor(task.execution.slurm, task.worker), {
    name,
    comment,
    log,
    folder: batch.workspaceRoot,
    node,
  });
  try {
    const job = await submit(options, scriptOf([process.execPath, nodeProgram(), file]));
    await writeJob(file, contentOf(by, job));
    batch.print(`${prefixOf(task)}: ${slurmTexts.submitted(job, node)}`);
    return job;
  } catch (error) {
    await removeJob(place, null, true);
    throw new Error(slurmTexts.refused(reasonOf(error)), { cause: error });
  }
}

interface Watched {
  job: string;
  isOurs: boolean;
}

/** Watches a job until it has left the queue, and settles what became of it. */
async function watch(by: ByJob, place: JobPlace, { job, isOurs: ours }: Watched): Promise<JobEnd> {
  const { batch, task, deriving, queue, leave } = by;
  const { stop } = batch;
  let isCancelled = false;
  let node: string | null = null;
  const say = (text: string) => batch.printOnce(`${prefixOf(task)}: ${text}`);
  for (;;) {
    if (stop.signal.aborted && !ours) return { state: 'left' };
    if (stop.force.aborted) return { state: 'left' };
    if (stop.signal.aborted && !isCancelled) {
      isCancelled = true;
      await cancel(job);
    }
    // What is cancelled takes seconds to end, and nobody else would look.
    const seen = isCancelled ? await soon(place) : await unlessAborted(queue.next(place.name), stop.signal, leave);
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
      const late = await noTimeFor(batch.workspaceRoot, task, batch.runStart);
      const isLost = by.mayMove && by.node !== null && waitsForLostNode(found);
      if (ours && (isLost || late !== null)) {
        if (isLost) batch.print(`${prefixOf(task)}: ${slurmTexts.moved(by.node!, found.reason)}`);
        await cancel(job);
        await removeJob(place, job, false);
        return late === null ? { state: 'lost' } : { state: 'late', reason: late };
      }
    }
  }
  if (!ours) await untilSettled(batch, place);
  const ending = await endingOf(job);
  const settled = await settle({ batch, task, deriving, place, job, ending });
  return { state: 'settled', settled, node: ending.node ?? node };
}

// Chosen: longer than the other run waits for a record that is late.
const SETTLED_MS = 120_000;

/** Waits until the run that submitted a job has recorded what became of it, or is gone. */
async function untilSettled(batch: Batch, place: JobPlace): Promise<void> {
  const until = performance.now() + SETTLED_MS;
  while (performance.now() < until) {
    const known = await readJob(place.file);
    if (known === null || (await isOurs(batch, known))) return;
    if (await waitForAbort(batch.stop.signal, SOON_MS)) return;
  }
}

const SOON_MS = 500;

/** The queue half a second from now; null while it can't be read. */
async function soon({ name }: JobPlace): Promise<ListedJob[] | null> {
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

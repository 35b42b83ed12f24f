import { existsSync } from 'node:fs';
import { groupBy } from '../../base/group-by.ts';
import { reasonOf } from '../../base/reason.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { openQueue } from '../../slurm/queue.ts';
import type { Queue } from '../../slurm/queue.ts';
import { slurmTexts } from '../../slurm/texts.ts';
import type { Batch } from '../batch/batch.ts';
import { prefixOf } from '../batch/prefix.ts';
import { noTimeFor } from '../limits/budget.ts';
import { nextStep } from '../one/next-step.ts';
import { measureByJob } from '../slurm/job.ts';
import type { JobEnd } from '../slurm/by-job.ts';
import { jobPlace, readJob, removeJob } from '../slurm/job-file.ts';
import { isOwn } from '../slurm/owner.ts';
import { release } from '../slurm/pack.ts';
import { openNodes } from '../slurm/nodes.ts';
import type { Nodes } from '../slurm/nodes.ts';
import { failedToStart, stopped, withReasonToStop } from './context.ts';
import type { Result, Run } from './context.ts';
import type { TaskOutcome } from './outcome.ts';
import { recordTooLarge } from './schedule.ts';
import type { Remote } from './schedule.ts';

/** What the lanes of one call share. */
interface Lanes extends Run {
  queue: Queue;
  nodes: Nodes;
  leave: AbortController;
}

/**
 * The measurements that jobs of Slurm make: one generator for each lane, with one job at a time in the lane's order. `leave`
 * ends them where they are; their jobs go on, and a later run goes on with those.
 */
export function openLanes(run: Run, remote: readonly Remote[]) {
  const leave = new AbortController();
  const queue = openQueue({ print: run.batch.printOnce });
  const lanes: Lanes = { ...run, queue, nodes: openNodes(run.batch.workspaceRoot), leave };
  return {
    lanes: [...groupBy(remote, ({ task }) => task.lane).values()].map((own) => measureLane(lanes, own)),
    leave() {
      leave.abort();
      queue.close();
    },
  };
}

/** Removes what is left of the job of a measurement that is at its end. */
export async function forgetJob({ workspaceRoot }: Batch, task: MeasureTask): Promise<void> {
  const place = jobPlace(workspaceRoot, task);
  const isLeft = existsSync(place.file) || existsSync(place.outcome);
  if (isLeft) await removeJob(place, (await readJob(place.file))?.job ?? null, false);
}

async function* measureLane(lanes: Lanes, own: readonly Remote[]): AsyncGenerator<TaskOutcome> {
  const { batch, policy, report, printSkip, leave } = lanes;
  for (const [index, remote] of own.entries()) {
    const { task } = remote;
    const after = own.slice(index + 1).map((one) => one.task);
    const job = await ownJob(batch, task);
    // A job that makes it has to be ended before.
    if (batch.stop.signal.aborted && job === null) return yield report(stopped(task, batch));
    if (leave.signal.aborted) return;
    const skip = policy.reasonToSkip(task) ?? (await noTimeFor(batch, task));
    // It is most likely measured by now, and comes to its end; those after it are not begun.
    if (skip !== null && job !== null) await release({ batch, after }, job);
    const outcome = skip === null || job !== null ? await measureRemote(lanes, remote, after) : { skip };
    if (outcome === null && !batch.stop.signal.aborted) return;
    if (outcome === null) return yield report(stopped(task, batch));
    if ('skip' in outcome) {
      await printSkip(task, outcome.skip);
      yield { task, success: false, status: 'skipped', text: `${prefixOf(task)}: ${outcome.skip}` };
      continue;
    }
    if (!outcome.success && batch.stop.signal.aborted) return yield report({ task, ...outcome, status: 'stopped' });
    yield report({ task, ...outcome, text: await withReasonToStop(lanes, task, outcome) });
  }
}

/** The number of the job by which this process has a task measured; null where there is none. */
async function ownJob(batch: Batch, task: MeasureTask): Promise<string | null> {
  const known = await readJob(jobPlace(batch.workspaceRoot, task).file);
  return known !== null && isOwn(batch, known) ? known.job : null;
}

/** What became of a measurement; null where its job goes on without this process. Never throws. */
async function measureRemote(
  lanes: Lanes,
  remote: Remote,
  after: readonly MeasureTask[],
): Promise<Result | { skip: string } | null> {
  const { batch } = lanes;
  const { task, deriving } = remote;
  try {
    for (;;) {
      const step = (await ownJob(batch, task)) === null ? await nextStep(batch, task, deriving) : null;
      if (step?.state === 'ended')
        return { ...step, final: !step.success, failure: null, text: `${prefixOf(task)}: ${step.text}` };
      if (step?.state === 'too-large') return await recordTooLarge(batch, task, step);
      const end = await byJobs(lanes, remote, after);
      if (end.state === 'left') return null;
      if (end.state === 'late') return { skip: end.reason };
      if (end.state === 'again' && batch.stop.signal.aborted) return null;
      if (end.state === 'again') continue;
      if (end.settled.failure?.type === 'oom') batch.outOfMemory.changed(task.study);
      return end.settled;
    }
  } catch (error) {
    if (batch.stop.signal.aborted) return null;
    return failedToStart(batch, task, error);
  }
}

/** By the lane's node, and by another one where that can't be used. */
async function byJobs(
  { batch, queue, nodes, leave }: Lanes,
  { task, deriving }: Remote,
  after: readonly MeasureTask[],
): Promise<Exclude<JobEnd, { state: 'lost' }>> {
  for (;;) {
    const kept = await nodes.of(task);
    const end = await measureByJob({ batch, queue, task, after, deriving, ...kept, leave: leave.signal }).catch(
      (error: unknown) => {
        // A node that is none of the partition's any more is refused as well.
        if (!kept.mayMove || kept.node === null) throw error;
        batch.print(`${task.study}: ${slurmTexts.moved(kept.node, reasonOf(error))}`);
        return { state: 'lost' } as const;
      },
    );
    if (end.state === 'settled' && end.node !== null) await nodes.keep(task, end.node);
    if (end.state !== 'lost') return end;
    await nodes.drop(task);
  }
}

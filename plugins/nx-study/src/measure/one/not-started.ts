import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MeasureTask } from '../../graph/task.ts';
import { failedAttempts, partialDirectory } from '../../record/attempts.ts';
import type { Failure, MeasurementRecord } from '../../record/schema.ts';
import { readRecord } from '../../record/read.ts';
import { supervisorState } from '../../record/supervisor.ts';
import { readWorker } from '../../worker/read.ts';
import { noCoolDown } from '../cooling/cool-down.ts';
import { finish } from './finish.ts';
import type { Outcome } from './finish.ts';
import { currentIdentity } from '../../graph/current.ts';
import { hashingIn } from './assets.ts';
import { startedRecord } from './record.ts';
import { checkEnded } from './run-directory.ts';
import type { Batch } from '../batch/batch.ts';
import { coolingTexts } from '../cooling/texts.ts';
import { prefixOf } from '../batch/prefix.ts';

/** What was found out before it was not started. */
type Known = Partial<Pick<MeasurementRecord, 'memory' | 'platform' | 'larger_than'>>;

/** Keeps a failure that came before the worker could start, or of this process beside it, among the failed attempts. Never throws. */
export async function recordNotStarted(
  batch: Batch,
  task: MeasureTask,
  failure: Failure,
  known: Known = {},
): Promise<Outcome> {
  try {
    return await record(batch, task, failure, known);
  } catch {
    // What keeps the record from being written, a full disk or a broken worker, is most likely the failure itself.
    return unrecorded(task, failure);
  }
}

const unrecorded = (task: MeasureTask, failure: Failure): Outcome => ({
  success: false,
  failure,
  directory: null,
  text: `${prefixOf(task)}: ${failure.type}: ${failure.message}`,
});

/** Whether another process measures it now: what this process refuses goes on there. */
const isOfAnother = async ({ supervisor }: MeasurementRecord): Promise<boolean> =>
  supervisor.pid !== process.pid && (await supervisorState(supervisor)) === 'alive';

async function record(batch: Batch, task: MeasureTask, failure: Failure, known: Known): Promise<Outcome> {
  const { workspaceRoot, supervisor } = batch;
  const worker = await readWorker(workspaceRoot, task.worker);
  const slot = { workspaceRoot, ...task };
  const directory = partialDirectory(slot, supervisor.boot);
  const begun = await readRecord(directory);
  if (begun?.outcome === 'running') {
    if (await isOfAnother(begun)) return unrecorded(task, failure);
    return endBegun(batch, task, directory, { begun, failure });
  }
  const { identity } = await currentIdentity(workspaceRoot, task, hashingIn(batch, task));
  const record = startedRecord({
    batch,
    task,
    worker,
    identity,
    environment: null,
    cpus: batch.cpus,
    attempt: (await failedAttempts(slot)).length + 1,
    coolDown: noCoolDown(coolingTexts.notStarted),
    machine: await batch.machine(),
  });
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(directory);
  const ended = { ...record, ...known, outcome: 'failed' as const, failure, ended_at: record.started_at };
  return finish(batch, task, directory, ended);
}

/** What keeps this process from going on with a measurement that it has begun is its failure: it was not killed. */
async function endBegun(
  batch: Batch,
  task: MeasureTask,
  directory: string,
  { begun, failure }: { begun: MeasurementRecord; failure: Failure },
): Promise<Outcome> {
  const { state } = await checkEnded(directory, begun.kind);
  // The next run recovers it.
  if (state === 'complete') throw new Error(failure.message);
  return finish(batch, task, directory, { ...begun, outcome: 'failed', failure, ended_at: new Date().toISOString() });
}

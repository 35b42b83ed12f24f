import { memoized } from '../../base/memoized.ts';
import { prepareEnvironment } from '../../environment/prepare.ts';
import type { PreparedEnvironment } from '../../environment/prepared.ts';
import { openContents } from '../../graph/content.ts';
import { workerContent } from '../../graph/identity.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { ownLock } from '../../worker/lock-files.ts';
import type { Worker } from '../../worker/manifest.ts';
import { readWorker } from '../../worker/read.ts';
import type { Batch } from '../batch/batch.ts';
import { rememberLoad } from '../cooling/last-load.ts';
import { assetStore } from '../one/assets.ts';
import type { AssetStore } from '../one/assets.ts';

/** What the tasks of a batch need, each read, built or fetched once. */
export interface Supplies {
  /** `deriving`: hash of the deriving code; null when the worker derives nothing. */
  workerOf(name: string): Promise<{ worker: Worker; deriving: string | null }>;
  environmentOf(worker: Worker, task: EnvironmentOf): Promise<PreparedEnvironment>;
  assets: AssetStore;
}

/** The parts of a task that its environment depends on. */
type EnvironmentOf = Pick<MeasureTask, 'variant' | 'configuration'>;

export async function openSupplies(batch: Batch): Promise<Supplies> {
  const { workspaceRoot } = batch;
  const contents = await openContents(workspaceRoot);
  return {
    workerOf: memoized(async (name) => {
      const worker = await readWorker(workspaceRoot, name);
      return { worker, deriving: (await workerContent(workspaceRoot, worker, contents)).deriving };
    }),
    environmentOf: memoized(
      (worker, task) => prepare(batch, worker, task),
      ({ name, manifest }, { variant, configuration }) =>
        JSON.stringify([name, variant, ownLock(manifest.environment, configuration)]),
    ),
    assets: assetStore(batch),
  };
}

async function prepare(
  batch: Batch,
  worker: Worker,
  { variant, configuration }: EnvironmentOf,
): Promise<PreparedEnvironment> {
  const own = ownLock(worker.manifest.environment, configuration);
  const { workspaceRoot, stop, supervisor } = batch;
  let isBuilt = false;
  const onProgress = (line: string) => {
    isBuilt = true;
    batch.print(line);
  };
  const prepared = await prepareEnvironment({ workspaceRoot, worker, variant, own, signal: stop.signal, onProgress });
  // It heats the machine like a measurement.
  if (isBuilt) await rememberLoad(supervisor.boot);
  return prepared;
}

import { memoized } from '../../base/memoized.ts';
import { findKind } from '../../kinds/index.ts';
import type { MeasuredWork } from '../../kinds/kind.ts';
import { cpuAllowance } from '../../machine/cpus.ts';
import { isMeasured, readStored } from '../../record/read.ts';
import type { Stored } from '../../record/read.ts';
import { isOfThisMachine } from '../../record/supervisor.ts';
import type { BySize } from '../../state/estimate.ts';
import type { Worker } from '../../worker/manifest.ts';
import type { PlannedTask } from './planned.ts';

/** What a measurement costs by the size of its model. */
export interface SizedCosts {
  /** Bytes of draws and the like that it leaves on the disk; null where they are not known. */
  disk_bytes: number | null;
  time: BySize;
}

const UNKNOWN: SizedCosts = { disk_bytes: null, time: { scaled: [], rough: null } };
/** The newest ones say enough, and each is read from the disk. */
const MOST_READ = 20;

/** Opens what measurements cost by the sizes that their workers' checks gave. Results of a worker are read once, when they are needed first. */
export function openCosts(
  workers: ReadonlyMap<string, Worker>,
  stored: readonly Stored[],
): (planned: PlannedTask) => Promise<SizedCosts> {
  const measuredBy = memoized((worker: string) => measuredHere(worker, stored));
  const allowed = cpuAllowance().allowed;
  return async ({ task, standing, size = null }) => {
    const costs = findKind(workers.get(task.worker)!.manifest.kind)?.costs;
    if (costs === undefined || size === null || standing.next !== 'measure') return UNKNOWN;
    const work = { configuration: task.configuration, size, cpus: task.cpus ?? allowed };
    const measured = await measuredBy(task.worker);
    return {
      disk_bytes: costs.disk(task.configuration, size),
      time: { scaled: measured.flatMap((one) => costs.scaled_s(work, one) ?? []), rough: costs.rough_s(work) },
    };
  };
}

async function measuredHere(worker: string, stored: readonly Stored[]): Promise<MeasuredWork[]> {
  const newest = stored
    .filter((one) => isMeasured(one) && one.record.worker === worker && isOfThisMachine(one.record.supervisor))
    .toSorted((a, b) => b.record.started_at.localeCompare(a.record.started_at))
    .slice(0, MOST_READ);
  const read = newest.map(async ({ directory, record }): Promise<MeasuredWork[]> => {
    const payload = (await readStored(directory))?.result?.payload;
    const { elapsed_s, allowance } = record;
    return payload === undefined || elapsed_s === null ? [] : [{ elapsed_s, cpus: allowance.cpus, payload }];
  });
  return (await Promise.all(read)).flat();
}

import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { placeOf } from '../../assets/fetch.ts';
import type { AssetManifest } from '../../assets/manifest.ts';
import { notBuilt, notFetched } from '../../kinds/memory-texts.ts';
import { mapPaths, valueAt } from '../../base/path.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { checkMemory } from '../../state/memory.ts';
import type { MemoryCheck, MemoryNow } from '../../state/memory.ts';
import type { MemoryComparison } from '../../record/schema.ts';
import type { Size } from '../../worker/size.ts';
import type { Worker } from '../../worker/manifest.ts';
import { hindered } from '../../state/next.ts';
import type { Planned, PlannedTask } from './planned.ts';

export interface PlannedMemory {
  /** What it needs and what is there, for what would be measured; null where that isn't known. */
  memory: MemoryComparison | null;
  /** Why it is not known; null also where nothing says how to tell. */
  memory_unchecked: string | null;
}

interface Machine {
  assets: AssetManifest;
  workers: ReadonlyMap<string, Worker>;
  /** The memory that is free now. */
  now: MemoryNow;
}

/** The same where another machine measures: nothing is known of its memory. */
export const withoutMemory = (planned: readonly PlannedTask[]): PlannedTask<Planned & PlannedMemory>[] =>
  planned.map(({ task, standing, size = null }) => ({
    task,
    size,
    standing: { ...standing, memory: null, memory_unchecked: null },
  }));

/** Adds to where measurements stand whether they would fit into the memory that is free now. */
export function memoryPreview(
  { assets, workers, now }: Machine,
  planned: readonly PlannedTask[],
): PlannedTask<Planned & PlannedMemory>[] {
  const check = checker(assets, workers, now);
  return planned.map(({ task, standing, size = null }) => {
    if (standing.next !== 'measure') return { task, standing: { ...standing, memory: null, memory_unchecked: null } };
    const { state, need, reason, findings } = check(task, size);
    if (state === 'too-large')
      return {
        task,
        size,
        standing: { ...hindered(standing, 'too-large', reason), memory: need, memory_unchecked: null },
      };
    // What starts although it is thought not to fit says so.
    const why = (state === 'fits' ? findings[0]?.message : null) ?? standing.why;
    return { task, size, standing: { ...standing, why, memory: need, memory_unchecked: reason } };
  });
}

function checker(
  { assets }: AssetManifest,
  workers: ReadonlyMap<string, Worker>,
  now: MemoryNow,
): (task: MeasureTask, size: Size | null) => MemoryCheck {
  const pathOf = (value: string): string => {
    const asset = isAbsolute(value) ? undefined : assets.get(value);
    return asset ? placeOf(asset) : value;
  };
  return (task, size) => {
    const { configuration } = task;
    const named = task.assets.map((path) => valueAt(configuration, path)).filter((value) => typeof value === 'string');
    const missing = named.find((value) => !existsSync(pathOf(value)));
    const sized = { configuration: mapPaths(configuration, task.assets, pathOf), size };
    const worker = workers.get(task.worker)!;
    const check = checkMemory(worker, sized, now);
    if (check.state !== 'unchecked') return check;
    if (size === null && worker.manifest.doctor?.sizes === true) return { ...check, reason: notBuilt(task.study) };
    return check.reason !== null && missing !== undefined ? { ...check, reason: notFetched(missing) } : check;
  };
}

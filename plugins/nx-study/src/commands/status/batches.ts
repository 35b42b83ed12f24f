import { closeSync } from 'node:fs';
import { describeHolder } from '../../machine/texts.ts';
import { statusTexts } from './texts.ts';
import { tried } from '../../base/errno.ts';
import { readLabel } from '../../machine/holder.ts';
import { deviceLockPath } from '../../machine/lock.ts';
import { openRegularSync } from '../../machine/regular-file.ts';
import { duration } from '../../base/duration.ts';
import type { SupervisorState } from '../../record/supervisor.ts';
import { supervisorState } from '../../record/supervisor.ts';
import type { SeenBatch } from './history.ts';
import type { Activity } from './schema.ts';

export interface KnownBatch extends SeenBatch {
  state: SupervisorState;
}

/** What a study's executors do. */
export interface Doing {
  activity: Activity;
  detail: string | null;
  /** The executor that it is about; null when none is known. */
  batch: KnownBatch | null;
}

// Of another host only the journal and the events are known; a silent worker may well take that long.
const SILENT_HOST_MS = 15 * 60_000;

/** Each batch with what became of its process. */
export const knownBatches = (batches: readonly SeenBatch[]): Promise<KnownBatch[]> =>
  Promise.all(batches.map(async (batch) => ({ ...batch, state: await supervisorState(batch.supervisor) })));

/** Whether it may still measure. */
export function isLive(batch: KnownBatch, now: number): boolean {
  if (batch.end !== null || batch.state === 'gone') return false;
  return batch.state === 'alive' || now - Date.parse(batch.last.at) < SILENT_HOST_MS;
}

/** What goes on while no worker runs. */
export async function doingOf(study: string, batches: readonly KnownBatch[], now: number): Promise<Doing> {
  const alive = batches.filter((batch) => isLive(batch, now));
  const live = alive.findLast(({ last }) => last.event !== 'waiting') ?? alive.at(-1);
  if (live) return liveDoing(study, live);
  const last = batches.at(-1) ?? null;
  if (last === null) return { activity: 'idle', detail: null, batch: null };
  if (last.end === null) {
    const { host, pid } = last.supervisor;
    const silent = duration((now - Date.parse(last.last.at)) / 1000);
    const detail = last.state === 'gone' ? statusTexts.supervisorGone(pid) : statusTexts.silentHost(host, silent);
    return { activity: 'interrupted', detail, batch: last };
  }
  if (last.end.cause !== null)
    return { activity: 'interrupted', detail: statusTexts.stoppedBy(last.end.cause), batch: last };
  if (last.end.left === 0) return { activity: 'idle', detail: null, batch: last };
  const { nx, supervisor } = last;
  const nxLives = nx !== null && (await supervisorState({ ...supervisor, ...nx })) !== 'gone';
  return { activity: nxLives ? 'storing' : 'interrupted', detail: null, batch: last };
}

function liveDoing(study: string, batch: KnownBatch): Doing {
  const { last } = batch;
  if (last.event === 'cooling') return { activity: 'cooling', detail: last.reading, batch };
  const label = deviceLabel();
  const holdsDevice = label?.pid === batch.supervisor.pid && label.released === undefined;
  // All studies of the batch waited; it has the device now, if for another one of them.
  if (last.event === 'waiting' && !holdsDevice) return { activity: 'waiting', detail: last.detail, batch };
  return holdsDevice && label.study !== study
    ? { activity: 'elsewhere', detail: describeHolder({ label, state: 'measuring' }), batch }
    : { activity: 'preparing', detail: null, batch };
}

function deviceLabel() {
  const fd = tried(() => openRegularSync(deviceLockPath()));
  if (fd === null) return null;
  try {
    return readLabel(fd);
  } finally {
    closeSync(fd);
  }
}

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
import type { SeenWave } from './history.ts';
import type { Activity } from './schema.ts';

export interface KnownWave extends SeenWave {
  state: SupervisorState;
}

/** What a study's executors do. */
export interface Doing {
  activity: Activity;
  detail: string | null;
  /** The executor that it is about; null when none is known. */
  wave: KnownWave | null;
}

// Of another host only the journal and the events tell; a silent worker may well take that long.
const SILENT_HOST_MS = 15 * 60_000;

/** Each wave with what became of its process. */
export const knownWaves = (waves: readonly SeenWave[]): Promise<KnownWave[]> =>
  Promise.all(waves.map(async (wave) => ({ ...wave, state: await supervisorState(wave.supervisor) })));

/** Whether it may still measure. */
export function isLive(wave: KnownWave, now: number): boolean {
  if (wave.end !== null || wave.state === 'gone') return false;
  return wave.state === 'alive' || now - Date.parse(wave.last.at) < SILENT_HOST_MS;
}

/** What goes on while no worker runs. */
export async function doingOf(study: string, waves: readonly KnownWave[], now: number): Promise<Doing> {
  const alive = waves.filter((wave) => isLive(wave, now));
  const live = alive.findLast(({ last }) => last.event !== 'waiting') ?? alive.at(-1);
  if (live) return liveDoing(study, live);
  const last = waves.at(-1) ?? null;
  if (last === null) return { activity: 'idle', detail: null, wave: null };
  if (last.end === null) {
    const { host, pid } = last.supervisor;
    const silent = duration((now - Date.parse(last.last.at)) / 1000);
    const detail = last.state === 'gone' ? statusTexts.supervisorGone(pid) : statusTexts.silentHost(host, silent);
    return { activity: 'interrupted', detail, wave: last };
  }
  if (last.end.cause !== null)
    return { activity: 'interrupted', detail: statusTexts.stoppedBy(last.end.cause), wave: last };
  if (last.end.left === 0) return { activity: 'idle', detail: null, wave: last };
  const { nx, supervisor } = last;
  const nxLives = nx !== null && (await supervisorState({ ...supervisor, ...nx })) !== 'gone';
  return { activity: nxLives ? 'storing' : 'interrupted', detail: null, wave: last };
}

function liveDoing(study: string, wave: KnownWave): Doing {
  const { last } = wave;
  if (last.event === 'cooling') return { activity: 'cooling', detail: last.reading, wave };
  const label = deviceLabel();
  const holdsDevice = label?.pid === wave.supervisor.pid && label.released === undefined;
  // All studies of the wave waited; it has the device now, if for another one of them.
  if (last.event === 'waiting' && !holdsDevice) return { activity: 'waiting', detail: last.detail, wave };
  return holdsDevice && label.study !== study
    ? { activity: 'elsewhere', detail: describeHolder({ label, state: 'measuring' }), wave }
    : { activity: 'preparing', detail: null, wave };
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

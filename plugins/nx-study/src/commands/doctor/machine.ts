import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../base/errno.ts';
import { reasonOf } from '../../base/reason.ts';
import { nvidiaAccelerators } from '../../machine/host.ts';
import { deviceLockPath, holderNow } from '../../machine/lock.ts';
import { describeHolder } from '../../machine/texts.ts';
import { loadMeter } from '../../measure/watch/load.ts';
import type { Load } from '../../measure/watch/load.ts';
import { ownProcesses } from '../../measure/watch/own-processes.ts';
import { readGit } from '../../record/git.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import type { Preview } from '../plan/preview.ts';
import { ok, unknown, warning } from './items.ts';
import type { Item } from './items.ts';
import { doctorTexts as texts } from './texts.ts';

/** That other machines measure; nothing where this one does. */
export const runnerItems = ({ study, runner: { runner } }: Pick<Preview, 'study' | 'runner'>): Item[] =>
  runner === 'local' ? [] : [unknown('runner', texts.nodesMeasure, texts.askNode(study))];

/** Whether another run has the device. */
export async function lockItem(path = deviceLockPath()): Promise<Item> {
  try {
    const holder = await holderNow(path);
    return holder === null
      ? ok('device lock', texts.free)
      : warning('device lock', describeHolder(holder), texts.waits);
  } catch (error) {
    return unknown('device lock', reasonOf(error));
  }
}

const LOOK_MS = 1000;

/** What others use of the machine now, over a second. */
export async function loadNow(): Promise<Load> {
  const meter = loadMeter(ownProcesses());
  await sleep(LOOK_MS);
  return meter.sample();
}

/** @param limit_cores - what the study allows to neighbours, in cores; null where it sets no limit. */
export function loadItem({ others_cores, busiest }: Load, limit_cores: number | null): Item {
  const names = busiest.slice(0, 3).map(({ name, pid, cores }) => `${name} (pid ${pid}, ${cores.toFixed(2)})`);
  const found = texts.load(others_cores.toFixed(2), names);
  return limit_cores !== null && others_cores > limit_cores
    ? warning('other programs', `${found}; ${texts.loadLimit(limit_cores)}`, texts.endThem)
    : ok('other programs', found);
}

/** Where systemd's client of a time server notes that it has set the clock. */
const SYNCHRONISED = '/run/systemd/timesync/synchronized';

/** @param latest - the time of the newest record, ISO 8601; null without one. */
export function clockItem(
  now: Date,
  { latest, synchronised = SYNCHRONISED }: { latest: string | null; synchronised?: string },
): Item {
  if (latest !== null && now.toISOString() < latest)
    return warning('clock', texts.clockBehind(now.toISOString(), latest), texts.setClock);
  return existsSync(synchronised)
    ? ok('clock', texts.synchronised(now.toISOString()))
    : unknown('clock', texts.notKnownSynchronised(now.toISOString()));
}

export function gitItem({ commit, dirty, reason }: MeasurementRecord['git']): Item {
  if (commit === null) return warning('git', texts.noCommit(reason ?? ''), texts.commit);
  return dirty === true ? warning('git', texts.dirty(commit), texts.commit) : ok('git', texts.clean(commit));
}

export const gitNow = async (workspaceRoot: string): Promise<Item> => gitItem(await readGit(workspaceRoot));

const POWERCAP = '/sys/class/powercap';

/** Whether counters of energy may be read: RAPL of this processor, NVML of NVIDIA GPUs. Their absence fails nothing. */
export function energyItem(gpus = nvidiaAccelerators().length, powercap = POWERCAP): Item {
  const zones = existsSync(powercap) ? readdirSync(powercap).filter((name) => name.startsWith('intel-rapl:')) : [];
  const refused = zones.filter((zone) => !isReadable(join(powercap, zone, 'energy_uj')));
  const nvml = gpus > 0 ? texts.nvml(gpus) : null;
  if (zones.length === 0)
    return nvml === null ? warning('energy', texts.noCounters, null) : ok('energy', `${texts.noRapl}; ${nvml}`);
  if (refused.length > 0)
    return warning(
      'energy',
      [texts.raplRefused(refused.length, zones.length), nvml].filter(Boolean).join('; '),
      texts.allowRapl,
    );
  return ok('energy', [texts.rapl(zones.length), nvml].filter(Boolean).join('; '));
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    // A zone without a counter is none.
    return errorCode(error) === 'ENOENT';
  }
}

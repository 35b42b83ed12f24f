import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { holdsFor } from '../../amendments/origins.ts';
import { tried } from '../../base/errno.ts';
import { failedAttempts } from '../../record/attempts.ts';
import { checkFinished } from '../../record/examine.ts';
import type { Damage } from '../../record/examine.ts';
import { DIGEST_DIGITS, studyRoot } from '../../record/paths.ts';
import { isFinishedName, readRecord } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import type { WholeMemory } from '../../record/whole-memory.ts';
import type { Planned } from './plan.ts';

type Place = Pick<Planned, 'id' | 'digest' | 'accepted'>;

/** What lies in a study's results; one folder is listed in advance, others only where asked for. */
export interface Disk {
  /** The finished measurement of a digest: whether there is one, and whether it is whole. */
  finished(place: Place): Promise<Finished>;
  /** Whether there is a whole one of another digest. */
  isStale(place: Place): Promise<boolean>;
  /** Run directories that were not brought to an end, with their records. */
  unfinished(place: Omit<Place, 'accepted'>): Promise<{ directory: string; record: MeasurementRecord }[]>;
  lastFailure(place: Place): Promise<MeasurementRecord | null>;
  finishedRecord(place: Place): Promise<MeasurementRecord | null>;
}

export type Finished = { state: 'absent' | 'whole' } | { state: 'damaged'; damage: Damage };

/** Where to look, and what was found whole there before. */
export interface DiskOptions {
  workspaceRoot: string;
  study: string;
  whole: WholeMemory;
  /** Folders that were whole → when this process looked last; such are not looked at again for a while. */
  lately: Map<string, number>;
}

// Somebody who follows a study looks each second.
const LATELY_MS = 60_000;

export function openDisk({ workspaceRoot, study, whole, lately }: DiskOptions, now: number): Disk {
  const root = join(workspaceRoot, studyRoot(study));
  const ids = new Set(list(root));
  const failed = ids.has('failed') ? new Set(list(`${root}/failed`)) : new Set();
  // Cheaper than `join`, ten thousand times.
  const rootOf = (id: string) => `${root}/${id}`;
  const directoryOf = ({ id, digest }: Place): string | null => {
    if (!ids.has(id)) return null;
    const name = digest?.slice(0, DIGEST_DIGITS) ?? list(rootOf(id)).find(isFinishedName);
    return name === undefined ? null : `${rootOf(id)}/${name}`;
  };
  const check = async (directory: string, accepted: Place['accepted']): Promise<Finished> => {
    if (now - (lately.get(directory) ?? -Infinity) < LATELY_MS) return { state: 'whole' };
    const checked = await checkFinished(directory, whole);
    if (checked.state === 'absent') return checked;
    if (checked.state === 'whole' && !checked.isAccepted) {
      lately.set(directory, now);
      return { state: 'whole' };
    }
    const record = checked.state === 'damaged' ? checked.record : await readRecord(directory);
    // What was adopted over an accepted change counts as long as that is accepted.
    return record !== null && !holdsFor(record, accepted) ? { state: 'absent' } : checked;
  };
  return {
    async finished(place) {
      const directory = directoryOf(place);
      return directory === null ? { state: 'absent' } : check(directory, place.accepted);
    },
    async isStale({ id, digest }) {
      if (!ids.has(id) || digest === null) return false;
      const own = digest.slice(0, DIGEST_DIGITS);
      for (const name of list(rootOf(id)))
        if (isFinishedName(name) && name !== own && (await check(`${rootOf(id)}/${name}`, [])).state === 'whole')
          return true;
      return false;
    },
    async unfinished({ id, digest }) {
      if (!ids.has(id)) return [];
      const start = digest?.slice(0, DIGEST_DIGITS) ?? '';
      const names = list(rootOf(id)).filter((name) => name.startsWith(start) && name.endsWith('.partial'));
      const found = await Promise.all(
        names.map(async (name) => {
          const directory = join(rootOf(id), name);
          const record = await readRecord(directory);
          return record && { directory, record };
        }),
      );
      return found.filter((one) => one !== null);
    },
    async lastFailure({ id, digest }) {
      if (!failed.has(id) || digest === null) return null;
      return (await failedAttempts({ workspaceRoot, study, id, digest })).at(-1) ?? null;
    },
    async finishedRecord(place) {
      const directory = directoryOf(place);
      return directory === null ? null : readRecord(directory);
    },
  };
}

const list = (folder: string): string[] => tried(() => readdirSync(folder)) ?? [];

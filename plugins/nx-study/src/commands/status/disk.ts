import { readdirSync } from 'node:fs';
import { holdsFor } from '../../amendments/origins.ts';
import { tried } from '../../base/errno.ts';
import { memoized } from '../../base/memoized.ts';
import { putAsideAttempts, unfinishedAttempts } from '../../record/attempts.ts';
import { checkFinished } from '../../record/examine.ts';
import { DIGEST_DIGITS, isPartial, studyDirectory } from '../../record/paths.ts';
import { isFinishedName, readRecord } from '../../record/read.ts';
import type { Stored } from '../../record/read.ts';
import type { MeasurementRecord } from '../../record/schema.ts';
import type { WholeMemory } from '../../record/whole-memory.ts';
import type { Own } from '../../state/known.ts';
import type { Planned } from './plan.ts';

type Place = Pick<Planned, 'id' | 'digest' | 'accepted'>;

/** What lies in a study's results; one folder is listed in advance, others once, and only where asked for. */
export interface Disk {
  /** The finished measurement of a digest: whether there is one, and whether it is whole. */
  finished(place: Place): Promise<Own>;
  /** Whether there is a whole one of another digest. */
  hasOther(place: Place): Promise<boolean>;
  /** Attempts at a digest that were not brought to an end; at all digests where it is null. */
  unfinished(place: Omit<Place, 'accepted'>): Promise<Stored[]>;
  /** Attempts at a digest that were put aside, the oldest first; none where it is null. */
  putAside(place: Place): Promise<Stored[]>;
  finishedRecord(place: Place): Promise<MeasurementRecord | null>;
}

/** The study that is examined, and what was found whole there before. */
export interface DiskOptions {
  workspaceRoot: string;
  study: string;
  whole: WholeMemory;
  /** Folders that were whole → when this process examined them last; it does not examine them again for a while. */
  lately: Map<string, number>;
}

// With `--watch` the disk is asked each second.
const LATELY_MS = 60_000;

const WHOLE: Own = { state: 'whole', stored: null };

export function openDisk({ workspaceRoot, study, whole, lately }: DiskOptions, now: number): Disk {
  const root = studyDirectory(workspaceRoot, study);
  const ids = new Set(list(root));
  const failed = ids.has('failed') ? new Set(list(`${root}/failed`)) : new Set();
  // Cheaper than `join`, ten thousand times.
  const rootOf = (id: string) => `${root}/${id}`;
  const namesOf = memoized((id: string) => tried(() => readdirSync(rootOf(id))));
  const directoryOf = ({ id, digest }: Place): string | null => {
    if (!ids.has(id)) return null;
    const name = digest?.slice(0, DIGEST_DIGITS) ?? namesOf(id)?.find(isFinishedName);
    return name === undefined ? null : `${rootOf(id)}/${name}`;
  };
  /** Whether its folder has an entry that fits, or can't be listed. */
  const mayHave = (id: string, fits: (name: string) => boolean): boolean => namesOf(id)?.some(fits) ?? true;
  const check = async (id: string, directory: string, accepted: Place['accepted']): Promise<Own> => {
    if (now - (lately.get(directory) ?? -Infinity) < LATELY_MS) return WHOLE;
    const isListed = () => mayHave(id, (name) => directory === `${rootOf(id)}/${name}`);
    const checked = await checkFinished(directory, whole, isListed);
    if (checked.state === 'absent') return checked;
    if (checked.state === 'whole' && !checked.isAccepted) {
      lately.set(directory, now);
      return WHOLE;
    }
    const record = checked.state === 'damaged' ? checked.record : await readRecord(directory);
    // What was reused over an accepted change counts as long as that is accepted.
    if (record !== null && !holdsFor(record, accepted)) return { state: 'absent' };
    if (checked.state === 'whole') return WHOLE;
    const { damage, rederivable } = checked;
    return { state: 'damaged', damage: { directory, study, id, damage, record, rederivable } };
  };
  return {
    async finished(place) {
      const directory = directoryOf(place);
      return directory === null ? { state: 'absent' } : check(place.id, directory, place.accepted);
    },
    async hasOther({ id, digest }) {
      if (!ids.has(id) || digest === null) return false;
      const own = digest.slice(0, DIGEST_DIGITS);
      for (const name of namesOf(id) ?? [])
        if (isFinishedName(name) && name !== own && (await check(id, `${rootOf(id)}/${name}`, [])).state === 'whole')
          return true;
      return false;
    },
    async unfinished({ id, digest }) {
      if (!ids.has(id) || !mayHave(id, isPartial)) return [];
      const slot = { workspaceRoot, study, id };
      return digest === null ? unfinishedAttempts(slot) : unfinishedAttempts({ ...slot, digest });
    },
    async putAside({ id, digest }) {
      return failed.has(id) && digest !== null ? putAsideAttempts({ workspaceRoot, study, id, digest }) : [];
    },
    async finishedRecord(place) {
      const directory = directoryOf(place);
      return directory === null ? null : readRecord(directory);
    },
  };
}

const list = (folder: string): string[] => tried(() => readdirSync(folder)) ?? [];

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { orNull } from '../machine/errno.ts';
import { failedAttempts } from '../record/attempts.ts';
import { DIGEST_DIGITS, studyRoot } from '../record/paths.ts';
import { readRecord } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import type { Planned } from './plan.ts';

type Place = Pick<Planned, 'id' | 'digest'>;

/** What lies in a study's results; one folder is listed in advance, others only where asked for. */
export interface Disk {
  /** Whether anything lies there for a measurement, of whatever digest. */
  holds(id: string): boolean;
  isFinished(place: Place): boolean;
  /** Run directories that were not brought to an end, with their records. */
  unfinished(place: Place): Promise<{ directory: string; record: MeasurementRecord }[]>;
  lastFailure(place: Place): Promise<MeasurementRecord | null>;
  finishedRecord(place: Place): Promise<MeasurementRecord | null>;
}

export function openDisk(workspaceRoot: string, study: string): Disk {
  const root = join(workspaceRoot, studyRoot(study));
  const ids = new Set(list(root));
  const failed = ids.has('failed') ? new Set(list(`${root}/failed`)) : new Set();
  // Cheaper than `join`, ten thousand times.
  const rootOf = (id: string) => `${root}/${id}`;
  const finished = ({ id, digest }: Place): string | null => {
    if (!ids.has(id)) return null;
    const name = digest?.slice(0, DIGEST_DIGITS) ?? list(rootOf(id)).find((other) => FINISHED.test(other));
    const directory = name === undefined ? null : `${rootOf(id)}/${name}`;
    return directory !== null && existsSync(`${directory}/record.json`) ? directory : null;
  };
  return {
    holds: (id) => ids.has(id),
    isFinished: (place) => finished(place) !== null,
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
      const directory = finished(place);
      return directory === null ? null : readRecord(directory);
    },
  };
}

const FINISHED = new RegExp(`^[0-9a-f]{${DIGEST_DIGITS}}$`);

const list = (folder: string): string[] => orNull(() => readdirSync(folder)) ?? [];

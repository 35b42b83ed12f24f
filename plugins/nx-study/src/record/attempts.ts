import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../base/errno.ts';
import { machineId } from '../machine/id.ts';
import { machineName } from '../machine/name.ts';
import { processIdentity } from '../machine/process.ts';
import { renameDurably, writeRecord } from './durable.ts';
import { failedDirectory, finishedDirectory, isPartial, measurementDirectory } from './paths.ts';
import { readRecord, subfolders } from './read.ts';
import type { Stored } from './read.ts';
import type { MeasurementRecord } from './schema.ts';
import { supervisorState } from './supervisor.ts';

export interface Slot {
  workspaceRoot: string;
  study: string;
  id: string;
  digest: string;
}

const PARTIAL = '.partial';

// Dots separate the parts of the name.
const plainName = () => machineName().replaceAll('.', '_');

/** Of this machine, also where others have its name. */
const hostName = () => [plainName(), machineId()?.slice(0, 6)].filter(Boolean).join('~');

/** Whether a folder's owner was of this machine. Earlier versions wrote the name alone. */
const isOfHere = (host: string | undefined): boolean => host === hostName() || host === plainName();

/** The folder of a running measurement; its name contains host, boot and process. */
export const partialDirectory = (slot: Slot, boot: string): string =>
  `${finishedDirectory(slot, slot.digest)}.${hostName()}@${boot.slice(0, 8)}@${process.pid}${PARTIAL}`;

/** Folders that dead supervisors of this host left for this id, or this process itself, which runs one measurement at a time. */
export async function leftPartials(slot: Slot): Promise<string[]> {
  const all = await partialsHere(slot);
  const alive = await Promise.all(all.map(isAtWork));
  return all.filter((_, index) => !alive[index]);
}

/** Folders in which another process of this host measures this id now. */
export async function livingPartials(slot: Slot): Promise<string[]> {
  const all = await partialsHere(slot);
  const alive = await Promise.all(all.map(isAtWork));
  return all.filter((_, index) => alive[index]);
}

async function partialsHere(slot: Slot): Promise<string[]> {
  const parent = dirname(finishedDirectory(slot, slot.digest));
  return (await subfolders(parent)).filter(isPartialHere).map((name) => join(parent, name));
}

// Chosen: a run writes its first record within milliseconds after making the folder.
const UNRECORDED_MS = 60_000;

async function isAtWork(directory: string): Promise<boolean> {
  const { pid } = ownerOf(basename(directory))!;
  if (pid === process.pid) return false;
  const record = await readRecord(directory);
  if (record !== null) return (await supervisorState(record.supervisor)) === 'alive';
  const made = await stat(directory).catch(() => null);
  const isYoung = made !== null && Date.now() - made.mtimeMs < UNRECORDED_MS;
  return isYoung && (await processIdentity(pid)) !== null;
}

/** Whether a folder of that name is a measurement that a supervisor of this host did not bring to an end yet. */
const isPartialHere = (name: string): boolean => name.endsWith(PARTIAL) && isOfHere(ownerOf(name)?.host);

/** A folder beside a finished measurement, for work that is renamed into place or thrown away. */
export const scratchDirectory = (finished: string, purpose: 'copy' | 'derive'): string =>
  `${finished}.${hostName()}@${process.pid}.${purpose}`;

// `<digest>.<host>@<boot>@<pid>.partial`, `<digest>.<host>@<pid>.copy`; names of hosts contain no @.
function ownerOf(name: string): { host: string; pid: number } | null {
  const parts = name.split('.')[1]?.split('@') ?? [];
  return parts.length < 2 ? null : { host: parts[0]!, pid: Number(parts.at(-1)) };
}

/** Removes scratch folders of this id that killed processes of this host left. */
export async function removeScratch(slot: Slot): Promise<void> {
  const parent = dirname(finishedDirectory(slot, slot.digest));
  for (const name of await subfolders(parent)) {
    const owner = ownerOf(name);
    if (!/\.(copy|derive)$/.test(name) || owner === null || !isOfHere(owner.host)) continue;
    if ((await processIdentity(owner.pid)) !== null) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Records of the failed attempts at this digest of an id, oldest first. */
export const failedAttempts = async (slot: Slot): Promise<MeasurementRecord[]> =>
  (await putAsideAttempts(slot)).map(({ record }) => record);

/** The attempts at this digest of an id that were put aside: failed ones, and results that count no more; oldest first. */
export async function putAsideAttempts(slot: Slot): Promise<Stored[]> {
  const parent = failedDirectory(slot);
  return attemptsIn(slot, parent, await subfolders(parent));
}

/** The attempts at a digest of an id (at all of its digests where none is given) that have not ended, of all hosts. */
export async function unfinishedAttempts(slot: Omit<Slot, 'digest'> & Partial<Slot>): Promise<Stored[]> {
  const parent = measurementDirectory(slot);
  return attemptsIn(slot, parent, (await subfolders(parent)).filter(isPartial));
}

async function attemptsIn({ digest }: Partial<Slot>, parent: string, names: string[]): Promise<Stored[]> {
  const found = await Promise.all(
    names.map(async (name): Promise<Stored | null> => {
      const directory = join(parent, name);
      const record = await readRecord(directory);
      return record && { directory, record, result: null, derived: null };
    }),
  );
  return found.filter((one) => one !== null).filter(({ record }) => digest === undefined || record.digest === digest);
}

/** Moves a run directory to the failed attempts, with its final record if one is given; returns its new path. */
export async function keepFailed(slot: Slot, directory: string, record?: MeasurementRecord): Promise<string> {
  if (record) await writeRecord(directory, record);
  const parent = failedDirectory(slot);
  await mkdir(parent, { recursive: true });
  for (;;) {
    const taken = (await readdir(parent)).map(Number).filter(Number.isInteger);
    const target = join(parent, String(Math.max(0, ...taken) + 1).padStart(3, '0'));
    try {
      await renameDurably(directory, target);
      return target;
    } catch (error) {
      // Another process, perhaps on another node, has just taken that number.
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
    }
  }
}

import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { canonicalJson, sha256 } from '../base/canonical.ts';
import { damageTexts as texts } from './texts.ts';
import { hashWithin } from '../machine/hash-regular.ts';
import type { ContentHash } from '../machine/hash-regular.ts';
import { statsOf } from '../machine/regular-file.ts';
import { resultSchema } from '../worker/result.ts';
import type { Result } from '../worker/result.ts';
import { isAbsence, isUnaltered, MOST_BYTES, readDocument, whyUnreadable } from './document.ts';
import type { Document } from './document.ts';
import { DIGEST_DIGITS } from './paths.ts';
import { derivedSchema, recordSchema } from './schema.ts';
import { currentRecord } from './upgrade.ts';
import type { Derived, Identity, MeasurementRecord } from './schema.ts';
import type { WholeMemory } from './whole-memory.ts';
import { withLines } from './lines.ts';
import { standingIdentity } from './standing.ts';

/** Why a finished measurement doesn't count. */
export interface Damage {
  /** In its folder; `.` is the folder itself. */
  file: string;
  /** A sentence that begins with the file's name. */
  message: string;
}

/** The content of the folder of a finished measurement. */
export type Examined =
  | { state: 'absent' }
  /** `record` is null where that isn't to be trusted; `rederivable`: all that was measured is whole, only `derived.json` isn't. */
  | { state: 'damaged'; damage: Damage; record: MeasurementRecord | null; rederivable: boolean }
  | { state: 'whole'; record: MeasurementRecord; derived: Derived | null; result: Result | null };

/** `isAccepted`: it counts as long as a change of code or dependencies is accepted. */
export type Checked = Exclude<Examined, { state: 'whole' }> | { state: 'whole'; isAccepted: boolean };

interface Options {
  /** Measurements that were found whole before, so that unchanged files are not hashed again. */
  memory?: WholeMemory;
  /** Whether to return the result; without it, the file is only checked. */
  withResult?: boolean;
}

/**
 * Checks the folder of a finished measurement: the record against its checksum, its digest and the folder's name; the files
 * against the hashes in the record; `derived.json` against the files that it was derived from. Files that stay on the
 * machine that measured (`local`) may be absent, and are compared by length only: deriving hashes them.
 * @throws only errors that say nothing about a file: too many open files, no memory.
 */
export async function examine(directory: string, { memory, withResult = false }: Options = {}): Promise<Examined> {
  const touch = memory?.begin(directory);
  const examined = await examineAll(directory, withResult, touch?.isKnown ?? false);
  if (examined.state === 'whole') touch?.noteWhole(examined.record, examined.derived);
  return examined;
}

/**
 * The same for its state alone: a folder that was whole before, and has the same stamps, is not read again.
 * @param mayExist - false where the caller knows that there is no such folder; asked only of one that nobody remembers.
 */
export async function checkFinished(
  directory: string,
  memory: WholeMemory,
  mayExist: () => boolean = () => true,
): Promise<Checked> {
  const { isKnown, isAccepted } = memory.begin(directory);
  if (isKnown) return { state: 'whole', isAccepted: isAccepted === true };
  if (!mayExist()) return { state: 'absent' };
  const examined = await examine(directory, { memory });
  return examined.state === 'whole' ? { state: 'whole', isAccepted: examined.record.accepted !== null } : examined;
}

async function examineAll(directory: string, withResult: boolean, isKnown: boolean): Promise<Examined> {
  const folder = folderAt(directory);
  if (folder !== 'folder') return folder;
  const read = await readRecordDocument(directory);
  if (read.state !== 'good') return damaged('record.json', read.state === 'absent' ? texts.missing : read.why);
  const record = read.value;
  const wrong = await misplacement(read, directory);
  if (wrong !== null) return damaged('record.json', wrong);

  // A record that doesn't name result.json has no hash of it, so it is at least read.
  const isNamed = record.files.some(({ path }) => path === 'result.json');
  const result = withResult || !isNamed ? await readResult(directory, record) : null;
  if (typeof result === 'string') return damaged('result.json', result, record);
  if (!isKnown)
    for (const { path, ...recorded } of record.files) {
      if (result !== null && path === 'result.json') continue;
      const problem = await compared(directory, path, recorded);
      if (problem !== null) return damaged(path, problem, record);
    }
  const derived = await readDerived(directory, record);
  if (typeof derived === 'string') return { ...damaged('derived.json', derived, record), rederivable: true };
  return { state: 'whole', record, derived, result };
}

const readableRecord = z.preprocess(currentRecord, recordSchema);

/** The record in the folder of any attempt, checked against its checksum. */
export async function readRecordDocument(directory: string): Promise<Document<MeasurementRecord>> {
  const read = await readDocument(join(directory, 'record.json'), readableRecord, MOST_BYTES.record);
  const isAltered = read.state === 'good' && (await isUnaltered(read.raw)) === false;
  return isAltered ? { state: 'bad', why: texts.altered } : read;
}

function folderAt(directory: string): 'folder' | Extract<Examined, { state: 'absent' | 'damaged' }> {
  try {
    const stats = lstatSync(directory, { throwIfNoEntry: false });
    if (!stats) return { state: 'absent' };
    if (stats.isDirectory()) return 'folder';
    return damaged('.', texts.notFolder(stats.isSymbolicLink() ? 'is a link' : 'is a file'));
  } catch (error) {
    return damaged('.', whyUnreadable(error));
  }
}

const damaged = (file: string, what: string, record: MeasurementRecord | null = null) => ({
  state: 'damaged' as const,
  damage: { file, message: `${file === '.' ? 'its folder' : file} ${what}` },
  record,
  rederivable: false,
});

type Found = Extract<Document<MeasurementRecord>, { state: 'good' }>;

/** Why a record belongs elsewhere, or was altered although it has no checksum; null when neither. */
async function misplacement({ value: record, raw }: Found, directory: string): Promise<string | null> {
  const { id, digest, outcome } = record;
  const [name, parent] = [basename(directory), basename(dirname(directory))];
  if (outcome !== 'measured') return texts.notMeasured(outcome);
  if (digest.slice(0, DIGEST_DIGITS) !== name) return texts.otherDigest(digest.slice(0, DIGEST_DIGITS), name);
  if (id !== parent) return texts.otherId(id, parent);
  // As it was written: fields that earlier versions didn't have get no default here, or the digest would differ.
  const { identity } = raw as { identity: Identity };
  const hash = await sha256();
  return hash(canonicalJson(standingIdentity({ ...record, identity }))) === digest ? null : texts.otherIdentity;
}

interface Recorded extends ContentHash {
  local: boolean;
}

/** How a file differs from its entry in the record; null when it doesn't. */
async function compared(
  directory: string,
  path: string,
  { sha256: expected, bytes, local }: Recorded,
): Promise<string | null> {
  try {
    const stats = lstatSync(join(directory, path));
    // Opening anything but a file gives its own reason.
    if (stats.isFile() && stats.size !== bytes) return texts.otherLength(stats.size, bytes);
    if (stats.isFile() && local) return null;
    const found = await hashWithin(directory, path);
    return found.sha256 === expected ? null : texts.otherContent(found.sha256, expected);
  } catch (error) {
    if (!isAbsence(error)) return whyUnreadable(error);
    return local ? null : texts.missing;
  }
}

async function readResult(directory: string, { files, kind }: MeasurementRecord): Promise<Result | string> {
  const file = join(directory, 'result.json');
  const recorded = files.find(({ path }) => path === 'result.json');
  const stats = statsOf(file);
  if (recorded && stats?.isFile() && stats.size !== recorded.bytes)
    return texts.otherLength(stats.size, recorded.bytes);
  const reading = () => readDocument(file, resultSchema, MOST_BYTES.result);
  const read = stats !== null && stats.size > LARGE_BYTES ? await inTurn(reading) : await reading();
  if (read.state !== 'good') return read.state === 'absent' ? texts.missing : read.why;
  if (recorded && read.content.sha256 !== recorded.sha256)
    return texts.otherContent(read.content.sha256, recorded.sha256);
  if (read.value.kind !== kind) return texts.otherKind(read.value.kind, kind);
  return read.value.files.length === 0 ? read.value : inTurn(() => withLines(directory, read.value));
}

// Text, value and checked value of a result are in memory together while it is read.
const LARGE_BYTES = 16 << 20;

let turn: Promise<unknown> = Promise.resolve();

/** Does such work one at a time. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = turn.then(work);
  turn = next.catch(() => {});
  return next;
}

async function readDerived(directory: string, record: MeasurementRecord): Promise<Derived | null | string> {
  const read = await readDocument(join(directory, 'derived.json'), derivedSchema, MOST_BYTES.derived);
  if (read.state === 'absent') return null;
  if (read.state === 'bad') return read.why;
  if ((await isUnaltered(read.raw)) === false) return texts.altered;
  const { source } = read.value;
  return source === null || source === (await sourceOf(record)) ? read.value : texts.otherSource;
}

/** The `source` of `derived.json`: the SHA-256 of the canonical JSON of the paths and hashes of the record's files. */
export async function sourceOf({ files }: Pick<MeasurementRecord, 'files'>): Promise<string> {
  const hashes = files.map(({ path, sha256 }) => ({ path, sha256 }));
  return (await sha256())(canonicalJson(hashes));
}

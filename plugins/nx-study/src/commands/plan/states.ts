import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { holdsFor, originOf } from '../../amendments/origins.ts';
import { messages } from '../../state/texts.ts';
import { previewTexts } from './texts.ts';
import { differences } from '../../graph/differences.ts';
import { groupBy } from '../../base/group-by.ts';
import type { MeasureTask } from '../../graph/task.ts';
import type { IdentifiedTask } from '../../graph/tasks.ts';
import { consequenceOf } from '../../state/consequence.ts';
import type { MemoryNow } from '../../state/memory.ts';
import { ranOutOfMemory, tooLarge } from '../../state/out-of-memory.ts';
import { isPartialHere, lastOf } from '../../record/attempts.ts';
import { DIGEST_DIGITS } from '../../record/paths.ts';
import { isMeasured, isPutAside } from '../../record/read.ts';
import type { Attempts, Stored, Unusable } from '../../record/read.ts';
import type { Failure, MeasurementRecord } from '../../record/schema.ts';
import { needsDeriving } from '../../state/deriving.ts';

/**
 * What the next run does. `done`: nothing. `settled`: it reports a failure that is not tried again. `derive`: seconds, nothing
 * is measured. `too-large`: it doesn't fit into memory, and fails without having run. `refuse`: this machine doesn't fit the
 * study's platform. `fail`: what it reads can't be used.
 */
export type Next = 'done' | 'settled' | 'derive' | 'measure' | 'too-large' | 'refuse' | 'fail';

export interface Standing {
  next: Next;
  /** Why it would run, or why it would not. */
  why: string;
}

/** The records on disk, as needed to tell where a study's measurements stand. */
export interface History {
  /** Of every study: a renamed one's measurements are adopted. */
  byDigest: Map<string, Stored[]>;
  /** Of this study. */
  byId: Map<string, MeasurementRecord[]>;
  /** Of this study: attempts without a result that counts, by id, the oldest first. */
  failed: Map<string, MeasurementRecord[]>;
  /** Of this study: attempts that were left without an end, by id. */
  left: Map<string, MeasurementRecord[]>;
  /** Of this study, of ids that the plan no longer contains; by label and repetition. */
  unplanned: Map<string, MeasurementRecord[]>;
  /** Of this study: what ran out of memory, and has no result. */
  outOfMemory: MeasurementRecord[];
  /** Of this study: folders that can't be used, by id. */
  unusable: Map<string, Unusable[]>;
}

export function historyOf({ stored, unusable }: Attempts, study: string, planned: Set<string>): History {
  const own = stored.filter(({ record }) => record.study === study);
  const recordsOf = (some: Stored[]) => some.map(({ record }) => record);
  const records = recordsOf(own);
  const failed = recordsOf(own.filter(isPutAside));
  const left = recordsOf(own.filter(({ directory }) => isPartialHere(basename(directory))));
  const byDigest = groupBy(stored, ({ record }) => record.digest);
  const isDone = ({ digest }: MeasurementRecord) => byDigest.get(digest)!.some(isMeasured);
  return {
    byDigest,
    byId: groupBy(records, ({ id }) => id),
    failed: groupBy(failed, ({ id }) => id),
    left: groupBy(left, ({ id }) => id),
    unplanned: groupBy(
      records.filter(({ id }) => !planned.has(id)),
      nameOf,
    ),
    outOfMemory: ranOutOfMemory(failed, isDone),
    unusable: groupBy(
      unusable.filter((one) => one.study === study),
      ({ id }) => id,
    ),
  };
}

const nameOf = ({ label, repetition }: { label: string; repetition: number }) => `${label} ${repetition}`;

/** What the next run would do with a measurement, and why. */
export async function standingOf(
  identified: IdentifiedTask,
  history: History,
  deriving: string | null,
  memory: MemoryNow,
): Promise<Standing> {
  const { task } = identified;
  const finished = finishedOf(task, history);
  if (finished && needsDeriving(finished, deriving)) return derivable(finished);
  if (finished) return { next: 'done', why: doneReason(finished.record, task) };
  const damaged = damagedOf(task, history);
  if (damaged) return repairable(damaged, deriving);
  return standingOfUnfinished(identified, history, memory);
}

/** A finished measurement of this digest that doesn't count any more, unless it would count for an accepted change only. */
const damagedOf = ({ id, digest, accepted }: MeasureTask, { unusable }: History): Unusable | undefined =>
  unusable.get(id)?.find(({ directory, record }) => {
    const isOwn = basename(directory) === digest.slice(0, DIGEST_DIGITS);
    return isOwn && (record === null || holdsFor(record, accepted));
  });

/** Where its diagnostics alone are damaged, and what they come from is here, they are derived again. */
function repairable({ directory, record, damage, rederivable }: Unusable, deriving: string | null): Standing {
  const why = messages.damaged(damage.message);
  const files = rederivable && deriving !== null ? record!.files : null;
  const isHere = files?.every(({ path }) => existsSync(join(directory, path))) ?? false;
  return { next: isHere ? 'derive' : 'measure', why };
}

/** A result that counts: of this digest, else of one that is accepted instead. */
function finishedOf({ digest, accepted }: MeasureTask, { byDigest }: History): Stored | undefined {
  for (const one of [digest, ...accepted.map((origin) => origin.digest)]) {
    const found = byDigest.get(one)?.find((stored) => isMeasured(stored) && holdsFor(stored.record, accepted));
    if (found) return found;
  }
  return undefined;
}

async function standingOfUnfinished(
  identified: IdentifiedTask,
  history: History,
  memory: MemoryNow,
): Promise<Standing> {
  const { task, identity } = identified;
  const attemptsIn = (group: Map<string, MeasurementRecord[]>) =>
    (group.get(task.id) ?? []).filter(({ digest }) => digest === task.digest);
  const last = lastOf(attemptsIn(history.failed), attemptsIn(history.left));
  const found = await consequenceOf(task, last, {
    whyTooLarge: () => tooLarge(task, identity, history.outOfMemory),
    memoryNow: () => memory,
  });
  if (found.state === 'expected') return { next: 'done', why: previewTexts.expected(found.failure.type) };
  if (found.state === 'settled') return { next: 'settled', why: previewTexts.settled(told(found.failure)) };
  if (found.state === 'too-large') return { next: 'too-large', why: found.reason };
  return { next: 'measure', why: last === null ? changeReason(identified, history) : againReason(last) };
}

function againReason({ failure, retry_requested_at, outcome }: MeasurementRecord): string {
  if (failure === null) return outcome === 'measured' ? previewTexts.putAside : previewTexts.unended;
  return retry_requested_at === null ? previewTexts.again(told(failure)) : previewTexts.retryRequested(told(failure));
}

const told = ({ type, message }: Failure): string => `${type}: ${message}`;

function derivable(stored: Stored): Standing {
  const { directory, record } = stored;
  const missing = record.files.find(({ path, local }) => local && !existsSync(join(directory, path)));
  return missing
    ? { next: 'done', why: `${previewTexts.measured}; ${messages.deriveLocal(missing.path)}` }
    : { next: 'derive', why: derivingReason(stored) };
}

function derivingReason({ derived }: Stored): string {
  if (derived === null) return previewTexts.notDerived;
  return derived.outcome === 'failed' ? previewTexts.derivingFailed : previewTexts.derivingChanged;
}

function doneReason(record: MeasurementRecord, { study, id, digest, accepted }: MeasureTask): string {
  const own = record.study === study && record.id === id;
  const origin = originOf(record.identity, accepted);
  return [
    own ? previewTexts.measured : previewTexts.measuredAs(record.study, record.label),
    ...(origin ? [messages.accepted(origin.changes)] : []),
    ...(own && record.digest === digest ? [] : [previewTexts.willBeAdopted]),
  ].join(', ');
}

/** Compares with the last record of the same id; else with one of the same label that the plan no longer contains. */
function changeReason({ task, identity }: IdentifiedTask, { byId, unplanned }: History): string {
  const records = byId.get(task.id) ?? [];
  const same = records.filter(({ digest }) => digest === task.digest);
  if (same.some(({ outcome }) => outcome === 'measured')) return previewTexts.putAside;
  const earlier =
    newest(records.filter((record) => !same.includes(record))) ?? newest(unplanned.get(nameOf(task)) ?? []);
  return earlier ? previewTexts.changed(differences(earlier.identity, identity)) : previewTexts.first;
}

function newest(records: MeasurementRecord[]): MeasurementRecord | undefined {
  return records.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).at(-1);
}

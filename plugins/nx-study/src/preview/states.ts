import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { holdsFor, originOf } from '../acceptance/origins.ts';
import { messages } from '../errors/measure.ts';
import { previewTexts } from '../errors/preview.ts';
import { differences } from '../graph/differences.ts';
import { groupBy } from '../group-by.ts';
import type { MeasureTask } from '../graph/task.ts';
import type { IdentifiedTask } from '../graph/tasks.ts';
import { needsDeriving } from '../measure/derive.ts';
import { isExpected, isSettled } from '../measure/failures.ts';
import { mayFit } from '../measure/memory.ts';
import type { MemoryNow } from '../measure/memory.ts';
import { ranOutOfMemory, tooLarge } from '../measure/out-of-memory.ts';
import { isSet } from '../measure/policy.ts';
import { isMeasured } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';

/**
 * `done`: nothing runs. `settled`: a failure that is not tried again. `derive`: seconds, nothing is measured. `skip`: it
 * doesn't fit into memory, and fails without having run. `refuse`: this machine doesn't fit the study's platform.
 */
export type State = 'done' | 'settled' | 'derive' | 'measure' | 'skip' | 'refuse';

export interface Standing {
  state: State;
  /** Why it would run, or why it would not. */
  why: string;
}

/** The records on disk, as needed to tell where a study's measurements stand. */
export interface History {
  /** Of every study: a renamed one's measurements are adopted. */
  byDigest: Map<string, Stored[]>;
  /** Of this study. */
  byId: Map<string, MeasurementRecord[]>;
  /** Of this study, of ids that the plan no longer contains; by label and repetition. */
  unplanned: Map<string, MeasurementRecord[]>;
  /** Of this study: what ran out of memory, and has no result. */
  outOfMemory: MeasurementRecord[];
}

export function historyOf(stored: Stored[], study: string, planned: Set<string>): History {
  const records = stored.map(({ record }) => record).filter((record) => record.study === study);
  const byDigest = groupBy(stored, ({ record }) => record.digest);
  const isDone = ({ digest }: MeasurementRecord) => byDigest.get(digest)!.some(isMeasured);
  return {
    byDigest,
    byId: groupBy(records, ({ id }) => id),
    unplanned: groupBy(
      records.filter(({ id }) => !planned.has(id)),
      nameOf,
    ),
    outOfMemory: ranOutOfMemory(
      records.filter(({ outcome }) => outcome === 'failed'),
      isDone,
    ),
  };
}

const nameOf = ({ label, repetition }: { label: string; repetition: number }) => `${label} ${repetition}`;

/** What the next run would do with a measurement, and why. */
export function standingOf(
  identified: IdentifiedTask,
  history: History,
  deriving: string | null,
  memory: MemoryNow,
): Standing {
  const { task } = identified;
  const finished = finishedOf(task, history);
  if (finished && needsDeriving(finished, deriving)) return derivable(finished);
  if (finished) return { state: 'done', why: doneReason(finished.record, task) };
  return standingOfFailed(identified, history, memory) ?? { state: 'measure', why: changeReason(identified, history) };
}

/** A result that counts: of this digest, else of one that is accepted instead. */
function finishedOf({ digest, accepted }: MeasureTask, { byDigest }: History): Stored | undefined {
  for (const one of [digest, ...accepted.map((origin) => origin.digest)]) {
    const found = byDigest.get(one)?.find((stored) => isMeasured(stored) && holdsFor(stored.record, accepted));
    if (found) return found;
  }
  return undefined;
}

/** Null where nothing that failed says anything. */
function standingOfFailed(
  { task, identity }: IdentifiedTask,
  { byDigest, outOfMemory }: History,
  memory: MemoryNow,
): Standing | null {
  const records = (byDigest.get(task.digest) ?? []).map(({ record }) => record);
  const last = newest(records.filter((record) => holdsFor(record, task.accepted)));
  const failure = last?.failure ?? null;
  const text = failure && `${failure.type}: ${failure.message}`;
  if (last && last.lifted_at !== null) return { state: 'measure', why: previewTexts.lifted(text) };
  if (failure && isExpected(failure, task.expect)) return { state: 'done', why: previewTexts.expected(failure.type) };
  if (text && isSet(process.env['NX_STUDY_RETRY'])) return { state: 'measure', why: previewTexts.again(text) };
  const large = tooLarge(task, identity, outOfMemory);
  if (last && text && isSettled(last, { tooLarge: large !== null, fits: mayFit(last.memory, memory) }))
    return { state: 'settled', why: previewTexts.settled(text) };
  if (large) return { state: 'skip', why: large.reason };
  if (text) return { state: 'measure', why: previewTexts.again(text) };
  return last ? { state: 'measure', why: previewTexts.unended } : null;
}

function derivable(stored: Stored): Standing {
  const { directory, record } = stored;
  const missing = record.files.find(({ path, local }) => local && !existsSync(join(directory, path)));
  return missing
    ? { state: 'done', why: `${previewTexts.measured}; ${messages.deriveLocal(missing.path)}` }
    : { state: 'derive', why: derivingReason(stored) };
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
  const earlier = newest(byId.get(task.id) ?? []) ?? newest(unplanned.get(nameOf(task)) ?? []);
  return earlier ? previewTexts.changed(differences(earlier.identity, identity)) : previewTexts.first;
}

function newest(records: MeasurementRecord[]): MeasurementRecord | undefined {
  return records.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).at(-1);
}

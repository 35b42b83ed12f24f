import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messages } from '../errors/measure.ts';
import { previewTexts } from '../errors/preview.ts';
import { differences } from '../graph/differences.ts';
import type { IdentifiedTask } from '../graph/tasks.ts';
import { needsDeriving } from '../measure/derive.ts';
import { isExpected } from '../measure/failures.ts';
import type { MemoryNow } from '../measure/memory.ts';
import { isSettled } from '../measure/settled.ts';
import { isMeasured } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';

/**
 * `done`: nothing runs. `settled`: a failure that is not tried again. `derive`: seconds, nothing is measured. `skip`: it
 * doesn't fit into memory, and fails without having run.
 */
export type State = 'done' | 'settled' | 'derive' | 'measure' | 'skip';

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
}

export function historyOf(stored: Stored[], study: string, planned: Set<string>): History {
  const records = stored.map(({ record }) => record).filter((record) => record.study === study);
  return {
    byDigest: groupBy(stored, ({ record }) => record.digest),
    byId: groupBy(records, ({ id }) => id),
    unplanned: groupBy(
      records.filter(({ id }) => !planned.has(id)),
      nameOf,
    ),
  };
}

const nameOf = ({ label, repetition }: { label: string; repetition: number }) => `${label} ${repetition}`;

function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** What the next run would do with a measurement, and why. */
export function standingOf(
  identified: IdentifiedTask,
  history: History,
  deriving: string | null,
  memory: MemoryNow,
): Standing {
  const { task } = identified;
  const same = history.byDigest.get(task.digest) ?? [];
  const finished = same.find(isMeasured);
  if (finished && needsDeriving(finished, deriving)) return derivable(finished);
  if (finished) return { state: 'done', why: doneReason(finished.record, task.study, task.id) };
  const last = newest(same.map(({ record }) => record));
  if (last?.failure && isExpected(last.failure, task.expect))
    return { state: 'done', why: previewTexts.expected(last.failure.type) };
  if (last?.failure) {
    const { type, message } = last.failure;
    return isSettled(last.failure, last.memory, memory)
      ? { state: 'settled', why: previewTexts.settled(type, message) }
      : { state: 'measure', why: previewTexts.again(type, message) };
  }
  if (last) return { state: 'measure', why: previewTexts.unended };
  return { state: 'measure', why: changeReason(identified, history) };
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

function doneReason(record: MeasurementRecord, study: string, id: string): string {
  return record.study === study && record.id === id
    ? previewTexts.measured
    : previewTexts.adopted(record.study, record.label);
}

/** Compares with the last record of the same id; else with one of the same label that the plan no longer contains. */
function changeReason({ task, identity }: IdentifiedTask, { byId, unplanned }: History): string {
  const earlier = newest(byId.get(task.id) ?? []) ?? newest(unplanned.get(nameOf(task)) ?? []);
  return earlier ? previewTexts.changed(differences(earlier.identity, identity)) : previewTexts.first;
}

function newest(records: MeasurementRecord[]): MeasurementRecord | undefined {
  return records.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).at(-1);
}

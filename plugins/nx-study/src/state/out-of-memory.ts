import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messages } from './texts.ts';
import { sha256 } from '../base/canonical.ts';
import type { Sha256 } from '../base/canonical.ts';
import type { MeasureTask } from '../graph/task.ts';
import { DIGEST_DIGITS, finishedDirectory } from '../record/paths.ts';
import { readFailures } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { isRaised } from './failures.ts';
import { comparisonOf, smallerThan } from './monotone.ts';
import type { Comparable } from './monotone.ts';

/** Why a measurement is not started: it is larger than one that ran out of memory. */
export interface TooLarge {
  reason: string;
  /** Id of the one that ran out of memory. */
  larger_than: string;
}

/** The measurements of studies that ran out of memory, read once until they change. */
export interface OutOfMemory {
  /** Null where nothing says that a measurement is too large. */
  whyTooLarge(task: MeasureTask): Promise<TooLarge | null>;
  /** Another one ran out of memory. */
  changed(study: string): void;
}

export function openOutOfMemory(workspaceRoot: string, finished: ReadonlyMap<string, string[]>): OutOfMemory {
  const known = new Map<string, Promise<MeasurementRecord[]>>();
  const isDone = (record: MeasurementRecord) =>
    isFinished(finished, record) ||
    existsSync(join(finishedDirectory({ workspaceRoot, ...record }, record.digest), 'record.json'));
  return {
    async whyTooLarge(task) {
      if (task.execution.monotone.length === 0) return null;
      let reading = known.get(task.study);
      if (!reading) known.set(task.study, (reading = readFailures(workspaceRoot, task.study)));
      const candidates = ranOutOfMemory(await reading, isDone);
      if (candidates.length === 0) return null;
      return tooLarge(task, candidates, await sha256());
    },
    changed: (study) => void known.delete(study),
  };
}

/** Whether there is a finished measurement of a record's digest; `finished` has the first digits of their digests. */
export const isFinished = (finished: ReadonlyMap<string, unknown>, { digest }: MeasurementRecord): boolean =>
  finished.has(digest.slice(0, DIGEST_DIGITS));

/** Those of failed attempts, oldest first, that were the last one of their digest, ran out of memory, and still count. */
export function ranOutOfMemory(
  failures: readonly MeasurementRecord[],
  isDone: (record: MeasurementRecord) => boolean,
): MeasurementRecord[] {
  const last = new Map(failures.map((record) => [record.digest, record]));
  return [...last.values()].filter(
    (record) => record.failure?.type === 'oom' && record.retry_requested_at === null && !isDone(record),
  );
}

/** Whether a measurement is larger than one of those, on the settings that its study declares monotone. */
export function tooLarge(task: Sized, candidates: readonly MeasurementRecord[], hash: Sha256): TooLarge | null {
  const { monotone, memory_limit_bytes } = task.execution;
  // One that ran out at a lower limit says nothing of the present one; what the own attempts mean, the last of them says.
  const telling = candidates.filter(
    ({ allowance, digest }) => digest !== task.digest && !isRaised(allowance.memory_bytes, memory_limit_bytes),
  );
  const smaller = smallerThan(task, monotone, telling, hash);
  if (smaller === null) return null;
  const compared = comparisonOf(task.configuration, smaller.configuration, monotone);
  return { reason: messages.tooLarge(smaller.id, compared, smaller.failure!.message), larger_than: smaller.id };
}

export type Sized = Comparable & { execution: Pick<MeasureTask['execution'], 'monotone' | 'memory_limit_bytes'> };

import { standingIdentity } from '../acceptance/origins.ts';
import { canonicalJson } from '../canonical.ts';
import { isExpected } from '../measure/failures.ts';
import { isMeasured } from '../record/read.ts';
import type { Stored } from '../record/read.ts';
import type { Failure, MeasurementRecord } from '../record/schema.ts';

export type State = 'measured' | 'failed' | 'expected failure' | 'interrupted' | 'running' | 'stale' | 'pending';

export interface Chosen {
  state: State;
  /** The attempt that stands for the measurement; null for `pending`. */
  stored: Stored | null;
  /** Attempts at the same digest, this one included. */
  attempts: number;
  earlier: Earlier;
}

/** Attempts at the same measurement that are not shown. */
export interface Earlier {
  /** Measured, and equal in all but the take. */
  takes: number;
  /** Measured with other settings, data or code. */
  versions: number;
  /** How the latest one failed, where nothing else is known. */
  failure: Failure['type'] | null;
}

/** Whether the supervisor of a record that says `running` still lives. */
export type IsAlive = (supervisor: MeasurementRecord['supervisor']) => boolean;

/** Which of a measurement's attempts counts, given the digest that it has now. */
export function choose(
  attempts: readonly Stored[],
  digest: string | undefined,
  expect: 'failed' | null,
  isAlive: IsAlive,
): Chosen {
  const byStart = attempts
    .filter((one) => one.record.outcome !== 'measured' || isMeasured(one))
    .toSorted((a, b) => a.record.started_at.localeCompare(b.record.started_at));
  const current = byStart.filter(({ record }) => record.digest === digest);
  const measured = byStart.filter(isMeasured);
  const stored = current.findLast(isMeasured) ?? current.at(-1) ?? latestTake(measured) ?? null;
  return {
    stored,
    state: stored === null ? 'pending' : stateOf(stored.record, digest, expect, isAlive),
    attempts: Math.max(current.length, ...current.map(({ record }) => record.attempt)),
    earlier: {
      ...countEarlier(measured, stored),
      failure: stored === null ? (byStart.at(-1)?.record.failure?.type ?? null) : null,
    },
  };
}

function latestTake(measured: readonly Stored[]): Stored | undefined {
  return measured.toSorted((a, b) => a.record.take - b.record.take).at(-1);
}

function stateOf(
  record: MeasurementRecord,
  digest: string | undefined,
  expect: 'failed' | null,
  isAlive: IsAlive,
): State {
  if (record.digest !== digest) return 'stale';
  if (record.outcome === 'measured') return 'measured';
  if (record.outcome === 'running') return isAlive(record.supervisor) ? 'running' : 'interrupted';
  if (record.failure?.type === 'interrupted') return 'interrupted';
  return isExpected(record.failure, expect) ? 'expected failure' : 'failed';
}

function countEarlier(measured: readonly Stored[], shown: Stored | null): Pick<Earlier, 'takes' | 'versions'> {
  const others = measured.filter((one) => !shown || !isSameRun(one.record, shown.record));
  if (others.length === 0 || shown === null) return { takes: 0, versions: others.length };
  const key = withoutTake(shown.record);
  const takes = others.filter(({ record }) => withoutTake(record) === key).length;
  return { takes, versions: others.length - takes };
}

// What was adopted over an accepted change lies beside what it was adopted from.
const isSameRun = (one: MeasurementRecord, other: MeasurementRecord): boolean =>
  one.started_at === other.started_at && canonicalJson(one.identity) === canonicalJson(other.identity);

const withoutTake = (record: MeasurementRecord) => canonicalJson({ ...standingIdentity(record), take: 0 });

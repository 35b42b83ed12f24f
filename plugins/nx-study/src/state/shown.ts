import { canonicalJson } from '../base/canonical.ts';
import { isPartial } from '../record/paths.ts';
import { isMeasured } from '../record/read.ts';
import type { Stored, Unusable } from '../record/read.ts';
import type { Failure, MeasurementRecord } from '../record/schema.ts';
import { standingIdentity } from '../record/standing.ts';
import { failureState } from './failures.ts';
import type { Known, Unfinished } from './known.ts';
import type { State } from './states.ts';
import { reasons } from './standing-texts.ts';

/** Where a measurement stands, with the attempt that shows it. */
export interface Shown {
  state: State;
  /** Why it is in this state; null where the state says it all. */
  reason: string | null;
  /** The attempt that stands for the measurement; null where there is none, or none that is whole. */
  stored: Stored | null;
  /** Why the finished measurement doesn't count; null in all other states. */
  damage: Unusable | null;
  /** Attempts at the same digest, the one that stands included. */
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

export function shownOf(known: Known): Shown {
  const { own, failed, unfinished } = known;
  const others = known.others === 'unread' ? [] : known.others;
  const { state, reason, stored, damage } = stateOf(known);
  const measured = [...(own.state === 'whole' && own.stored ? [own.stored] : []), ...others.filter(isMeasured)];
  const tried = [...failed.filter((one) => !isPutAsideResult(one)), ...unfinished.map(({ stored }) => stored)];
  const current = own.state === 'whole' && own.stored ? [own.stored, ...tried] : tried;
  const attempts = Math.max(current.length, ...current.map(({ record }) => record.attempt));
  const { takes, versions } = countEarlier(measured, stored);
  const failure = stored === null ? (byStart(others).at(-1)?.record.failure?.type ?? null) : null;
  return { state, reason, stored, damage, attempts, earlier: { takes, versions, failure } };
}

type Found = Pick<Shown, 'state' | 'reason' | 'stored' | 'damage'>;

function stateOf(known: Known): Found {
  const { own, others, task } = known;
  if (own.state === 'whole') return { state: 'measured', reason: null, stored: own.stored, damage: null };
  if (own.state === 'damaged') {
    const { damage } = own;
    return { state: 'damaged', reason: damage.damage.message, stored: null, damage };
  }
  const running = runningOf(known);
  if (running) {
    const { stored } = running;
    return { state: 'running', reason: reasons.running(stored.record.supervisor), stored, damage: null };
  }
  const last = lastOf(known);
  if (last !== null && !isPutAsideResult(last))
    return { ...afterAttempt(last.record, task.expect), stored: last, damage: null };
  const earlier = others === 'unread' ? null : latestTake(others.filter(isMeasured));
  if (others === 'unread' || earlier) return { state: 'stale', reason: reasons.stale, stored: earlier, damage: null };
  return { state: 'pending', reason: null, stored: null, damage: null };
}

function afterAttempt(
  { failure, retry_requested_at }: MeasurementRecord,
  expect: 'failed' | null,
): Pick<Found, 'state' | 'reason'> {
  if (failure === null) return { state: 'interrupted', reason: reasons.supervisorGone };
  const reason = reasons.failure(failure);
  if (retry_requested_at !== null) return { state: 'pending', reason: reasons.retryRequested(reason) };
  return { state: failureState(failure, expect), reason };
}

/** The attempt whose worker runs, by what is known of its supervisor: of other hosts nothing more than its record. */
export const runningOf = ({ unfinished }: Pick<Known, 'unfinished'>): Unfinished | undefined =>
  unfinished.findLast((one) => one.stored.record.outcome === 'running' && one.supervisor !== 'gone');

/** The last attempt that has ended, also where nobody has put aside yet what a killed process left. */
export function lastOf({ failed, unfinished }: Pick<Known, 'failed' | 'unfinished'>): Stored | null {
  let last = failed.at(-1) ?? null;
  for (const { stored, supervisor } of unfinished) {
    if (stored.record.outcome === 'running' && supervisor !== 'gone') continue;
    if (last === null || last.record.started_at <= stored.record.started_at) last = stored;
  }
  return last;
}

/** A result that was put aside as it counted no more. What failed before it is not its last outcome either. */
export const isPutAsideResult = ({ record, directory }: Stored): boolean =>
  record.outcome === 'measured' && !isPartial(directory) && !isMeasured({ record, directory });

const byStart = (attempts: readonly Stored[]): Stored[] =>
  attempts.toSorted((a, b) => a.record.started_at.localeCompare(b.record.started_at));

function latestTake(measured: readonly Stored[]): Stored | null {
  return (
    byStart(measured)
      .toSorted((a, b) => a.record.take - b.record.take)
      .at(-1) ?? null
  );
}

function countEarlier(measured: readonly Stored[], shown: Stored | null): Pick<Earlier, 'takes' | 'versions'> {
  const others = measured.filter((one) => !shown || (one !== shown && !isSameRun(one.record, shown.record)));
  if (others.length === 0 || shown === null) return { takes: 0, versions: others.length };
  const key = withoutTake(shown.record);
  const takes = others.filter(({ record }) => withoutTake(record) === key).length;
  return { takes, versions: others.length - takes };
}

// What was reused over an accepted change lies beside what it was copied from.
const isSameRun = (one: MeasurementRecord, other: MeasurementRecord): boolean =>
  one.started_at === other.started_at && canonicalJson(one.identity) === canonicalJson(other.identity);

const withoutTake = (record: MeasurementRecord) => canonicalJson({ ...standingIdentity(record), take: 0 });

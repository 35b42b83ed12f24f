import { originOf } from '../amendments/origins.ts';
import { differences } from '../graph/differences.ts';
import type { Stored } from '../record/read.ts';
import type { MeasurementRecord } from '../record/schema.ts';
import { needsDeriving } from './deriving.ts';
import { isExpected, isFinal } from './failures.ts';
import { fitsNow } from './memory.ts';
import type { TooLarge } from './out-of-memory.ts';
import { isPutAsideResult, lastOf, runningOf } from './shown.ts';
import type { Known } from './known.ts';
import type { Next } from './states.ts';
import { reasons, whys } from './standing-texts.ts';
import { messages } from './texts.ts';

export interface Decision {
  next: Next;
  /** Why the next run does that. */
  why: string;
  /** The result that the next run copies; null where it copies none. */
  reused: Stored | null;
  /** The failed attempt whose outcome the next run reports again; null where it reports none. */
  reported: MeasurementRecord | null;
  /** What the next run records where it finds a measurement too large that was not so before; else null. */
  tooLarge: TooLarge | null;
  /** The file without which the diagnostics of a result stay as they are, though others would be derived now; else null. */
  missingFile: string | null;
}

/** What the next run does with a measurement, and why. */
export function nextOf(known: Known): Decision {
  const { own, reusable } = known;
  if (own.state === 'whole') return own.stored ? nextOfResult(known, own.stored, false) : nothing(whys.measured);
  if (reusable) return nextOfResult(known, reusable, true);
  const running = runningOf(known);
  if (running?.supervisor === 'alive') return nothing(reasons.running(running.stored.record.supervisor));
  if (own.state === 'damaged') {
    const { message } = own.damage.damage;
    const isDerived = toDerive(known) !== null && known.files?.state === 'whole';
    return decision(isDerived ? 'derive' : 'measure', messages.damaged(message));
  }
  const decided = nextAfterAttempts(known, lastOf(known));
  // Nothing more is known of a process of another machine, and no run waits for it.
  if (!running || decided.next !== 'measure') return decided;
  return { ...decided, why: whys.runsElsewhere(running.stored.record.supervisor) };
}

/**
 * The same where something else keeps a measurement from being started; `why` is null where nothing does. It is asked
 * for only of what would be measured: first the platform, then what the worker reads, then the memory that is free.
 */
export const hindered = <D extends Pick<Decision, 'next' | 'why'>>(
  decision: D,
  next: 'refuse' | 'fail' | 'too-large',
  why: string | null,
): D => (decision.next === 'measure' && why !== null ? { ...decision, next, why } : decision);

/** The result whose diagnostics the next run derives again if the files for that are here; null where there is none. */
export function toDerive({ own, reusable, deriving }: Pick<Known, 'own' | 'reusable' | 'deriving'>): Stored | null {
  const stored = own.state === 'whole' ? own.stored : (reusable ?? rederivable(own));
  return stored !== null && needsDeriving(stored, deriving) ? stored : null;
}

/** A damaged result of which the diagnostics alone are damaged, without them. */
function rederivable(own: Exclude<Known['own'], { state: 'whole' }>): Stored | null {
  if (own.state === 'absent' || !own.damage.rederivable || own.damage.record === null) return null;
  const { directory, record } = own.damage;
  return { directory, record, derived: null, result: null };
}

/** Whether the last attempt was too large by the memory that was free then, so that a reader must look what is free now. */
export function asksForMemory(known: Pick<Known, 'failed' | 'unfinished'>): boolean {
  const last = lastOf(known)?.record;
  return last?.failure?.type === 'too-large' && last.larger_than === null;
}

const decision = (next: Next, why: string, reused: Stored | null = null): Decision => ({
  next,
  why,
  reused,
  reported: null,
  tooLarge: null,
  missingFile: null,
});
const nothing = (why: string): Decision => decision('nothing', why);

function nextOfResult(known: Known, stored: Stored, isReused: boolean): Decision {
  const reused = isReused ? stored : null;
  const why = isReused ? reuseReason(known, stored) : measuredReason(known, stored);
  const kept = (text: string) => decision(isReused ? 'reuse' : 'nothing', text, reused);
  if (toDerive(known) === null) return kept(why);
  const { files } = known;
  if (files?.state === 'missing')
    return { ...kept(`${why}; ${messages.deriveLocal(files.file)}`), missingFile: files.file };
  if (files?.state === 'damaged') return decision('measure', messages.damagedLocal(files.file));
  return decision('derive', derivingReason(stored), reused);
}

const measuredReason = ({ task }: Known, { record }: Stored): string =>
  [whys.measured, ...acceptedReasons(record, task.accepted)].join(', ');

function reuseReason({ task }: Known, { record }: Stored): string {
  const isOwnId = record.study === task.study && record.id === task.id;
  const where = isOwnId ? whys.measured : whys.measuredAs(record.study, record.label);
  return [where, ...acceptedReasons(record, task.accepted), whys.reused].join(', ');
}

function acceptedReasons({ identity }: MeasurementRecord, accepted: Known['task']['accepted']): string[] {
  const origin = originOf(identity, accepted);
  return origin ? [messages.accepted(origin.changes)] : [];
}

function derivingReason({ derived }: Stored): string {
  if (derived === null) return whys.notDerived;
  return derived.outcome === 'failed' ? whys.derivingFailed : whys.derivingChanged;
}

/** The one place that decides whether a measurement without a result is measured; `last` is its last attempt. */
function nextAfterAttempts(known: Known, last: Stored | null): Decision {
  const { task, tooLarge, switches } = known;
  const toMeasure = () => decision('measure', measureReason(known, last));
  const unlessTooLarge = () =>
    tooLarge === null ? toMeasure() : { ...decision('too-large', tooLarge.reason), tooLarge };
  // A person requested this one.
  if (last !== null && last.record.retry_requested_at !== null) return toMeasure();
  const failure = last?.record.failure ?? null;
  if (failure !== null && isExpected(failure, task.expect))
    return { ...nothing(whys.expected(failure.type)), reported: last!.record };
  if (switches.retry) return toMeasure();
  if (last === null || failure === null) return unlessTooLarge();
  const again = (next: Next): Decision => ({
    ...decision(next, whys.notAgain(reasons.failure(failure))),
    reported: last.record,
  });
  if (failure.type === 'too-large' && isStillTooLarge(known, last.record)) return again('too-large');
  const limits = { before: last.record.allowance.memory_bytes, now: task.execution.memory_limit_bytes };
  if (isFinal(failure.type, limits)) return again('final');
  return unlessTooLarge();
}

/** Whether what was too large still is: a neighbour may have had the memory then. */
function isStillTooLarge(
  { tooLarge, memory: now, switches }: Known,
  { memory, larger_than }: MeasurementRecord,
): boolean {
  if (larger_than !== null) return tooLarge !== null;
  return !switches.ignoreMemory && (now === null || !fitsNow(memory, now));
}

function measureReason(known: Known, last: Stored | null): string {
  if (last === null) return changeReason(known);
  if (isPutAsideResult(last)) return whys.putAside;
  const { failure, retry_requested_at } = last.record;
  if (failure === null) return whys.unended;
  const text = reasons.failure(failure);
  return retry_requested_at === null ? whys.again(text) : reasons.retryRequested(text);
}

/** Compares with the last attempt of the same id; else with one of the same label that the plan no longer contains. */
function changeReason({ task, identity, others, namesakes }: Known): string {
  if (identity === null || others === 'unread') return whys.toMeasure;
  const earlier = newest(others.map(({ record }) => record)) ?? newest(namesakes);
  return earlier ? whys.changed(differences(earlier.identity, identity, task.configuration)) : whys.first;
}

const newest = (records: readonly MeasurementRecord[]): MeasurementRecord | undefined =>
  records.toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)).at(-1);

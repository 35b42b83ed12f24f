import { failureState, isSettled } from '../../state/failures.ts';
import type { Damage } from '../../record/examine.ts';
import type { JournalEntry } from '../../record/journal.ts';
import type { Failure, MeasurementRecord } from '../../record/schema.ts';
import type { State } from '../../state/states.ts';
import { supervisorState } from '../../record/supervisor.ts';
import type { Disk } from './disk.ts';
import type { AttemptEntry, FailureEntry, History } from './history.ts';
import type { Planned } from './plan.ts';

/** Where one measurement of the plan stands. */
export interface Row {
  planned: Planned;
  state: State;
  /** Whether the next run measures it, as things are. */
  toDo: boolean;
  /** When its last attempt failed; null when it didn't. */
  failed_at: string | null;
  /** What is wrong with its result; null when nothing is. */
  damage: string | null;
}

/** A measurement whose worker runs. */
export interface RunningAttempt {
  directory: string;
  record: MeasurementRecord;
}

/** How the states came about, for what a reader must know. */
export interface Sources {
  /** Known only from what lies on the disk. */
  unnoted: number;
  /** Measured or failed by the journal, but gone from the disk. */
  gone: number;
}

/** The state of each measurement: as the journal tells it where the disk bears it out, else from the disk. */
export async function rowsOf(
  plan: readonly Planned[],
  history: History,
  disk: Disk,
): Promise<{ rows: Row[]; running: RunningAttempt | null; sources: Sources }> {
  const rows: Row[] = [];
  const sources = { unnoted: 0, gone: 0 };
  let running: RunningAttempt | null = null;
  for (const planned of plan) {
    const noted = history.attempts.get(planned.id);
    const entry = noted && isOf(planned, noted) ? noted : undefined;
    const finished = await disk.finished(planned);
    if (finished.state !== 'absent') {
      if (entry?.event !== 'started' && entry?.event !== 'measured') sources.unnoted += 1;
      rows.push(finished.state === 'damaged' ? damagedRow(planned, finished.damage) : rowAt(planned, 'measured'));
      continue;
    }
    const left = await disk.unfinished(planned);
    const alive = await firstAlive(left);
    running ??= alive;
    if (left.length > 0) {
      rows.push(rowAt(planned, alive ? 'running' : 'interrupted'));
      continue;
    }
    const isLifted = entry?.event === 'retry-requested';
    const last = isLifted
      ? null
      : await disk.lastFailure({ ...planned, digest: planned.digest ?? entry?.digest ?? null });
    const isFailed = entry !== undefined && isFailure(entry);
    if (isStanding(last)) {
      if (!isFailed) sources.unnoted += 1;
      rows.push(failedRow(planned, last));
      continue;
    }
    if (entry?.event === 'measured' || (isFailed && last === null)) sources.gone += 1;
    rows.push(rowAt(planned, (await disk.isStale(planned)) ? 'stale' : 'pending'));
  }
  return { rows, running, sources };
}

const isOf = ({ digest }: Planned, entry: AttemptEntry) => digest === null || entry.digest === digest;

const isFailure = (entry: AttemptEntry): entry is FailureEntry => 'detail' in entry;

type FailureRecord = MeasurementRecord & { failure: Failure };

/** Whether there is a failure of which nobody has requested a retry. */
const isStanding = (record: MeasurementRecord | null): record is FailureRecord =>
  record !== null && record.failure !== null && record.retry_requested_at === null;

function failedRow(planned: Planned, { failure: { type }, allowance, ended_at, started_at }: FailureRecord): Row {
  const state = failureState({ type }, planned.expect);
  // Whether there is memory by now for what was too large is not looked at.
  const now = { memory_limit_bytes: planned.memory_limit_bytes, isTooLarge: true };
  const settled = isSettled({ type, memory_limit_bytes: allowance.memory_bytes }, now);
  return {
    planned,
    state,
    toDo: state !== 'expected-failure' && !settled,
    failed_at: ended_at ?? started_at,
    damage: null,
  };
}

function rowAt(planned: Planned, state: State): Row {
  return { planned, state, toDo: state !== 'measured' && state !== 'running', failed_at: null, damage: null };
}

const damagedRow = (planned: Planned, { message }: Damage): Row => ({ ...rowAt(planned, 'damaged'), damage: message });

async function firstAlive(attempts: RunningAttempt[]): Promise<RunningAttempt | null> {
  for (const attempt of attempts)
    if (attempt.record.outcome === 'running' && (await supervisorState(attempt.record.supervisor)) !== 'gone')
      return attempt;
  return null;
}

/** A running measurement that the plan doesn't contain any more, found by what executors told last. */
export async function runningElsewhere(
  waves: readonly { last: JournalEntry }[],
  disk: Disk,
): Promise<RunningAttempt | null> {
  for (const { last } of waves) {
    if (last.event !== 'started') continue;
    const found = await firstAlive(await disk.unfinished(last));
    if (found) return found;
  }
  return null;
}

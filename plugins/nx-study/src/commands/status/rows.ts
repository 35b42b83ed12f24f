import { knownSoFar } from '../../state/known.ts';
import type { Known, Unfinished } from '../../state/known.ts';
import { memoryNow } from '../../state/memory.ts';
import { asksForMemory } from '../../state/next.ts';
import { runningOf } from '../../state/shown.ts';
import { standingOf } from '../../state/standing.ts';
import type { Standing } from '../../state/standing.ts';
import { switchesNow } from '../../state/switches.ts';
import type { JournalEntry } from '../../record/journal.ts';
import type { Stored } from '../../record/read.ts';
import { supervisorState } from '../../record/supervisor.ts';
import type { Disk } from './disk.ts';
import type { AttemptEntry, FailureEntry, History } from './history.ts';
import type { Planned } from './plan.ts';

/** Where one measurement of the plan stands. */
export interface Row {
  planned: Planned;
  standing: Standing;
}

/** Whether the next run starts its worker, as things are, and nobody does just now. */
export const isToDo = ({ standing: { state, next } }: Row): boolean => next === 'measure' && state !== 'running';

/** When its last attempt failed; null when it didn't. */
export function failedAt({ standing: { state, stored } }: Row): string | null {
  if (state === 'pending' || stored === null || stored.record.failure === null) return null;
  return stored.record.ended_at ?? stored.record.started_at;
}

/** How the states came about, for what a reader must know. */
export interface Sources {
  /** Known only from what lies on the disk. */
  unnoted: number;
  /** Measured or failed by the journal, but gone from the disk. */
  gone: number;
}

/** Where each measurement stands by the disk; the journal only shows what is missing there. */
export async function rowsOf(
  study: string,
  plan: readonly Planned[],
  history: History,
  disk: Disk,
): Promise<{ rows: Row[]; running: Stored | null; sources: Sources }> {
  const rows: Row[] = [];
  const sources = { unnoted: 0, gone: 0 };
  let running: Stored | null = null;
  for (const planned of plan) {
    const noted = history.attempts.get(planned.id);
    const entry = noted && isOf(planned, noted) ? noted : undefined;
    const known = await knownOf(study, planned, entry, disk);
    running ??= runningOf(known)?.stored ?? null;
    const standing = standingOf(known);
    rows.push({ planned, standing });
    compare(sources, standing, entry);
  }
  return { rows, running, sources };
}

/** What is on the disk of one measurement; as little is read as its standing needs. */
async function knownOf(study: string, planned: Planned, entry: AttemptEntry | undefined, disk: Disk): Promise<Known> {
  const { id, expect, accepted, memory_limit_bytes } = planned;
  const task = { study, id, expect, accepted, execution: { memory_limit_bytes } };
  const own = await disk.finished(planned);
  if (own.state === 'whole') return knownSoFar({ task, own, deriving: null });
  const unfinished = await withSupervisors(await disk.unfinished(planned));
  const failed = await disk.putAside({ ...planned, digest: planned.digest ?? entry?.digest ?? null });
  return knownSoFar({
    task,
    own,
    deriving: null,
    failed,
    unfinished,
    others: own.state === 'absent' && (await disk.hasOther(planned)) ? 'unread' : [],
    memory: asksForMemory({ failed, unfinished }) ? await memoryNow() : null,
    switches: switchesNow(),
  });
}

const withSupervisors = (attempts: readonly Stored[]): Promise<Unfinished[]> =>
  Promise.all(
    attempts.map(async (stored) => ({ stored, supervisor: await supervisorState(stored.record.supervisor) })),
  );

/** Counts what only one of journal and disk knows. */
function compare(sources: Sources, { state, stored }: Standing, entry: AttemptEntry | undefined): void {
  const isFailed = entry !== undefined && isFailure(entry);
  if (state === 'measured' || state === 'damaged') {
    if (entry?.event !== 'started' && entry?.event !== 'measured') sources.unnoted += 1;
    return;
  }
  if (stored?.record.outcome === 'failed' && state !== 'pending') {
    if (!isFailed) sources.unnoted += 1;
    return;
  }
  if (state === 'running' || state === 'interrupted') return;
  if (entry?.event === 'measured' || (isFailed && stored === null)) sources.gone += 1;
}

const isOf = ({ digest }: Planned, entry: AttemptEntry) => digest === null || entry.digest === digest;

const isFailure = (entry: AttemptEntry): entry is FailureEntry => 'detail' in entry;

/** A running measurement that the plan doesn't contain any more, found by what executors wrote last. */
export async function runningElsewhere(batches: readonly { last: JournalEntry }[], disk: Disk): Promise<Stored | null> {
  for (const { last } of batches) {
    if (last.event !== 'started') continue;
    const running = runningOf({ unfinished: await withSupervisors(await disk.unfinished(last)) });
    if (running) return running.stored;
  }
  return null;
}

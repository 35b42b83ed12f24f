import type { JournalEntry } from '../../record/journal.ts';
import type { Supervisor } from '../../record/schema.ts';

type Entry<E extends JournalEntry['event']> = Extract<JournalEntry, { event: E }>;
export type FailureEntry = Entry<'failed' | 'too-large' | 'interrupted'>;
export type AttemptEntry = Entry<'started'> | Entry<'measured'> | Entry<'retry-requested'> | FailureEntry;

/** One executor process, as the journal saw it. */
export interface SeenBatch {
  supervisor: Supervisor;
  nx: Entry<'batch'>['nx'];
  began_at: string;
  /** When the first batch of the same Nx run began. */
  run_began_at: string;
  tasks: number;
  /** Measurements that came to an end in it. */
  ended: Set<string>;
  /** Its last entry. */
  last: JournalEntry;
  end: Entry<'batch-ended'> | null;
}

/** The content of a journal, kept up to date as it grows. */
export interface History {
  /** What became of the last attempt at each measurement. */
  attempts: Map<string, AttemptEntry>;
  times: { id: string; elapsed_s: number }[];
  /** The last one first. */
  failures: FailureEntry[];
  /** Those that have not ended, and the last one; in the order of their begin. */
  batches: SeenBatch[];
  /** Why the last run gave the study up. */
  stopped: string | null;
  unreadable: number;
}

// Executors that were killed never write that they end.
const MOST_BATCHES = 16;
const MOST_FAILURES = 5;

export const emptyHistory = (): History => ({
  attempts: new Map(),
  times: [],
  failures: [],
  batches: [],
  stopped: null,
  unreadable: 0,
});

/** Takes one more entry in; costs the same however many there were. */
export function note(history: History, entry: JournalEntry): void {
  if (entry.event === 'batch') return noteBatch(history, entry);
  const batch = history.batches.findLast(({ supervisor, end }) => supervisor.pid === entry.pid && end === null);
  if (batch) batch.last = entry;
  switch (entry.event) {
    case 'batch-ended':
      if (batch) batch.end = entry;
      break;
    case 'started':
      history.attempts.set(entry.id, entry);
      // A retry: it has not come to an end yet.
      batch?.ended.delete(entry.id);
      break;
    case 'retry-requested':
      history.attempts.set(entry.id, entry);
      break;
    case 'measured':
      history.attempts.set(entry.id, entry);
      if (entry.elapsed_s !== null) history.times.push({ id: entry.id, elapsed_s: entry.elapsed_s });
      batch?.ended.add(entry.id);
      break;
    case 'failed':
    case 'too-large':
    case 'interrupted':
      history.attempts.set(entry.id, entry);
      history.failures = [entry, ...history.failures.slice(0, MOST_FAILURES - 1)];
      batch?.ended.add(entry.id);
      break;
    case 'stopped':
      history.stopped = entry.detail;
      break;
    default:
  }
}

function noteBatch(history: History, entry: Entry<'batch'>): void {
  const { supervisor, nx, tasks, at } = entry;
  const before = history.batches.at(-1);
  const isSameRun = nx !== null && before?.nx?.pid === nx.pid && before.nx.start_time === nx.start_time;
  if (!isSameRun) history.stopped = null;
  history.batches = [
    ...history.batches.filter(({ end }) => end === null).slice(1 - MOST_BATCHES),
    {
      supervisor,
      nx,
      began_at: at,
      run_began_at: isSameRun ? before.run_began_at : at,
      tasks,
      ended: new Set(),
      last: entry,
      end: null,
    },
  ];
}

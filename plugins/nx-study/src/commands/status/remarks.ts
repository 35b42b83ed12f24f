import { statusTexts } from './texts.ts';
import type { Sources } from './rows.ts';
import type { Status } from './schema.ts';
import type { KnownBatch } from './batches.ts';

export interface Remarkable {
  /** Lines of the journal that can't be read; null when there is no journal. */
  unreadable: number | null;
  /** Why the journal can't be read, after its name; null where it can. */
  problem: string | null;
  sources: Sources;
  /** Of damaged measurements: which it is, and what is wrong with it. */
  damaged: string[];
  /** Why the last run gave the study up. */
  stopped: string | null;
  edited: boolean;
  /** Executors of other runs of the same study. */
  others: KnownBatch[];
  /** Whether jobs go on that no executor watches, as far as Slurm says. */
  isLeft: boolean;
}

const MOST_DAMAGED = 5;

/** What a reader must know of how this status came about. */
export function remarksOf({
  unreadable,
  problem,
  damaged,
  sources,
  stopped,
  edited,
  others,
  isLeft,
}: Remarkable): Status['remarks'] {
  const { unnoted, gone } = sources;
  const remarks: Status['remarks'] = [];
  const add = (code: string, message: string) => remarks.push({ code, message });
  for (const message of damaged.slice(0, MOST_DAMAGED)) add('damaged', statusTexts.damaged(message));
  if (damaged.length > MOST_DAMAGED) add('damaged', statusTexts.moreDamaged(damaged.length - MOST_DAMAGED));
  if (stopped !== null) add('study-stopped', stopped);
  if (problem !== null) add('journal-unreadable', statusTexts.journalProblem(problem));
  else if (unnoted > 0 && unreadable === null) add('no-journal', statusTexts.noJournal);
  else if (unnoted > 0) add('not-in-journal', statusTexts.unnoted(unnoted));
  if (gone > 0) add('records-gone', statusTexts.gone(gone));
  if (unreadable !== null && unreadable > 0) add('journal-unreadable', statusTexts.unreadable(unreadable));
  if (edited) add('study-edited', statusTexts.edited);
  for (const { supervisor } of others) add('another-run', statusTexts.otherRun(supervisor.pid, supervisor.host));
  if (isLeft) add('jobs-go-on', statusTexts.jobsGoOn);
  return remarks;
}

import { canonicalJson, sha256 } from '../../base/canonical.ts';
import { selectTexts } from './texts.ts';
import type { IdentifiedTask } from '../../graph/tasks.ts';
import { writeRecord } from '../../record/durable.ts';
import { writeJournal } from '../../record/journal.ts';
import { DIGEST_DIGITS } from '../../record/paths.ts';
import { gather } from '../../state/gather.ts';
import { resultsOf } from '../../state/rows.ts';
import type { Row } from '../../state/rows.ts';
import { readTakes, writeTakes } from '../../amendments/takes.ts';
import { select } from './select.ts';
import type { Selection } from './select.ts';
import { indexFinished } from '../../state/finished.ts';
import type { Remeasured } from './remeasured.ts';

/**
 * Makes the next run measure chosen measurements again: raises the take of those with a result, and requests a retry of those
 * that failed. Measures nothing itself.
 * @throws Error when the selection names something unknown, or chooses nothing; StudyError.
 */
export async function remeasure(workspaceRoot: string, study: string, selection: Selection): Promise<Remeasured> {
  const gathered = await gather(workspaceRoot, study);
  const rows = select(resultsOf(gathered).rows, selection);
  if (rows.length === 0) throw new Error(selectTexts.none);
  // The next run would only copy or derive what has a result, also one that it has to reuse first.
  const measured = new Set(rows.filter(hasResult).map(({ id }) => id));
  const running = rows.filter((row) => !measured.has(row.id) && row.state === 'running');
  const failed = rows.filter((row) => !measured.has(row.id) && row.state !== 'stale' && row.failure !== null);
  const toRaise = gathered.tasks.filter(({ task }) => measured.has(task.id));
  const raised = toRaise.length === 0 ? [] : await raiseTakes(workspaceRoot, study, toRaise);
  for (const row of failed) await requestRetry(workspaceRoot, row);
  return {
    raised,
    retried: failed.map(({ id, failure }) => ({ id, type: failure!.type })),
    running: running.map(({ id }) => id),
    pending: rows
      .filter((row) => !measured.has(row.id) && !running.includes(row) && !failed.includes(row))
      .map(({ id }) => id),
  };
}

const hasResult = ({ state, next }: Row): boolean => state === 'measured' || next === 'reuse' || next === 'derive';

async function raiseTakes(
  workspaceRoot: string,
  study: string,
  tasks: IdentifiedTask[],
): Promise<Remeasured['raised']> {
  const [finished, hash] = await Promise.all([indexFinished(workspaceRoot), sha256()]);
  const raised = tasks.map(({ task, identity }) => {
    let take = task.take + 1;
    // A take that is already on this disk would be reused instead of measured.
    while (finished.has(hash(canonicalJson({ ...identity, take })).slice(0, DIGEST_DIGITS))) take += 1;
    return { id: task.id, take };
  });
  const takes = await readTakes(workspaceRoot, study);
  for (const { id, take } of raised) takes[id] = take;
  await writeTakes(workspaceRoot, study, takes);
  return raised;
}

async function requestRetry(workspaceRoot: string, { stored }: Row): Promise<void> {
  const { directory, record } = stored!;
  await writeRecord(directory, { ...record, retry_requested_at: new Date().toISOString() });
  const { study, id, digest } = record;
  await writeJournal(workspaceRoot, study, { id, event: 'retry-requested', digest });
}

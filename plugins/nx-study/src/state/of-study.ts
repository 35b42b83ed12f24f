import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { holdsFor } from '../amendments/origins.ts';
import { sha256 } from '../base/canonical.ts';
import { groupBy } from '../base/group-by.ts';
import type { MeasureTask } from '../graph/task.ts';
import { DIGEST_DIGITS, isPartial } from '../record/paths.ts';
import { isMeasured, isPutAside } from '../record/read.ts';
import type { Attempts, Stored, Unusable } from '../record/read.ts';
import type { Identity, MeasurementRecord } from '../record/schema.ts';
import { openWholeMemory } from '../record/whole-memory.ts';
import type { WholeMemory } from '../record/whole-memory.ts';
import type { LocalFiles } from './deriving.ts';
import { findReusable, indexFinished } from './finished.ts';
import type { Known, Own } from './known.ts';
import { memoryNow } from './memory.ts';
import { asksForMemory, toDerive } from './next.ts';
import { isFinished, ranOutOfMemory, tooLarge } from './out-of-memory.ts';
import { isPutAsideResult } from './shown.ts';
import { standingOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { supervisorsOf } from './supervisors.ts';
import type { SupervisorOf } from './supervisors.ts';
import { switchesNow } from './switches.ts';

export interface StudyRecords {
  workspaceRoot: string;
  /** All of the study, in the order of its plan, with the identities that they have now. */
  tasks: readonly { task: MeasureTask; identity: Identity | null }[];
  /** All that lies in the study's results. */
  attempts: Attempts;
  /** Worker → hash of its deriving code, as of now; null when it derives nothing. */
  deriving: ReadonlyMap<string, string | null>;
  /** Whether supervisors live; the default asks for them now. */
  supervisorOf?: SupervisorOf;
  /** What was found whole before; without it that is read, and saved afterwards. */
  memory?: WholeMemory;
}

/** Measurement id → where it stands. Files that would be derived from are only looked for, and not hashed. */
export async function standingsOf(records: StudyRecords): Promise<Map<string, Standing>> {
  const { workspaceRoot, tasks, attempts, deriving } = records;
  const { stored, unusable } = withoutWithdrawn(attempts, tasks);
  const supervisorOf = records.supervisorOf ?? (await supervisorsOf(stored));
  const [whole, finished, hash] = await Promise.all([
    records.memory ?? openWholeMemory(workspaceRoot),
    indexFinished(workspaceRoot),
    sha256(),
  ]);
  const failures = stored.filter(isPutAside).map(({ record }) => record);
  const outOfMemory = ranOutOfMemory(failures, (record) => isFinished(finished, record));
  const [storedOf, unusableOf] = [groupBy(stored, ({ record }) => record.id), groupBy(unusable, ({ id }) => id)];
  const planned = new Set(tasks.map(({ task }) => task.id));
  const unplanned = groupBy(
    stored.map(({ record }) => record).filter(({ id }) => !planned.has(id)),
    nameOf,
  );
  const switches = switchesNow();
  const standings = new Map<string, Standing>();
  let memory: Known['memory'] = null;
  for (const { task, identity } of tasks) {
    const own = ownOf(task, storedOf.get(task.id) ?? [], unusableOf.get(task.id) ?? []);
    const reusable = own.state === 'whole' ? null : await findReusable({ workspaceRoot, whole }, task, finished);
    const found = { own, reusable, deriving: deriving.get(task.worker) ?? null };
    const tried = attemptsOf(task, storedOf.get(task.id) ?? [], supervisorOf);
    if (asksForMemory(tried)) memory ??= await memoryNow();
    const result = toDerive(found);
    const standing = standingOf({
      ...found,
      ...tried,
      task,
      identity,
      files: result && filesHere(result),
      tooLarge: outOfMemory.length === 0 ? null : tooLarge(task, outOfMemory, hash),
      memory,
      switches,
      namesakes: unplanned.get(nameOf(task)) ?? [],
    });
    standings.set(task.id, standing);
  }
  if (!records.memory) await whole.save();
  return standings;
}

const nameOf = ({ label, repetition }: { label: string; repetition: number }) => `${label} ${repetition}`;

/** What was reused over an accepted change counts as long as that is accepted. */
export function withoutWithdrawn({ stored, unusable }: Attempts, tasks: StudyRecords['tasks']): Attempts {
  const origins = new Map(tasks.map(({ task }) => [task.digest, task.accepted]));
  const counts = ({ record }: { record: MeasurementRecord | null }) =>
    record === null || holdsFor(record, origins.get(record.digest) ?? []);
  return { stored: stored.filter(counts), unusable: unusable.filter(counts) };
}

function ownOf({ digest }: MeasureTask, stored: readonly Stored[], unusable: readonly Unusable[]): Own {
  const whole = stored.find((one) => one.record.digest === digest && isMeasured(one));
  if (whole) return { state: 'whole', stored: whole };
  const damage = unusable.find(({ directory }) => basename(directory) === digest.slice(0, DIGEST_DIGITS));
  return damage ? { state: 'damaged', damage } : { state: 'absent' };
}

function attemptsOf(
  { digest }: MeasureTask,
  stored: readonly Stored[],
  supervisorOf: SupervisorOf,
): Pick<Known, 'failed' | 'unfinished' | 'others'> {
  const current = stored.filter(({ record }) => record.digest === digest);
  return {
    failed: current.filter(isPutAside),
    unfinished: current
      .filter(({ directory }) => isPartial(directory))
      .map((one) => ({ stored: one, supervisor: supervisorOf(one.record.supervisor) })),
    others: stored.filter((one) => one.record.digest !== digest && !isPutAsideResult(one)),
  };
}

function filesHere({ directory, record }: Stored): LocalFiles {
  const missing = record.files.find(({ path, local }) => local && !existsSync(join(directory, path)));
  return missing ? { state: 'missing', file: missing.path } : { state: 'whole' };
}

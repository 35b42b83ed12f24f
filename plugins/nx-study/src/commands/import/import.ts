import { basename, isAbsolute, join } from 'node:path';
import { rm } from 'node:fs/promises';
import { holdsFor } from '../../amendments/origins.ts';
import { reasonOf } from '../../base/reason.ts';
import { differences } from '../../graph/differences.ts';
import { endedRecord } from '../../measure/one/recover.ts';
import { keepFailed, scratchDirectory } from '../../record/attempts.ts';
import type { Slot } from '../../record/attempts.ts';
import { copyFinished, copyFolder } from '../../record/copy.ts';
import { writeRecord } from '../../record/durable.ts';
import { examine } from '../../record/examine.ts';
import { finishedDirectory, isPartial } from '../../record/paths.ts';
import { isMeasured, readStudyIn } from '../../record/read.ts';
import type { Stored, Unusable } from '../../record/read.ts';
import { resultsDirectoryIn } from '../../state/elsewhere.ts';
import { isExpected } from '../../state/failures.ts';
import { gather } from '../../state/gather.ts';
import type { Gathered } from '../../state/gather.ts';
import type { Standing } from '../../state/standing.ts';
import type { Imported, Named } from './imported.ts';
import { importTexts } from './texts.ts';
import { unendedState } from './unended.ts';

/**
 * Copies the attempts of a study from the results of other machines into its own. A finished measurement is taken in where it
 * is one of the study's present plan, by its digest; it is examined before and after it was copied. Nothing is overwritten.
 * @param folders - each a workspace, its `results`, or the study's folder in it; relative to the workspace, or absolute.
 * A folder without results is named: of several machines one may have failed.
 */
export async function importResults(
  workspaceRoot: string,
  study: string,
  folders: readonly string[],
): Promise<Imported> {
  const gathered = await gather(workspaceRoot, study);
  const { lanes } = gathered.plan.execution;
  const imported: Imported = {
    taken: [],
    recovered: [],
    present: [],
    failed: [],
    settled: [],
    other: [],
    refused: [],
    running: [],
    young: [],
    unended: [],
    empty: [],
    left: [],
    lanes,
  };
  const failures: Stored[] = [];
  for (const folder of folders) {
    const directory = directoryOf(workspaceRoot, folder, study);
    if ('reason' in directory) imported.empty.push({ folder, ...directory });
    else if (!(await importFrom({ workspaceRoot, gathered, failures, imported }, directory.path)))
      imported.empty.push({ folder, reason: importTexts.noAttempts });
  }
  await importFailures({ workspaceRoot, gathered, failures, imported });
  await gathered.memory.save();
  const { tasks, standings } = await gather(workspaceRoot, study);
  imported.left = tasks.map(({ task }) => task).filter(({ id }) => !hasOutcome(standings.get(id)));
  return imported;
}

function directoryOf(workspaceRoot: string, folder: string, study: string): { path: string } | { reason: string } {
  try {
    return { path: resultsDirectoryIn(isAbsolute(folder) ? folder : join(workspaceRoot, folder), study) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

const hasOutcome = (standing: Standing | undefined): boolean =>
  standing?.state === 'measured' || standing?.state === 'expected-failure';

interface Importing {
  workspaceRoot: string;
  gathered: Gathered;
  /** The failed attempts that were found. */
  failures: Stored[];
  imported: Imported;
}

/** Whether there was anything. */
async function importFrom(importing: Importing, directory: string): Promise<boolean> {
  const { gathered, failures, imported } = importing;
  const { stored, unusable } = await readStudyIn(directory, gathered.plan.study, { memory: gathered.memory });
  for (const one of unusable) imported.refused.push(refusalOf(one));
  for (const one of stored) {
    if (isMeasured(one)) {
      if (isWanted(importing, one)) await importFinished(importing, one);
    } else if (isPartial(one.directory)) await importUnended(importing, one);
    else failures.push(one);
  }
  return stored.length + unusable.length > 0;
}

/** Whether it counts for the study's present plan; one that does not is named with the differences. */
function isWanted({ gathered, imported }: Importing, one: Stored): boolean {
  const { record } = one;
  const planned = gathered.tasks.find(({ task }) => task.id === record.id);
  if (planned !== undefined) {
    const { digest, accepted } = planned.task;
    const digests = [digest, ...accepted.map((origin) => origin.digest)];
    if (digests.includes(record.digest) && holdsFor(record, accepted)) return true;
  }
  const found = planned === undefined ? [] : differences(record.identity, planned.identity, planned.task.configuration);
  imported.other.push({ ...namedOf(one), differences: found });
  return false;
}

/** One that its supervisor has not brought to its place. */
async function importUnended(importing: Importing, one: Stored): Promise<void> {
  const { failures, imported } = importing;
  const { outcome } = one.record;
  if (outcome === 'failed') return void failures.push(one);
  if (!isWanted(importing, one)) return;
  const state = outcome === 'running' ? await unendedState(one) : 'complete';
  if (state !== 'complete') return void imported[state].push(namedOf(one));
  if (await importFinished(importing, one)) imported.recovered.push(namedOf(one));
}

/** Whether it was taken in. What is in the folder of an unfinished attempt gets the record that the next run there would write. */
async function importFinished({ workspaceRoot, gathered, imported }: Importing, one: Stored): Promise<boolean> {
  const { record, directory } = one;
  const slot: Slot = { workspaceRoot, study: record.study, id: record.id, digest: record.digest };
  const own = finishedDirectory(slot, record.digest);
  const examineOwn = () => examine(own, { memory: gathered.memory });
  const isWhole = async () => (await examineOwn()).state === 'whole';
  if (await isWhole()) {
    imported.present.push(namedOf(one));
    return false;
  }
  const edit = async (folder: string) => {
    if (record.outcome === 'running') await writeRecord(folder, await endedRecord(folder, record));
  };
  const isCopied = await copyFinished(directory, slot, { isWhole, edit });
  const copy = await examineOwn();
  if (copy.state === 'whole') imported[isCopied ? 'taken' : 'present'].push(namedOf(one));
  else if (copy.state === 'damaged') {
    // It changed while it was read, or the copy did.
    await rm(own, { recursive: true, force: true });
    imported.refused.push({ id: record.id, directory, reason: copy.damage.message });
  }
  return isCopied && copy.state === 'whole';
}

/**
 * Failed attempts are history: each is kept beside those of this machine, under a number of its own. The last one says where a
 * measurement stands, so that those which are its outcome, as the study expects, come after others, and stay so.
 */
async function importFailures(importing: Importing): Promise<void> {
  const { gathered, failures, imported } = importing;
  const known = new Set(gathered.stored.map(attemptOf));
  const planned = new Map(gathered.tasks.map(({ task }) => [task.id, task]));
  const isOutcome = ({ record }: Stored) => isExpected(record.failure, planned.get(record.id)?.expect ?? null);
  const isSettled = ({ record: { id, digest } }: Stored) =>
    planned.get(id)?.digest === digest && gathered.standings.get(id)?.state === 'expected-failure';
  for (const one of [...failures.filter((one) => !isOutcome(one)), ...failures.filter(isOutcome)]) {
    if (known.has(attemptOf(one))) continue;
    known.add(attemptOf(one));
    if (isSettled(one) && !isOutcome(one)) imported.settled.push(namedOf(one));
    else await importFailed(importing, one);
  }
}

async function importFailed({ workspaceRoot, imported }: Importing, one: Stored): Promise<void> {
  const { study, id, digest } = one.record;
  const slot: Slot = { workspaceRoot, study, id, digest };
  const temporary = scratchDirectory(finishedDirectory(slot, digest), 'copy');
  await copyFolder(one.directory, temporary);
  await keepFailed(slot, temporary);
  imported.failed.push(namedOf(one));
}

const namedOf = ({ record }: Stored): Named => ({ id: record.id, host: record.supervisor.host });

const refusalOf = ({ id, directory, damage }: Unusable): Imported['refused'][number] => ({
  id,
  directory,
  reason: damage.file === '.' ? `${basename(directory)}: ${damage.message}` : damage.message,
});

/** Equal for two copies of the same attempt. */
const attemptOf = ({ record: { id, digest, supervisor, started_at } }: Stored): string =>
  JSON.stringify([id, digest, supervisor.host, started_at]);

import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { studyDirectory } from '../record/paths.ts';
import { readStudyIn } from '../record/read.ts';
import type { Gathered } from './gather.ts';
import { standingsOf, withoutWithdrawn } from './of-study.ts';
import { resultsOf } from './rows.ts';
import type { Results, Row } from './rows.ts';
import { STUDY_FILE } from '../workspace/entry.ts';
import { resultsFolder } from '../workspace/places.ts';
import { stateTexts } from './texts.ts';

/**
 * A study's results, with those that lie in other folders, such as copies of the results of other machines.
 * @param folders - each a workspace, its `results`, or the study's folder in it; relative to the workspace, or absolute.
 * @returns rows of measurements that have an attempt there follow those of this workspace; one of this workspace that has
 *   none gives way to them. A copy of an attempt that is there already is left out: it is no further repetition.
 * @throws Error that names a folder which holds no results of the study.
 */
export async function withElsewhere(
  workspaceRoot: string,
  gathered: Gathered,
  folders: readonly string[],
): Promise<Results> {
  const own = resultsOf(gathered);
  const others: Results[] = [];
  for (const folder of folders) others.push(await resultsIn(workspaceRoot, gathered, folder));
  if (others.length === 0) return own;
  const all = others.flatMap(({ rows }) => rows.filter(({ stored, damage }) => stored !== null || damage !== null));
  const found = withoutCopies(own.rows, all);
  const elsewhere = new Set(found.map(({ id }) => id));
  const isMissing = ({ id, stored, damage }: Row) => stored === null && damage === null && elsewhere.has(id);
  return {
    ...own,
    rows: [...own.rows.filter((row) => !isMissing(row)), ...found],
    unusable: [own, ...others].flatMap(({ unusable }) => unusable),
  };
}

/** A cache that machines share, or a copy of a folder, brings the same attempt to several places. */
function withoutCopies(own: readonly Row[], found: readonly Row[]): Row[] {
  const known = new Set(own.map(attemptOf));
  return found.filter((row) => {
    const attempt = attemptOf(row);
    const isCopy = attempt !== null && known.has(attempt);
    known.add(attempt);
    return !isCopy;
  });
}

/** Equal for two rows of the same attempt, also where one of them was reused; null where there is none that is whole. */
const attemptOf = ({ id, part, stored }: Row): string | null =>
  stored && JSON.stringify([id, part.index, stored.record.supervisor.host, stored.record.started_at]);

async function resultsIn(workspaceRoot: string, gathered: Gathered, folder: string): Promise<Results> {
  const { plan, tasks, currentDeriving, memory } = gathered;
  const directory = resultsDirectoryIn(isAbsolute(folder) ? folder : join(workspaceRoot, folder), plan.study);
  // What was found whole is remembered here: nothing is written there.
  const attempts = withoutWithdrawn(await readStudyIn(directory, plan.study, { memory, withResults: true }), tasks);
  const standings = await standingsOf({ workspaceRoot, tasks, attempts, deriving: currentDeriving, memory });
  await memory.save();
  return resultsOf({ plan, ...attempts, standings, currentDeriving });
}

/**
 * The folder with a study's results that a person meant: of a workspace, of its results, or that folder itself.
 * @throws Error that names a folder which holds no results of the study.
 */
export function resultsDirectoryIn(folder: string, study: string): string {
  // A copy of a workspace may name a folder of the machine that it comes from.
  const results = isAbsolute(resultsFolder(folder)) ? [] : [studyDirectory(folder, study)];
  const places = [...results, join(folder, study), ...(basename(folder) === study ? [folder] : [])];
  const directory = places.find((place) => existsSync(place) && !existsSync(join(place, STUDY_FILE)));
  if (directory === undefined) throw new Error(stateTexts.noResultsIn(folder, study));
  return directory;
}

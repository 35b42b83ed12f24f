import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { readStudy } from '../record/read.ts';
import { openWholeMemory } from '../record/whole-memory.ts';
import type { Gathered } from './gather.ts';
import { standingsOf, withoutWithdrawn } from './of-study.ts';
import { resultsOf } from './rows.ts';
import type { Results, Row } from './rows.ts';
import { stateTexts } from './texts.ts';

/**
 * A study's results, with those that lie in other folders, such as copies of the results of other machines.
 * @param folders - each a workspace, its `results`, or the study's folder in it; relative to the workspace, or absolute.
 * @returns rows of measurements that have an attempt there follow those of this workspace; one of this workspace that has
 *   none gives way to them.
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
  const found = others.flatMap(({ rows }) => rows.filter(({ stored, damage }) => stored !== null || damage !== null));
  const elsewhere = new Set(found.map(({ id }) => id));
  const isMissing = ({ id, stored, damage }: Row) => stored === null && damage === null && elsewhere.has(id);
  return {
    ...own,
    rows: [...own.rows.filter((row) => !isMissing(row)), ...found],
    unusable: [own, ...others].flatMap(({ unusable }) => unusable),
  };
}

async function resultsIn(workspaceRoot: string, gathered: Gathered, folder: string): Promise<Results> {
  const { plan, tasks, currentDeriving } = gathered;
  const root = rootOf(isAbsolute(folder) ? folder : join(workspaceRoot, folder), plan.study);
  // What was found whole is remembered here: nothing is written there.
  const memory = await openWholeMemory(workspaceRoot);
  const attempts = withoutWithdrawn(await readStudy(root, plan.study, { memory, withResults: true }), tasks);
  await memory.save();
  const standings = await standingsOf({ workspaceRoot, tasks, attempts, deriving: currentDeriving });
  return resultsOf({ plan, ...attempts, standings, currentDeriving });
}

/** The workspace that a folder is, or belongs to. */
function rootOf(folder: string, study: string): string {
  const places = [folder, dirname(folder), dirname(dirname(folder))];
  const isResults = (root: string) => existsSync(join(root, 'results', study));
  const workspace = places.find((root, above) => isResults(root) && namesOf(folder, above, study));
  if (workspace === undefined) throw new Error(stateTexts.noResultsIn(folder, study));
  return workspace;
}

/** Whether the last parts of a path are those that a folder so far below a workspace has. */
function namesOf(folder: string, above: number, study: string): boolean {
  if (above === 0) return true;
  return above === 1
    ? basename(folder) === 'results'
    : basename(folder) === study && basename(dirname(folder)) === 'results';
}

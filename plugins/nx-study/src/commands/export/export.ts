import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { isInside } from '../../base/inside.ts';
import { valueAt } from '../../base/path.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { putAsideAttempts } from '../../record/attempts.ts';
import { copyFolder } from '../../record/copy.ts';
import { readGit } from '../../record/git.ts';
import { studyResults } from '../../record/paths.ts';
import { gather } from '../../state/gather.ts';
import type { Gathered } from '../../state/gather.ts';
import type { Exported, Exporting } from './exported.ts';
import { workspaceFiles } from './files.ts';
import { exportTexts as texts } from './texts.ts';
import { resultsFolder } from '../../workspace/places.ts';

/**
 * Writes a copy of the workspace to a folder, so that another machine measures a study, or one lane of it, by the same command:
 * the files that git has or would take, the data that the measurements read, and the results that they have here. The file
 * `results/<study>/export.json` in it says what it was made from.
 * @throws Error for a folder that exists or lies in the workspace, a workspace without git, a lane that the study doesn't have, and results that count
 *   only on this machine; StudyError. Nothing is written then.
 */
export async function exportStudy(workspaceRoot: string, { study, to, lane }: Exporting): Promise<Exported> {
  const folder = isAbsolute(to) ? to : resolve(workspaceRoot, to);
  if (existsSync(folder)) throw new Error(texts.exists(folder));
  if (isInside(workspaceRoot, folder)) throw new Error(texts.inside(folder));
  if (isAbsolute(resultsFolder(workspaceRoot))) throw new Error(texts.resultsOutside(resultsFolder(workspaceRoot)));
  const gathered = await gather(workspaceRoot, study);
  const tasks = tasksOf(gathered, lane);
  const files = await workspaceFiles(workspaceRoot, { study, tasks });
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(workspaceRoot, file), join(folder, file), { recursive: true, verbatimSymlinks: true });
  }
  const copied = await copyOutcomes(workspaceRoot, folder, tasks, gathered);
  const results = join(folder, studyResults(workspaceRoot, study));
  await mkdir(results, { recursive: true });
  await writeFile(
    join(results, 'export.json'),
    `${JSON.stringify(await madeFrom(workspaceRoot, { study, lane, tasks }), null, 2)}\n`,
  );
  return { folder, files: files.length, measurements: tasks.map(({ id }) => id), ...copied, outside: outsideOf(tasks) };
}

function tasksOf({ plan, tasks }: Gathered, lane: number | null): MeasureTask[] {
  const { lanes } = plan.execution;
  if (lane !== null && !(Number.isInteger(lane) && lane >= 1 && lane <= lanes))
    throw new Error(texts.noLane(plan.study, lane, lanes));
  if (plan.platform === 'host') throw new Error(texts.hostOnly(plan.study));
  return tasks.map(({ task }) => task).filter((task) => lane === null || task.lane === lane);
}

type Copied = Pick<Exported, 'done' | 'expected' | 'left'>;

/** Copies outcomes to where they lie here: results, also those that the next run reuses, and expected failures. */
async function copyOutcomes(
  workspaceRoot: string,
  folder: string,
  tasks: readonly MeasureTask[],
  { standings }: Gathered,
): Promise<Copied> {
  const copied: Copied = { done: [], expected: [], left: [] };
  const copy = (source: string) => copyFolder(source, join(folder, relative(workspaceRoot, source)));
  for (const task of tasks) {
    const { state, stored, reused } = standings.get(task.id)!;
    const result = state === 'measured' ? stored : reused;
    if (result !== null) {
      await copy(result.directory);
      copied.done.push(task.id);
    } else if (state === 'expected-failure') {
      const attempts = await putAsideAttempts({ workspaceRoot, ...task });
      for (const { directory } of attempts) await copy(directory);
      copied.expected.push(task.id);
    } else if (state !== 'pending') copied.left.push({ id: task.id, state });
  }
  return copied;
}

const madeFrom = async (
  workspaceRoot: string,
  { study, lane, tasks }: { study: string; lane: number | null; tasks: readonly MeasureTask[] },
) => ({
  study,
  lane,
  at: new Date().toISOString(),
  git: await readGit(workspaceRoot),
  measurements: Object.fromEntries(tasks.map(({ id, digest }) => [id, digest])),
});

const outsideOf = (tasks: readonly MeasureTask[]): string[] => [
  ...new Set(
    tasks.flatMap(({ assets, configuration }) =>
      assets
        .map((path) => valueAt(configuration, path))
        .filter((value) => typeof value === 'string' && isAbsolute(value)),
    ) as string[],
  ),
];

import { dirname } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import { loadStudy } from '../study/load.ts';
import { forgetOptions, optionsProblem } from '../workspace/options.ts';
import { memoized } from '../base/memoized.ts';
import { modulesOf } from '../python/modules.ts';
import type { Plan } from '../plan/types.ts';
import { measuredProjects } from '../worker/projects.ts';
import { readWorkers } from '../worker/read.ts';
import type { Workers } from '../worker/read.ts';
import { unplannedIds } from './committed.ts';
import { refuseDefaults } from './defaults.ts';
import { refuseLinks } from './links.ts';
import { takenNames } from './names.ts';
import { brokenStudyProjects, studyProjects } from './nodes.ts';
import type { Projects } from './nodes.ts';
import { openRealPaths } from './real-path.ts';
import type { FoundStudy } from './studies.ts';
import { identifiedTasks } from './tasks.ts';
import { misplaced, nameTaken, unsupportedSystem } from './texts.ts';
import { studyFile } from '../workspace/places.ts';

/** What the projects of all studies depend on. */
export interface Workspace {
  root: string;
  nxJson: NxJsonConfiguration;
  /** Rejects where the file system itself fails. */
  workers: Promise<Workers>;
  /** Names of studies that other projects have, too, with the files that give them. */
  taken: ReadonlyMap<string, string>;
}

/** Reads the workers of a workspace, and which names of studies are taken. */
export async function openWorkspace(
  root: string,
  nxJson: NxJsonConfiguration,
  studies: readonly FoundStudy[],
): Promise<Workspace> {
  forgetOptions();
  const taken = await takenNames(root, new Set(studies.map((study) => study.name)));
  return { root, nxJson, workers: readWorkers(root), taken };
}

/** The Nx projects of a study, by root; those of a broken one where it can't be used. Never throws. */
export async function projectsOf(workspace: Workspace, found: FoundStudy): Promise<Projects> {
  const { root } = workspace;
  const { name: study } = found;
  const folder = dirname(found.file);
  const taker = workspace.taken.get(study);
  if (taker !== undefined) {
    // No study's name has a dot.
    const other = `${study}.study`;
    return brokenStudyProjects(root, folder, {
      study,
      name: other,
      message: nameTaken({ study, folder }, taker, other),
    });
  }
  try {
    if (process.platform === 'win32') throw new Error(unsupportedSystem);
    const problem = optionsProblem(root) ?? found.problem ?? shadowing(root, found);
    if (problem !== null) throw new Error(problem);
    return await readableProjects(workspace, found.file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return brokenStudyProjects(root, folder, { study, message });
  }
}

/** Commands look for a study on the disk, where also one lies that Nx ignores: they would read that one instead. */
function shadowing(root: string, { name, file }: FoundStudy): string | null {
  const other = studyFile(root, name);
  return other === file ? null : misplaced.twice(other, file);
}

/** Worker → the folders of the projects that it measures. */
async function measuredRoots(root: string, plan: Plan, workers: Workers): Promise<Map<string, string[]>> {
  const names = [...new Set(plan.experiments.map(({ worker }) => worker))];
  const found = names.map(async (name) => {
    const { projects } = await measuredProjects(root, workers.get(name)!);
    return [name, projects.map((project) => project.root)] as const;
  });
  return new Map(await Promise.all(found));
}

async function readableProjects({ root, nxJson, workers: reading }: Workspace, file: string): Promise<Projects> {
  const workers = await reading;
  const { plan, assets } = await loadStudy({ workspaceRoot: root, file, workers });
  // The daemon keeps the graph until something in the workspace changes.
  const isDaemon = process.env['NX_DAEMON_PROCESS'] === 'true';
  const tasks = (await identifiedTasks(root, plan, workers, { lasting: isDaemon })).map(({ task }) => task);
  // The daemon doesn't see when a link is removed. There the targets themselves check for links.
  if (!isDaemon) refuseLinks(root, plan.study, tasks);
  const unplanned = await unplannedIds(root, plan, assets);
  const measured = await measuredRoots(root, plan, workers);
  const projects = studyProjects({
    workspaceRoot: root,
    folder: dirname(file),
    plan,
    tasks,
    workers,
    unplanned,
    measured,
    filesOf: openRealPaths(root),
    modulesIn: memoized((path) => modulesOf(root, path).files),
  });
  refuseDefaults(root, plan.study, projects, nxJson);
  return projects;
}

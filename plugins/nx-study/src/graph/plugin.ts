import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CreateNodes, CreateNodesResult, NxJsonConfiguration } from '@nx/devkit';
import { nameTaken, unsupportedSystem } from './texts.ts';
import { studyRoot } from '../record/paths.ts';
import type { Workers } from '../worker/read.ts';
import type { FoundStudy } from './studies.ts';
import { brokenStudyProjects, studyProjects } from './nodes.ts';
import type { Projects } from './nodes.ts';
import { identifiedTasks } from './tasks.ts';

export const name = 'nx-study';

/**
 * Gives Nx one project for every study, and one for every measurement. A study that can't be used becomes a project whose
 * targets fail with the reason. Never throws: one throw would end every Nx command.
 *
 * The glob is a file that is always there, and studies are found inside: an edit of a file that matches a plugin's glob
 * selects, for `nx affected`, all of the project that owns it, and a deleted one selects all of the workspace.
 */
export const createNodes: CreateNodes = [
  'nx.json',
  async (_files, _options, { workspaceRoot, nxJsonConfiguration }) => {
    const { findStudies } = await import('./studies.ts');
    const studies = await findStudies(workspaceRoot);
    if (studies.length === 0) return [];
    const { takenNames } = await import('./names.ts');
    const taken = await takenNames(workspaceRoot, new Set(studies.map((study) => study.name)));
    const workspace = { root: workspaceRoot, nxJson: nxJsonConfiguration, workers: readAll(workspaceRoot), taken };
    const results: [string, CreateNodesResult][] = [];
    for (const study of studies) results.push([study.file, { projects: await projectsOf(workspace, study) }]);
    return results;
  },
];

interface Workspace {
  root: string;
  nxJson: NxJsonConfiguration;
  workers: Promise<Workers>;
  /** Names of studies that other projects have, too, with the files that give them. */
  taken: ReadonlyMap<string, string>;
}

async function projectsOf(workspace: Workspace, found: FoundStudy): Promise<Projects> {
  const { name: study } = found;
  const taker = workspace.taken.get(study);
  if (taker !== undefined) {
    // No study's name has a dot.
    const other = `${study}.study`;
    return brokenStudyProjects(study, nameTaken(study, taker, other), { name: other });
  }
  try {
    if (process.platform === 'win32') throw new Error(unsupportedSystem);
    if (found.problem !== null) throw new Error(found.problem);
    return await readableProjects(workspace, found.file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return brokenStudyProjects(study, message, { root: rootOfBroken(workspace.root, found) });
  }
}

// Defaults of nx.json may ask for the files of a target's project, and Nx knows of none below `results`: it would say that
// the project wasn't found, and nothing else. Another project at the study's folder would become one with this.
function rootOfBroken(workspaceRoot: string, { name: study, file }: FoundStudy): string {
  const folder = dirname(file);
  const isTaken = ['project.json', 'package.json'].some((one) => existsSync(join(workspaceRoot, folder, one)));
  return isTaken ? studyRoot(study) : folder;
}

async function readableProjects({ root, nxJson, workers: reading }: Workspace, file: string): Promise<Projects> {
  const workers = await reading;
  const { loadStudy } = await import('../study/load.ts');
  const { plan, assets } = await loadStudy({ workspaceRoot: root, file, workers });
  // The daemon keeps the graph until something in the workspace changes.
  const isDaemon = process.env['NX_DAEMON_PROCESS'] === 'true';
  const tasks = (await identifiedTasks(root, plan, workers, isDaemon)).map(({ task }) => task);
  const { refuseLinks } = await import('./links.ts');
  // The daemon doesn't see when a link is removed. There the targets themselves check for links.
  if (!isDaemon) refuseLinks(root, plan.study, tasks);
  const { unplannedIds } = await import('./committed.ts');
  const { openRealPaths } = await import('./real-path.ts');
  const unplanned = await unplannedIds(root, plan, assets);
  const projects = studyProjects({ plan, tasks, workers, unplanned, filesOf: openRealPaths(root) });
  const { refuseDefaults } = await import('./defaults.ts');
  refuseDefaults(plan.study, projects, nxJson);
  return projects;
}

// Loaded where used: the graph must stay quick where there is no study.
async function readAll(workspaceRoot: string): Promise<Workers> {
  const { readWorkers } = await import('../worker/read.ts');
  return readWorkers(workspaceRoot);
}

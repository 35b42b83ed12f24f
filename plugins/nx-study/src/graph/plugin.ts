import { basename, dirname } from 'node:path';
import type { CreateNodes, CreateNodesResult } from '@nx/devkit';
import { unsupportedSystem } from '../errors/graph.ts';
import type { Workers } from '../worker/read.ts';
import { brokenStudyProjects, studyProjects } from './nodes.ts';
import type { Projects } from './nodes.ts';
import { identifiedTasks } from './tasks.ts';

export const name = 'nx-study';

/** One Nx project for every study, and one for every measurement. Never throws: one throw would end every Nx command. */
export const createNodes: CreateNodes = [
  'studies/*/study.yaml',
  async (files, _options, { workspaceRoot }) => {
    const workers = readAll(workspaceRoot);
    const results: [string, CreateNodesResult][] = [];
    for (const file of files) results.push([file, { projects: await projectsOf(workspaceRoot, file, workers) }]);
    return results;
  },
];

async function projectsOf(workspaceRoot: string, file: string, reading: Promise<Workers>): Promise<Projects> {
  const study = basename(dirname(file));
  try {
    if (process.platform === 'win32') throw new Error(unsupportedSystem);
    const workers = await reading;
    const { loadStudy } = await import('../study/load.ts');
    const { plan } = await loadStudy({ workspaceRoot, file, workers });
    // The daemon keeps the graph until something in the workspace changes.
    const isDaemon = process.env['NX_DAEMON_PROCESS'] === 'true';
    const tasks = await identifiedTasks(workspaceRoot, plan, workers, isDaemon);
    return studyProjects(
      plan,
      tasks.map(({ task }) => task),
      workers,
    );
  } catch (error) {
    return brokenStudyProjects(study, error instanceof Error ? error.message : String(error));
  }
}

// Loaded where used: the graph must stay quick where there is no study.
async function readAll(workspaceRoot: string): Promise<Workers> {
  const { readWorkers } = await import('../worker/read.ts');
  return readWorkers(workspaceRoot);
}

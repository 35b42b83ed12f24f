import type { CreateNodes, CreateNodesResult } from '@nx/devkit';
import { findStudies } from './studies.ts';

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
    const studies = await findStudies(workspaceRoot);
    if (studies.length === 0) return [];
    // Loaded where used: the graph must stay quick where there is no study.
    const { openWorkspace, projectsOf } = await import('./projects.ts');
    const workspace = await openWorkspace(workspaceRoot, nxJsonConfiguration, studies);
    const results: [string, CreateNodesResult][] = [];
    for (const study of studies) results.push([study.file, { projects: await projectsOf(workspace, study) }]);
    return results;
  },
];

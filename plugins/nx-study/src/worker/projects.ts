import { dirname, join } from 'node:path';
import fastGlob from 'fast-glob';
import type { Worker } from './manifest.ts';
import { isFolder, isNegation, matched, workerPatterns } from './patterns.ts';
import { projectTexts } from './texts.ts';
import type { Text } from '../base/words.ts';

/** A project whose files count as code of a worker. */
export interface MeasuredProject {
  name: string;
  /** Relative to the workspace root. */
  root: string;
  /** The glob of all that lies in it, as `measuring` has globs. */
  pattern: string;
  /** Absolute and sorted: its files but for those that git or .nxignore ignores, and those that `measuring` leaves out. */
  files: string[];
}

export interface MeasuredProjects {
  projects: MeasuredProject[];
  /** What is wrong with those that can't be used. */
  problems: (Text & { name: string })[];
}

/**
 * The projects that a worker measures, by the files as they are now. A project is found by its project.json, or as a
 * package of the workspace: names that other plugins of Nx give aren't known while its graph is built.
 */
export async function measuredProjects(workspaceRoot: string, { root, manifest }: Worker): Promise<MeasuredProjects> {
  const { projects: names, measuring } = manifest;
  const found: MeasuredProjects = { projects: [], problems: [] };
  if (names.length === 0) return found;
  // Loaded where used: few workers measure projects.
  const { openWorkspaceFiles } = await import('./workspace-files.ts');
  const workspace = await openWorkspaceFiles(workspaceRoot);
  const files = workspace.projects();
  for (const name of names) {
    const file = files.get(name);
    const folder = file === undefined ? null : dirname(file);
    if (folder === null) found.problems.push({ name, ...projectTexts.unknown(name, [...files.keys()]) });
    else if (folder === '.') found.problems.push({ name, ...projectTexts.whole(name) });
    else {
      const pattern = `{workspace}/${fastGlob.escapePath(folder)}/**/*`;
      const patterns = workerPatterns({ workspaceRoot, root }, [pattern, ...measuring.filter(isNegation)]);
      const all = matched(join(workspaceRoot, root), patterns);
      const kept = all.filter((path) => !isFolder(path) && workspace.has(path));
      if (kept.length === 0) found.problems.push({ name, ...projectTexts.empty(name, folder) });
      else found.projects.push({ name, root: folder, pattern, files: kept });
    }
  }
  return found;
}

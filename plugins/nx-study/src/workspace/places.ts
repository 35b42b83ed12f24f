import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import glob from 'fast-glob';
import { workspaceRoot as rootOfNx } from 'nx/src/utils/workspace-root.js';
import { STUDY_FILE } from './entry.ts';
import { pluginOptions } from './options.ts';
import type { PluginOptions } from './options.ts';

/** The folders whose subfolders are studies, relative to the workspace; the first one exists in any case. */
export function studiesFolders(workspaceRoot: string): string[] {
  const options = pluginOptions(workspaceRoot);
  const known = expanded.get(options);
  if (known !== undefined) return known;
  const [main, ...others] = options.studies;
  const patterns = others.filter((one) => one.includes('*'));
  const found =
    patterns.length === 0
      ? []
      : glob.sync(patterns, {
          cwd: workspaceRoot,
          onlyDirectories: true,
          // As Nx reads patterns.
          dot: true,
          followSymbolicLinks: false,
          ignore: ['**/node_modules/**', '.git/**', '.nx/**'],
        });
  const folders = [...new Set([main!, ...others.filter((one) => !one.includes('*')), ...found.toSorted()])];
  expanded.set(options, folders);
  return folders;
}

// Walking the workspace for each measurement would take long: once for as long as the options are known.
const expanded = new WeakMap<PluginOptions, string[]>();

/** The folder of a study, relative to the workspace; where nobody has made it yet, the one that it would have. */
export function studyFolder(workspaceRoot: string, study: string): string {
  const [main, ...others] = pluginOptions(workspaceRoot).studies;
  const isThere = (folder: string) => existsSync(join(workspaceRoot, folder, study, STUDY_FILE));
  if (others.length === 0 || isThere(main!)) return `${main}/${study}`;
  return `${studiesFolders(workspaceRoot).find(isThere) ?? main}/${study}`;
}

/** A study's file, relative to the workspace. */
export const studyFile = (workspaceRoot: string, study: string): string =>
  `${studyFolder(workspaceRoot, study)}/${STUDY_FILE}`;

/** A file or folder that all studies share, relative to the workspace, such as `studies/assets.yaml`. */
export const sharedByStudies = (name: string, workspaceRoot: string = rootOfNx): string =>
  `${pluginOptions(workspaceRoot).studies[0]}/${name}`;

/** The folder of workers, relative to the workspace. */
export const workersFolder = (workspaceRoot: string = rootOfNx): string => pluginOptions(workspaceRoot).workers;

/** The folder of what several workers share, as an absolute path. */
export const kitsFolder = (workspaceRoot: string): string => join(workspaceRoot, workersFolder(workspaceRoot), 'kits');

/** The folder of all results as it is written in nx.json: relative to the workspace, or absolute. */
export const resultsFolder = (workspaceRoot: string): string => pluginOptions(workspaceRoot).results;

/** The folder of all results, as an absolute path. */
export const resultsPath = (workspaceRoot: string): string => resolve(workspaceRoot, resultsFolder(workspaceRoot));

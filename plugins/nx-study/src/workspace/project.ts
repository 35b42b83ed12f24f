import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile } from 'nx/src/utils/fileutils.js';
import { workspaceRoot as rootOfNx } from 'nx/src/utils/workspace-root.js';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { pluginOptions } from './options.ts';
import type { Command } from './options.ts';
import { studyFolder } from './places.ts';

/** The name of a command's target in the projects of studies. */
export const targetOf = (command: Command, workspaceRoot: string = rootOfNx): string =>
  pluginOptions(workspaceRoot)[`${command}TargetName`];

/** The Nx project of a study: the study's name, unless the `project.json` in its folder gives another one. */
export function studyProject(study: string, workspaceRoot: string = rootOfNx): string {
  const file = join(workspaceRoot, studyFolder(workspaceRoot, study), 'project.json');
  const name = existsSync(file) ? readProjectFile(file)['name'] : undefined;
  return typeof name === 'string' ? name : study;
}

/** A `project.json` or `package.json`, as Nx reads it; empty where it can't be read, which Nx itself reports. */
export function readProjectFile(file: string): JsonObject {
  try {
    const content: unknown = readJsonFile(file);
    return isJsonObject(content) ? content : {};
  } catch {
    return {};
  }
}

/** `nx run senate:measure`, with the names of this workspace: what a person types to run a command of a study. */
export const nxRun = (study: string, command: Command, workspaceRoot: string = rootOfNx): string =>
  `nx run ${studyProject(study, workspaceRoot)}:${targetOf(command, workspaceRoot)}`;

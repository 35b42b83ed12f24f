import { isAbsolute } from 'node:path';
import { readNxJson } from 'nx/src/config/nx-json.js';
import { isJsonObject } from '../base/json.ts';
import type { Json } from '../base/json.ts';

/** The name of a study's file in its folder. */
export const STUDY_FILE = 'study.yaml';

/** The file of a person's own settings at the root of a workspace, which git ignores. */
export const OWN_FILE = 'nx-study.local.yaml';

/** The folders of studies where nx.json names none. */
export const STUDIES = ['studies'];

/** The names by which nx.json may call this plugin. */
const NAMES = new Set(['nx-study/plugin', 'nx-study']);

/** Whether an entry of `plugins` in nx.json is this plugin. */
export const isThisPlugin = (entry: string | { plugin: string }): boolean =>
  NAMES.has(typeof entry === 'string' ? entry : entry.plugin);

/** The options of this plugin as nx.json has them, of its first entry there; an empty map where it has none. */
export function writtenOptions(workspaceRoot: string): Json {
  const entry = readNxJson(workspaceRoot).plugins?.find(isThisPlugin);
  return ((typeof entry === 'object' ? entry.options : undefined) ?? {}) as Json;
}

/** Whether a path stays within the folder to which it is relative. */
export const isWithin = (path: string): boolean =>
  !isAbsolute(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Whether it is a folder of the workspace, or a pattern of some. */
export const isFolderPattern = (pattern: unknown): pattern is string =>
  typeof pattern === 'string' && /^[\w@./*-]+$/.test(pattern) && isWithin(pattern);

/**
 * The folders of studies, and patterns of them, as nx.json names them. This is all of the options that Nx needs where there
 * is no study, so it loads nothing else.
 */
export function studiesPatterns(workspaceRoot: string): string[] {
  const options = writtenOptions(workspaceRoot);
  const studies = isJsonObject(options) ? options['studies'] : undefined;
  const isUsable = Array.isArray(studies) && studies.length > 0 && studies.every(isFolderPattern);
  return isUsable && !studies[0]!.includes('*') ? studies : STUDIES;
}

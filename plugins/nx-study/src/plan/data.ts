import { posix } from 'node:path';
import { studyTexts } from './texts.ts';
import type { JsonObject } from '../base/json.ts';
import { valueAt } from '../base/path.ts';
import type { Text } from '../base/words.ts';
import type { ConfigProblem } from '../worker/problem.ts';

/** The folders that data files are relative to, themselves relative to the workspace root. */
export interface DataRoots {
  study: string;
  /** For a file that is a default of the worker's own schema. */
  worker: string;
}

/**
 * Turns the data files of a configuration into paths relative to the workspace root, in place.
 * Only texts are checked; whether a file exists is checked when the study is loaded. Returns the paths that were resolved.
 */
export function resolveDataFiles(
  configuration: JsonObject,
  written: JsonObject,
  paths: string[][],
  roots: DataRoots,
): { paths: string[][]; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const resolved = paths.filter((path) => {
    const file = valueAt(configuration, path) as string;
    const root = valueAt(written, path) === undefined ? roots.worker : roots.study;
    const text = problemOf(file, path) ?? place(configuration, path, posix.join(root, file), file);
    if (text) problems.push({ path, always: true, ...text });
    return text === null;
  });
  return { paths: resolved, problems };
}

function problemOf(file: string, path: string[]): Text | null {
  const dotted = path.find((key) => key.includes('.'));
  if (dotted !== undefined) return studyTexts.dataKeyDot(dotted);
  if (file.includes('\\')) return studyTexts.dataBackslash(file);
  if (posix.isAbsolute(file) || /^[A-Za-z]:/.test(file) || file.startsWith('~')) return studyTexts.dataAbsolute(file);
  return file === '' || file.includes('\0') || file.endsWith('/') ? studyTexts.dataNotFile(JSON.stringify(file)) : null;
}

function place(configuration: JsonObject, path: string[], target: string, file: string): Text | null {
  if (target === '..' || target.startsWith('../')) return studyTexts.dataOutside(file);
  const parent = valueAt(configuration, path.slice(0, -1)) as JsonObject;
  parent[path.at(-1)!] = target;
  return null;
}

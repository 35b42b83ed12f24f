import { lstatSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { linkedResults } from './texts.ts';
import { tried } from '../base/errno.ts';
import { DIGEST_DIGITS, studyResults } from '../record/paths.ts';
import { resultsFolder } from '../workspace/places.ts';
import type { MeasureOptions } from './task.ts';

type ResultFolder = Pick<MeasureOptions, 'id' | 'digest'>;

/** Refuses links where Nx restores results. @throws Error with the text of `linkReason`. */
export function refuseLinks(workspaceRoot: string, study: string, tasks: readonly ResultFolder[] = []): void {
  const reason = linkReason(workspaceRoot, study, tasks);
  if (reason !== null) throw new Error(reason);
}

/**
 * Why no command may run on a study: a link stands where Nx restores its results. Nx would replace the link with a folder, and
 * everything behind the link would be out of sight. null where there is none. Folders of single results are checked only
 * for the given tasks.
 */
export function linkReason(workspaceRoot: string, study: string, tasks: readonly ResultFolder[]): string | null {
  const link = linkIn(workspaceRoot, study, tasks);
  return link === null ? null : linkedResults(study, link);
}

/**
 * The command whose output is the links that are refused, and nothing else; none where none is refused. As an input of a task it keeps Nx
 * from restoring where a link was made since the graph was: its daemon doesn't watch files that git ignores.
 */
export const listLinks = (workspaceRoot: string, study: string): string[] =>
  isAbsolute(resultsFolder(workspaceRoot))
    ? []
    : [
        `find ${resultsFolder(workspaceRoot)} -maxdepth 0 -type l 2>/dev/null; find ${studyResults(workspaceRoot, study)} -maxdepth 2 -type l 2>/dev/null; true`,
      ];

function linkIn(workspaceRoot: string, study: string, tasks: readonly ResultFolder[]): string | null {
  const isLink = (path: string) => tried(() => lstatSync(join(workspaceRoot, path)).isSymbolicLink()) === true;
  const results = resultsFolder(workspaceRoot);
  // Nx restores nothing there.
  if (isAbsolute(results)) return null;
  const root = studyResults(workspaceRoot, study);
  const shared = [results, root].find(isLink);
  if (shared !== undefined) return shared;
  const entries = tried(() => readdirSync(join(workspaceRoot, root), { withFileTypes: true })) ?? [];
  // Names of folders have no dot.
  const linked = entries.find((entry) => entry.isSymbolicLink() && !entry.name.includes('.'));
  if (linked) return `${root}/${linked.name}`;
  const present = new Set(entries.map(({ name }) => name));
  const folders = tasks
    .filter(({ id }) => present.has(id))
    .map(({ id, digest }) => `${root}/${id}/${digest.slice(0, DIGEST_DIGITS)}`);
  return folders.find(isLink) ?? null;
}

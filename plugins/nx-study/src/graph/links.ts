import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { linkedResults } from './texts.ts';
import { tried } from '../base/errno.ts';
import { DIGEST_DIGITS, measurementRoot, studyRoot } from '../record/paths.ts';
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
 * A command whose output is the links that are refused, and nothing else. As an input of a task it keeps Nx
 * from restoring where a link was made since the graph was: its daemon doesn't watch files that git ignores.
 */
export const listLinks = (study: string): string =>
  `find results -maxdepth 0 -type l 2>/dev/null; find ${studyRoot(study)} -maxdepth 2 -type l 2>/dev/null; true`;

function linkIn(workspaceRoot: string, study: string, tasks: readonly ResultFolder[]): string | null {
  const isLink = (path: string) => tried(() => lstatSync(join(workspaceRoot, path)).isSymbolicLink()) === true;
  const root = studyRoot(study);
  const shared = ['results', root].find(isLink);
  if (shared !== undefined) return shared;
  const entries = tried(() => readdirSync(join(workspaceRoot, root), { withFileTypes: true })) ?? [];
  // Names of folders have no dot.
  const linked = entries.find((entry) => entry.isSymbolicLink() && !entry.name.includes('.'));
  if (linked) return `${root}/${linked.name}`;
  const present = new Set(entries.map(({ name }) => name));
  const folders = tasks
    .filter(({ id }) => present.has(id))
    .map(({ id, digest }) => `${measurementRoot(study, id)}/${digest.slice(0, DIGEST_DIGITS)}`);
  return folders.find(isLink) ?? null;
}

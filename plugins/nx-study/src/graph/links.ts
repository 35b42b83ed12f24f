import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { linkedResults } from '../errors/graph.ts';
import { tried } from '../machine/errno.ts';
import { DIGEST_DIGITS, measurementRoot, studyRoot } from '../record/paths.ts';
import type { MeasureOptions } from './task.ts';

/**
 * Throws, naming it, when a link stands where Nx restores results of a study: it would put a folder in its place, and
 * all else that lies behind the link would be out of sight. Without tasks, only what all measurements share is looked at.
 */
export function refuseLinks(
  workspaceRoot: string,
  study: string,
  tasks: readonly Pick<MeasureOptions, 'id' | 'digest'>[] = [],
): void {
  const link = linkIn(workspaceRoot, study, tasks);
  if (link !== null) throw new Error(linkedResults(study, link));
}

function linkIn(
  workspaceRoot: string,
  study: string,
  tasks: readonly Pick<MeasureOptions, 'id' | 'digest'>[],
): string | null {
  const isLink = (path: string) => tried(() => lstatSync(join(workspaceRoot, path)).isSymbolicLink()) === true;
  const root = studyRoot(study);
  const shared = ['results', root].find(isLink);
  if (shared !== undefined) return shared;
  const entries = tried(() => readdirSync(join(workspaceRoot, root), { withFileTypes: true })) ?? [];
  const present = new Map(entries.map((entry) => [entry.name, entry.isSymbolicLink()]));
  for (const name of ['failed', 'report']) if (present.get(name) === true) return `${root}/${name}`;
  for (const { id, digest } of tasks) {
    const isLinked = present.get(id);
    if (isLinked === undefined) continue;
    const folder = measurementRoot(study, id);
    if (isLinked) return folder;
    if (isLink(`${folder}/${digest.slice(0, DIGEST_DIGITS)}`)) return `${folder}/${digest.slice(0, DIGEST_DIGITS)}`;
  }
  return null;
}

import { join } from 'node:path';
import { z } from 'zod';
import { readLinked } from '../machine/regular-file.ts';
import { writeDurably } from '../record/durable.ts';
import { parseStrictly } from '../base/strict-json.ts';
import { takesMessage } from './texts.ts';
import { studyFolder } from '../workspace/places.ts';

const takesSchema = z.record(z.string(), z.int().min(1));
export type Takes = z.infer<typeof takesSchema>;

/** Relative to the workspace. */
export const takesFile = (workspaceRoot: string, study: string) => `${studyFolder(workspaceRoot, study)}/takes.json`;

/**
 * `takes.json` of a study: measurement id → take, for those that are measured again on purpose; empty without the file.
 * @throws Error that names the file, when it isn't an object of ids and whole numbers from 1.
 */
export async function readTakes(workspaceRoot: string, study: string): Promise<Takes> {
  const file = takesFile(workspaceRoot, study);
  let text: string;
  try {
    text = (await readLinked(join(workspaceRoot, file))).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return takesSchema.parse(parseStrictly(text));
  } catch (error) {
    throw new Error(takesMessage(file, error instanceof SyntaxError ? error.message : null), { cause: error });
  }
}

/** Replaces the file, with sorted ids, so that a commit shows only the measurements that are measured again. */
export async function writeTakes(workspaceRoot: string, study: string, takes: Takes): Promise<void> {
  const entries = Object.entries(takes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  await writeDurably(
    join(workspaceRoot, takesFile(workspaceRoot, study)),
    `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`,
  );
}

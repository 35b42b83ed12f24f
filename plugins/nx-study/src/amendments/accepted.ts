import { join } from 'node:path';
import { z } from 'zod';
import { readLinked } from '../machine/regular-file.ts';
import { writeDurably } from '../record/durable.ts';
import { acceptedChangeSchema } from '../record/schema.ts';
import { parseStrictly } from '../base/strict-json.ts';
import { acceptedMessage } from './texts.ts';
import { studyFolder } from '../workspace/places.ts';

const versionSchema = z.strictObject({ code: z.string(), environment: z.string().nullable() });

/** A version of a worker: the hashes of its measuring code and of its environment. A person may accept a change of it. */
export type WorkerVersion = z.infer<typeof versionSchema>;

const entrySchema = acceptedChangeSchema.extend({
  changes: z.array(z.strictObject({ worker: z.string(), from: versionSchema, to: versionSchema })).min(1),
});

/** One acceptance: in this study, outcomes that were measured with `from` count for `to`. */
export type Acceptance = z.infer<typeof entrySchema>;

/** Relative to the workspace. */
export const acceptedFile = (workspaceRoot: string, study: string) =>
  `${studyFolder(workspaceRoot, study)}/accepted.json`;

/**
 * The acceptances of a study from `accepted.json`, in the order in which they were made; none without the file.
 * @throws Error that names the file, when it isn't as `accept` writes it.
 */
export async function readAccepted(workspaceRoot: string, study: string): Promise<Acceptance[]> {
  const file = acceptedFile(workspaceRoot, study);
  let text: string;
  try {
    text = (await readLinked(join(workspaceRoot, file))).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return z.array(entrySchema).parse(parseStrictly(text));
  } catch (error) {
    throw new Error(acceptedMessage(file, error instanceof SyntaxError ? error.message : null), { cause: error });
  }
}

/** Adds an acceptance to the file. @throws as `readAccepted`, and the system's own errors. */
export async function addAccepted(workspaceRoot: string, study: string, acceptance: Acceptance): Promise<void> {
  const all = [...(await readAccepted(workspaceRoot, study)), acceptance];
  await writeDurably(join(workspaceRoot, acceptedFile(workspaceRoot, study)), `${JSON.stringify(all, null, 2)}\n`);
}

import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { sha256 } from '../base/canonical.ts';
import { errorCode } from '../base/errno.ts';
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

// One file for everything was written before; it is still read.
const FORMER = 'accepted.json';
const FOLDER = 'accepted';

/**
 * The files with the acceptances of a study, relative to the workspace, sorted: one for each, so that two people never
 * change the same one. @throws the system's own errors.
 */
export async function acceptedFiles(workspaceRoot: string, study: string): Promise<string[]> {
  const folder = studyFolder(workspaceRoot, study);
  const names = await readdir(join(workspaceRoot, folder, FOLDER)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const former = existsSync(join(workspaceRoot, folder, FORMER)) ? [`${folder}/${FORMER}`] : [];
  const own = names.filter((name) => name.endsWith('.json')).toSorted();
  return [...former, ...own.map((name) => `${folder}/${FOLDER}/${name}`)];
}

/**
 * The acceptances of a study, in the order in which they were made; none without files.
 * @throws Error that names the file, when one isn't as `accept` writes it.
 */
export async function readAccepted(workspaceRoot: string, study: string): Promise<Acceptance[]> {
  const files = await acceptedFiles(workspaceRoot, study);
  const all = await Promise.all(files.map((file) => readFrom(workspaceRoot, file)));
  return all.flat().toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

async function readFrom(workspaceRoot: string, file: string): Promise<Acceptance[]> {
  const text = (await readLinked(join(workspaceRoot, file))).toString('utf8');
  try {
    const content = parseStrictly(text);
    return Array.isArray(content) ? z.array(entrySchema).parse(content) : [entrySchema.parse(content)];
  } catch (error) {
    throw new Error(acceptedMessage(file, error instanceof SyntaxError ? error.message : null), { cause: error });
  }
}

/** Writes an acceptance into a file of its own. @returns the file, relative to the workspace. @throws the system's own errors. */
export async function addAccepted(workspaceRoot: string, study: string, acceptance: Acceptance): Promise<string> {
  const text = `${JSON.stringify(acceptance, null, 2)}\n`;
  const name = `${acceptance.at.slice(0, 10)}-${(await sha256())(text).slice(0, 8)}.json`;
  const file = `${studyFolder(workspaceRoot, study)}/${FOLDER}/${name}`;
  await mkdir(dirname(join(workspaceRoot, file)), { recursive: true });
  await writeDurably(join(workspaceRoot, file), text);
  return file;
}

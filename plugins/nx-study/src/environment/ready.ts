import { access, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { PreparedEnvironment } from './prepared.ts';

/** `ready.json`, written last: an environment without it is none. */
const readySchema = z.strictObject({
  /** null where it has no interpreter of its own. */
  interpreter: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  /** ISO 8601, UTC. */
  created: z.string(),
  elapsed_s: z.number(),
});
export type Ready = z.infer<typeof readySchema>;

export const readyFile = (root: string): string => join(root, 'ready.json');
export const pythonOf = (root: string): string => join(root, 'venv/bin/python');
export const modulesOf = (root: string): string => join(root, 'node_modules');

/** A complete environment with that prefix, whichever interpreter it was made with, so that a new Python replaces none. */
export async function findReady(folder: string, prefix: string): Promise<PreparedEnvironment | null> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names.filter((it) => it.startsWith(`${prefix}-`)).toSorted()) {
    const ready = await readReady(join(folder, name));
    if (ready !== null) return ready;
  }
  return null;
}

/** Null when it isn't complete, or its interpreter was uninstalled. */
export async function readReady(root: string): Promise<PreparedEnvironment | null> {
  try {
    const { interpreter, versions } = readySchema.parse(JSON.parse(await readFile(readyFile(root), 'utf8')));
    const python = interpreter === null ? null : pythonOf(root);
    const modules = interpreter === null ? modulesOf(root) : null;
    // Follows the link to the interpreter.
    await access(python ?? modules!);
    const cacheDir = join(root, 'cache');
    await mkdir(cacheDir, { recursive: true });
    return { python, modules, container: null, interpreter, cacheDir, versions };
  } catch {
    return null;
  }
}

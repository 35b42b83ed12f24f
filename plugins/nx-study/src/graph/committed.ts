import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { planEntries, planFilePath } from '../plan/planfile.ts';
import type { Plan } from '../plan/types.ts';

// A plan of 57,000 measurements has about a third of it.
const MOST_BYTES = 64 << 20;

/** Ids of measurements whose entry in the committed `study.lock` is missing, or differs from the plan. */
export async function unplannedIds(
  workspaceRoot: string,
  plan: Plan,
  assets: ReadonlyMap<string, { sha256: string }>,
): Promise<Set<string>> {
  const known = await committedEntries(join(workspaceRoot, planFilePath(workspaceRoot, plan.study)));
  const entries = [...planEntries(plan, assets)];
  return new Set(entries.filter(([id, entry]) => !isDeepStrictEqual(ownOf(known, id), entry)).map(([id]) => id));
}

const ownOf = (entries: JsonObject, id: string): Json | undefined =>
  Object.hasOwn(entries, id) ? entries[id] : undefined;

/** No entries where the file is missing, or is not one that `nx sync` wrote. */
async function committedEntries(file: string): Promise<JsonObject> {
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > MOST_BYTES) return {};
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    const entries = isJsonObject(content) ? content['measurements'] : undefined;
    return isJsonObject(entries) ? entries : {};
  } catch {
    return {};
  }
}

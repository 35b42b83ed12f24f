import { isJsonObject } from '../base/json.ts';
import type { JsonObject } from '../base/json.ts';

/** The words of record version 1 → those of version 2. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['adopted_from', 'reused_from'],
  ['lifted_at', 'retry_requested_at'],
  ['need_bytes', 'estimate_bytes'],
]);

/** The journal's words of record version 1 → those of version 2. */
const EVENTS: ReadonlyMap<unknown, string> = new Map([
  ['skipped', 'too-large'],
  ['lifted', 'retry-requested'],
  ['wave', 'batch'],
  ['wave-ended', 'batch-ended'],
]);

/** A record as today's version writes it; anything that isn't of an earlier version stays as it is. */
export function currentRecord(raw: unknown): unknown {
  if (!isJsonObject(raw) || raw['record'] !== 1) return raw;
  const { memory } = raw;
  return { ...renamed(raw), record: 2, ...(isJsonObject(memory) && { memory: renamed(memory) }) };
}

const renamed = (raw: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(raw).map(([key, value]) => [RENAMED.get(key) ?? key, value]));

/** A failure's type: earlier versions called a measurement that was too large `skipped`. */
export const currentType = (type: unknown): unknown => (type === 'skipped' ? 'too-large' : type);

/** An event of the journal in today's words. */
export const currentEvent = (event: unknown): unknown => EVENTS.get(event) ?? event;

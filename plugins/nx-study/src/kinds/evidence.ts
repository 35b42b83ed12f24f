import type { z } from 'zod';
import { absent } from './kind.ts';
import type { Absent, Evidence } from './kind.ts';

/** The payload of `result.json`, or why it can't be used. */
export function payloadOf<T extends z.ZodType>(evidence: Evidence, schema: T): z.infer<T> | Absent {
  if (evidence.result === null) return absent('there is no readable result.json');
  return parsed('result.json', evidence.result.payload, schema);
}

/** The payload of `derived.json`, or why it can't be used. */
export function derivedOf<T extends z.ZodType>(evidence: Evidence, schema: T): z.infer<T> | Absent {
  const { derived } = evidence;
  if (derived === null) return absent('not derived: there is no readable derived.json');
  if (derived.outcome === 'failed') return absent(`deriving failed: ${derived.message ?? 'no message'}`);
  if (derived.payload === null) return absent('derived.json has no payload');
  return parsed('derived.json', derived.payload, schema);
}

function parsed<T extends z.ZodType>(file: string, payload: unknown, schema: T): z.infer<T> | Absent {
  const { data, error } = schema.safeParse(payload);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  return absent(`${file} does not fit its kind: ${path.join('.')}: ${message}`);
}

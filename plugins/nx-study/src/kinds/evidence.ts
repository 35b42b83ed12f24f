import type { z } from 'zod';
import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import type { Evidence, Value } from './kind.ts';

/** The payload of `result.json`, or why it can't be used. */
export function payloadOf<T extends z.ZodType>(evidence: Evidence, schema: T): z.infer<T> | Absent {
  if (evidence.result === null) return absent('there is no readable result.json');
  return parsed('result.json', evidence.result.payload, schema);
}

/** The payload of `derived.json`, or why it can't be used. */
export function derivedOf<T extends z.ZodType>(evidence: Evidence, schema: T): z.infer<T> | Absent {
  const { derived } = evidence;
  if (derived === null) return absent('not derived: there is no readable derived.json');
  if (derived.outcome === 'failed') return absent(`deriving failed: ${inOneLine(derived.message ?? 'no message')}`);
  if (derived.payload === null) return absent('derived.json has no payload');
  return parsed('derived.json', derived.payload, schema);
}

/** The first line and the last, which says what was raised: a reason stands within sentences, and a trace has a page. */
function inOneLine(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.length < 2 ? message : `${lines[0]!}, ${lines.at(-1)!}`;
}

/** A number, or the reason why its document has none: the one given for its dotted path, or for a path around it. */
export function orReason(
  value: number | null | undefined,
  reasons: Readonly<Record<string, string>>,
  path: string,
): Value {
  if (value !== null && value !== undefined) return value;
  return absent(reasonOf(reasons, path) ?? `${path} is missing, without a reason`);
}

/** The reason given for a dotted path, or for a path around it; null when there is none. */
export function reasonOf(reasons: Readonly<Record<string, string>>, path: string): string | null {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.'))))
    if (Object.hasOwn(reasons, at)) return reasons[at]!;
  return null;
}

/** The sum; absent when one of them is. */
export function total(values: readonly Value[]): Value {
  let sum = 0;
  for (const value of values) {
    if (isAbsent(value)) return value;
    sum += value;
  }
  return sum;
}

/** numerator / denominator; absent when one of them is, or the denominator isn't positive. `what` names it in the reason. */
export function ratio(numerator: Value, denominator: Value, what: string): Value {
  if (isAbsent(numerator)) return numerator;
  if (isAbsent(denominator)) return denominator;
  return denominator > 0 ? numerator / denominator : absent(`${what} is ${denominator}`);
}

function parsed<T extends z.ZodType>(file: string, payload: unknown, schema: T): z.infer<T> | Absent {
  const { data, error } = schema.safeParse(payload);
  if (!error) return data;
  const { path, message } = error.issues[0]!;
  return absent(`${file} does not fit its kind: ${path.join('.')}: ${message}`);
}

import { canonicalJson } from '../base/canonical.ts';
import type { Sha256 } from '../base/canonical.ts';
import type { JsonObject } from '../base/json.ts';

const HASH_DIGITS = 8;

/** The hash behind an experiment's id: of its worker and its configuration as written. */
export const experimentHash = (worker: string, written: JsonObject, hash: Sha256): string =>
  hash(canonicalJson({ worker, configuration: written }));

/** `<label>-<hash>`, with the hash once; it is longer than 8 digits only where ids would be equal. */
export function experimentIds(named: { label: string; hash: string }[]): string[] {
  const ids = named.map((one) => idOf(one, HASH_DIGITS));
  for (let digits = HASH_DIGITS + 1; digits <= 64; digits++) {
    const repeated = repeats(ids);
    if (repeated.size === 0) break;
    for (const [index, id] of ids.entries()) if (repeated.has(id)) ids[index] = idOf(named[index]!, digits);
  }
  return ids;
}

/** The id of a measurement: that of its experiment, from the second repetition on with `-r<n>`. */
export const measurementId = (experiment: string, repetition: number): string =>
  repetition === 1 ? experiment : `${experiment}-r${repetition}`;

function idOf({ label, hash }: { label: string; hash: string }, digits: number): string {
  // A label that was cut, or would be that of another experiment, is closed by the hash already.
  const closed = `-${label}`.endsWith(`-${hash.slice(0, HASH_DIGITS)}`);
  return `${closed ? label.slice(0, -HASH_DIGITS) : `${label}-`}${hash.slice(0, digits)}`;
}

function repeats(ids: string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(ids.filter((id) => seen.has(id) || !seen.add(id)));
}

import { selectTexts as texts } from './texts.ts';
import { failureTypes } from '../../record/schema.ts';
import { measurementsOf } from '../../state/rows.ts';
import type { Row } from '../../state/rows.ts';

/** Which measurements to measure again: any of the flags, or any of the failures, and then only among the ids. */
export interface Selection {
  /** Ids, beginnings of ids, or labels. */
  id: string[];
  /** Codes of findings. */
  flagged: string[];
  /** Types of failures. */
  failed: string[];
}

/** The chosen measurements of a study's table, one row each. @throws Error for an unknown id, flag or failure, and for an empty selection. */
export function select(rows: readonly Row[], { id, flagged, failed }: Selection): Row[] {
  const measurements = measurementsOf(rows);
  if (id.length + flagged.length + failed.length === 0) throw new Error(texts.nothing(choicesOf(rows)));
  const codes = codesOf(rows);
  const types = failuresOf(measurements);
  for (const code of flagged) if (!codes.has(code)) throw new Error(texts.unknownFlag(code, [...codes.keys()]));
  for (const type of failed)
    if (!types.has(type)) throw new Error(texts.unknownFailure(type, [...types.keys()], [...failureTypes]));

  const inState = new Set([
    ...flagged.flatMap((code) => [...codes.get(code)!]),
    ...failed.flatMap((type) => [...types.get(type)!]),
  ]);
  const named = new Set(id.flatMap((name) => idsNamed(measurements, name)));
  return measurements.filter(
    (row) => (id.length === 0 || named.has(row.id)) && (flagged.length + failed.length === 0 || inState.has(row.id)),
  );
}

/** The values that a selection may have, for a person who gave none. */
const choicesOf = (rows: readonly Row[]) => ({
  ids: measurementsOf(rows).map(({ id }) => id),
  flags: [...codesOf(rows)].map(([code, ids]) => `${code} (${ids.size})`),
  failures: [...failuresOf(measurementsOf(rows))].map(([type, ids]) => `${type} (${ids.size})`),
});

/**
 * The measurements that a name stands for: a whole id means that one, a label all its repetitions, anything else all ids that
 * begin so.
 * @throws Error where there is none, with the nearest name.
 */
export function idsNamed(rows: readonly Row[], name: string): string[] {
  const meanings = [
    rows.filter(({ id }) => id === name),
    rows.filter(({ label }) => label === name),
    rows.filter(({ id }) => name !== '' && id.startsWith(name)),
  ];
  const found = meanings.find(({ length }) => length > 0);
  if (!found) throw new Error(texts.unknownId(name, [...new Set(rows.flatMap(({ id, label }) => [label, id]))]));
  return found.map(({ id }) => id);
}

/** Finding → ids of the measurements that have it, in any part. */
function codesOf(rows: readonly Row[]): Map<string, Set<string>> {
  const codes = new Map<string, Set<string>>();
  for (const { id, findings } of rows)
    for (const { code } of findings) codes.set(code, (codes.get(code) ?? new Set()).add(id));
  return codes;
}

function failuresOf(rows: readonly Row[]): Map<string, Set<string>> {
  const types = new Map<string, Set<string>>();
  for (const { id, failure, state } of rows)
    if (failure && state !== 'stale') types.set(failure.type, (types.get(failure.type) ?? new Set()).add(id));
  return types;
}

import { groupBy } from '../base/group-by.ts';

/** Processes of a table that descend from some, and these themselves. */
export function withDescendants(
  table: readonly { pid: number; parent: number }[],
  roots: Iterable<number>,
): Set<number> {
  const children = groupBy(table, ({ parent }) => parent);
  const found = new Set(roots);
  // A set that grows while it is gone through is gone through to its end.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid);
  return found;
}

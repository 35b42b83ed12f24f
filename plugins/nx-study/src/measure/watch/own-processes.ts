import { withDescendants } from '../../machine/descendants.ts';
import { carries, RUN_TOKEN } from '../../machine/tree.ts';
import type { ProcessUsage } from '../../machine/process.ts';

/** Which processes belong to a measurement, however they were started: they are no neighbours. */
export interface OwnProcesses {
  /** Adds a process, and from now on all that descend from it. */
  add(pid: number, token?: string): void;
  /** The members among all processes; those that left the tree since they were seen in it stay members. */
  among(table: readonly ProcessUsage[]): Set<number>;
}

// A process that is about to become another program gets its environment with it.
const TIMES_ASKED = 2;

/** `self` and what descends from it; of Nx, `parent`, it alone: its other tasks are neighbours like any. */
export function ownProcesses(self = process.pid, parent = process.ppid, proc = '/proc'): OwnProcesses {
  const roots = new Set([self]);
  const tokens = new Set<string>();
  const groups = new Set<number>();
  let seen = new Set<string>();
  const strangers = new Map<string, number>();

  // A daemon, or a container's process, descends from the worker no more, and still carries its token.
  const isCarrier = (one: ProcessUsage, since: number): boolean => {
    const key = keyOf(one);
    const asked = strangers.get(key) ?? 0;
    if (tokens.size === 0 || Number(one.startTicks) < since || asked === TIMES_ASKED) return false;
    if ([...tokens].some((token) => carries(one.pid, `${RUN_TOKEN}=${token}`, proc))) return true;
    strangers.set(key, asked + 1);
    return false;
  };
  return {
    add(pid, token) {
      roots.add(pid);
      groups.add(pid);
      if (token !== undefined) tokens.add(token);
    },
    among(table) {
      const since = Number(table.find(({ pid }) => pid === self)?.startTicks ?? 0);
      const isMember = (one: ProcessUsage) =>
        roots.has(one.pid) || groups.has(one.group) || groups.has(one.session) || seen.has(keyOf(one));
      const members = table.filter(isMember).map(({ pid }) => pid);
      let found = withDescendants(table, members);
      for (const one of table)
        if (!found.has(one.pid) && isCarrier(one, since)) found = withDescendants(table, [...found, one.pid]);
      seen = new Set(table.filter(({ pid }) => found.has(pid)).map(keyOf));
      if (parent > 1 && table.some(({ pid }) => pid === parent)) found.add(parent);
      return found;
    },
  };
}

/** A process, distinguishable from a later one with the same number. */
export const keyOf = ({ pid, startTicks }: Pick<ProcessUsage, 'pid' | 'startTicks'>): string => `${pid} ${startTicks}`;

import { hostname } from 'node:os';
import { processIdentity } from '../machine/process.ts';
import type { Stored } from '../record/read.ts';
import type { IsAlive } from './choose.ts';

/** Asks once for each supervisor of a record that says `running`; those of other hosts count as alive. */
export async function supervisorsAlive(stored: readonly Stored[]): Promise<IsAlive> {
  const alive = new Set<string>();
  for (const { record } of stored) {
    if (record.outcome !== 'running' || alive.has(keyOf(record.supervisor))) continue;
    if (await isAlive(record.supervisor)) alive.add(keyOf(record.supervisor));
  }
  return (supervisor) => alive.has(keyOf(supervisor));
}

type Supervisor = Parameters<IsAlive>[0];

const keyOf = ({ host, boot, pid }: Supervisor) => `${host} ${boot} ${pid}`;

async function isAlive({ host, boot, pid }: Supervisor): Promise<boolean> {
  if (host !== hostname()) return true;
  return (await processIdentity(pid))?.bootId === boot;
}

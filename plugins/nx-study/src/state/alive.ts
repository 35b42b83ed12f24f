import type { Supervisor } from '../record/schema.ts';
import { supervisorState } from '../record/supervisor.ts';
import type { Stored } from '../record/read.ts';
import type { IsAlive } from './choose.ts';

/** Asks once for each supervisor of a record that says `running`; those of other hosts count as alive. */
export async function supervisorsAlive(stored: readonly Stored[]): Promise<IsAlive> {
  const alive = new Set<string>();
  for (const { record } of stored) {
    if (record.outcome !== 'running' || alive.has(keyOf(record.supervisor))) continue;
    if ((await supervisorState(record.supervisor)) !== 'gone') alive.add(keyOf(record.supervisor));
  }
  return (supervisor) => alive.has(keyOf(supervisor));
}

const keyOf = ({ host, boot, pid, start_time }: Supervisor) => `${host} ${boot} ${pid} ${start_time}`;

import { isPartial } from '../record/paths.ts';
import type { Stored } from '../record/read.ts';
import type { Supervisor } from '../record/schema.ts';
import { supervisorState } from '../record/supervisor.ts';
import type { SupervisorState } from '../record/supervisor.ts';

export type SupervisorOf = (supervisor: Supervisor) => SupervisorState;

/** What became of the supervisors of attempts that were not brought to an end, each asked for once. */
export async function supervisorsOf(stored: readonly Stored[]): Promise<SupervisorOf> {
  const known = new Map<string, SupervisorState>();
  for (const { directory, record } of stored) {
    if (!isPartial(directory) || known.has(keyOf(record.supervisor))) continue;
    known.set(keyOf(record.supervisor), await supervisorState(record.supervisor));
  }
  return (supervisor) => known.get(keyOf(supervisor)) ?? 'gone';
}

const keyOf = ({ host, boot, pid, start_time }: Supervisor) => `${host} ${boot} ${pid} ${start_time}`;

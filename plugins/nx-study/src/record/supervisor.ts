import { machineId } from '../machine/id.ts';
import { machineName } from '../machine/name.ts';
import { processIdentity } from '../machine/process.ts';
import type { Supervisor } from './schema.ts';

/** `elsewhere`: it is a process of another host, so it may be alive or not. */
export type SupervisorState = 'alive' | 'gone' | 'elsewhere';

/** Whether exactly that process still runs; a later process with the same number, or of another boot, doesn't count. */
export async function supervisorState(supervisor: Supervisor): Promise<SupervisorState> {
  if (!isOfThisMachine(supervisor)) return 'elsewhere';
  const { pid, boot, start_time } = supervisor;
  const now = await processIdentity(pid);
  const isSame = now?.bootId === boot && (start_time === null || now.startTime === start_time);
  return isSame ? 'alive' : 'gone';
}

/** Whether a process was one of this machine: hosts of a cloud, or of CI, may all have the same name. */
export function isOfThisMachine({ host, machine }: Pick<Supervisor, 'host' | 'machine'>): boolean {
  const own = machineId();
  return host === machineName() && (machine === undefined || own === null || machine === own);
}

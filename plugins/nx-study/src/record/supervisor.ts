import { machineName } from '../machine/name.ts';
import { processIdentity } from '../machine/process.ts';
import type { Supervisor } from './schema.ts';

/** `elsewhere`: it is a process of another host, so it may be alive or not. */
export type SupervisorState = 'alive' | 'gone' | 'elsewhere';

/** Whether exactly that process still runs; a later process with the same number, or of another boot, doesn't count. */
export async function supervisorState({ host, pid, boot, start_time }: Supervisor): Promise<SupervisorState> {
  if (host !== machineName()) return 'elsewhere';
  const now = await processIdentity(pid);
  const isSame = now?.bootId === boot && (start_time === null || now.startTime === start_time);
  return isSame ? 'alive' : 'gone';
}

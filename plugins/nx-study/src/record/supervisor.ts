import { hostname } from 'node:os';
import { processIdentity } from '../machine/process.ts';
import type { Supervisor } from './schema.ts';

/** Of another host's process nothing can be told. */
export type SupervisorState = 'alive' | 'gone' | 'elsewhere';

/** Whether exactly that process still runs: a later one with its number, or of another boot, is not it. */
export async function supervisorState({ host, pid, boot, start_time }: Supervisor): Promise<SupervisorState> {
  if (host !== hostname()) return 'elsewhere';
  const now = await processIdentity(pid);
  const isSame = now?.bootId === boot && (start_time === null || now.startTime === start_time);
  return isSame ? 'alive' : 'gone';
}

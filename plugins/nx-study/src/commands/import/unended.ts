import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkEnded } from '../../measure/one/run-directory.ts';
import type { Stored } from '../../record/read.ts';
import { supervisorState } from '../../record/supervisor.ts';

/**
 * What an attempt is that its machine did not bring to an end. `running`: its supervisor lives. `complete`: its result is there,
 * and its supervisor is gone. `young`: its result is there, and its supervisor may live. `unended`: there is no complete result.
 */
export type Unended = 'running' | 'complete' | 'young' | 'unended';

// A supervisor ends its worker a minute after the result was complete, and then writes the record; hashing a large result takes time.
const ENDED_MS = 120_000;

/** What an attempt is whose folder is one of an unfinished one, and whose record names no outcome. */
export async function unendedState({ directory, record }: Stored, now = Date.now()): Promise<Unended> {
  const supervisor = await supervisorState(record.supervisor);
  if (supervisor === 'alive') return 'running';
  if ((await checkEnded(directory, record.kind)).state !== 'complete') return 'unended';
  if (supervisor === 'gone') return 'complete';
  // Of a process of another machine nothing more is known than what it left.
  const { mtimeMs } = await stat(join(directory, 'result.json'));
  return now - mtimeMs > ENDED_MS ? 'complete' : 'young';
}

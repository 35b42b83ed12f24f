import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { studyRoot } from './paths.ts';

export interface JournalEntry {
  id: string;
  event:
    | 'started'
    | 'measured'
    | 'failed'
    | 'adopted'
    | 'recovered'
    | 'interrupted'
    | 'derived'
    | 'derive-failed'
    | 'stopped';
  digest?: string;
  detail?: string;
}

/** Appends a state change to `results/<study>/journal.jsonl`, for people to read; nothing is decided from it. */
export async function writeJournal(workspaceRoot: string, study: string, entry: JournalEntry): Promise<void> {
  const folder = join(workspaceRoot, studyRoot(study));
  await mkdir(folder, { recursive: true });
  const line = JSON.stringify({ at: new Date().toISOString(), pid: process.pid, ...entry });
  await appendFile(join(folder, 'journal.jsonl'), `${line}\n`);
}

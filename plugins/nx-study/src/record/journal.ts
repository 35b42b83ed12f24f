import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { studyRoot } from './paths.ts';

export interface JournalEntry {
  id: string;
  event:
    | 'started'
    | 'measured'
    | 'failed'
    | 'skipped'
    | 'adopted'
    | 'recovered'
    | 'interrupted'
    | 'derived'
    | 'derive-failed'
    | 'stopped';
  digest?: string;
  detail?: string;
}

/** Appends a state change to `results/<study>/journal.jsonl`, for people: nothing is decided from it, so it never throws. */
export async function writeJournal(workspaceRoot: string, study: string, entry: JournalEntry): Promise<void> {
  const file = join(workspaceRoot, studyRoot(study), 'journal.jsonl');
  const line = `${JSON.stringify({ at: new Date().toISOString(), pid: process.pid, ...entry })}\n`;
  await appendFile(file, line)
    .catch(async () => {
      await mkdir(dirname(file), { recursive: true });
      await appendFile(file, line);
    })
    .catch(() => {});
}

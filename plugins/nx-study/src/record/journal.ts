import { appendFileSync, closeSync, constants, fstatSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../base/errno.ts';
import { openRegularSync } from '../machine/regular-file.ts';
import { studyDirectory } from './paths.ts';
import { supervisorSchema } from './schema.ts';
import { currentEvent, currentType } from './upgrade.ts';
import { naming, reasonOf } from '../base/reason.ts';

const line = { at: z.string(), pid: z.number() };
const measurement = { ...line, id: z.string() };
const attempt = { ...measurement, digest: z.string() };

/**
 * One line of `results/<study>/journal.jsonl`: a state change, for people and for `status`. Records decide, never this.
 * `pid` is the executor process that wrote it.
 */
export const journalEntrySchema = z.discriminatedUnion('event', [
  /** An executor process begins with so many tasks of this study. `nx` is the process that started it. */
  z.object({
    ...line,
    event: z.literal('batch'),
    supervisor: supervisorSchema,
    nx: z.object({ pid: z.number(), start_time: z.string() }).nullable(),
    tasks: z.number(),
  }),
  /** It ends of its own accord. Of its tasks, so many did not come to an end; Nx may start another one for them. */
  z.object({ ...line, event: z.literal('batch-ended'), left: z.number(), cause: z.string().nullable() }),
  /** Another run holds the device. */
  z.object({ ...line, event: z.literal('waiting'), detail: z.string() }),
  /** The machine rests before a measurement, until then at the latest; null where it has no bound. */
  z.object({
    ...measurement,
    event: z.literal('cooling'),
    until: z.string().nullable(),
    reading: z.string().nullable(),
  }),
  z.object({ ...attempt, event: z.literal('started') }),
  z.object({ ...attempt, event: z.literal('measured'), elapsed_s: z.number().nullable().default(null) }),
  z.object({
    ...attempt,
    event: z.enum(['failed', 'too-large', 'interrupted']),
    type: z.preprocess(currentType, z.string().default('unknown')),
    phase: z.string().nullable().default(null),
    detail: z.string(),
    /** That was in force. */
    memory_limit_bytes: z.number().nullable().default(null),
  }),
  z.object({ ...attempt, event: z.enum(['derived', 'derive-failed']) }),
  /** Its failure doesn't count any more: somebody wants another attempt. */
  z.object({ ...attempt, event: z.literal('retry-requested') }),
  /** The study is given up after it. */
  z.object({ ...measurement, event: z.literal('stopped'), detail: z.string() }),
]);

/** An entry as it is written today. */
export function readEntry(line: object): JournalEntry {
  const written = 'event' in line ? line.event : undefined;
  const event = currentEvent(written);
  return journalEntrySchema.parse(event === written ? line : { ...line, event });
}

export type JournalEntry = z.infer<typeof journalEntrySchema>;

type WithoutStamp<T> = T extends unknown ? Omit<T, 'at' | 'pid'> : never;

export const journalFile = (workspaceRoot: string, study: string): string =>
  join(studyDirectory(workspaceRoot, study), 'journal.jsonl');

// A traceback of megabytes belongs into its record.
const LONGEST_TEXT = 1000;

/**
 * Appends a state change to the journal of a study, with time and process id. Nothing is decided from it, so it never throws.
 * @param report - is called with the reason and the path when it couldn't be written.
 */
export async function writeJournal(
  workspaceRoot: string,
  study: string,
  entry: WithoutStamp<JournalEntry>,
  report?: (why: string) => void,
): Promise<void> {
  const file = journalFile(workspaceRoot, study);
  const stamped = { at: new Date().toISOString(), pid: process.pid, ...entry };
  const text = JSON.stringify(stamped, (_key, value: unknown) =>
    typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value,
  );
  try {
    await append(file, text).catch(async (error) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      await mkdir(dirname(file), { recursive: true });
      await append(file, text);
    });
  } catch (error) {
    report?.(reasonOf(error));
  }
}

async function append(file: string, text: string): Promise<void> {
  const { O_APPEND, O_CREAT, O_RDWR } = constants;
  await naming(file, async () => {
    const fd = openRegularSync(file, O_RDWR | O_APPEND | O_CREAT, 0o666);
    try {
      const { size } = fstatSync(fd);
      const last = Buffer.from('\n');
      if (size > 0) readSync(fd, last, 0, 1, size - 1);
      // After a line that a power cut or a full disk tore off, this one begins anew.
      appendFileSync(fd, `${last.toString() === '\n' ? '' : '\n'}${text}\n`);
    } finally {
      closeSync(fd);
    }
  });
}

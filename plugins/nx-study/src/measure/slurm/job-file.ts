import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../base/errno.ts';
import type { MeasureTask } from '../../graph/task.ts';
import { writeDurably } from '../../record/durable.ts';
import { DIGEST_DIGITS, studyDirectory } from '../../record/paths.ts';
import { supervisorSchema } from '../../record/schema.ts';

const jobFileSchema = z.strictObject({
  workspaceRoot: z.string(),
  /** Who submits it. */
  supervisor: supervisorSchema,
  /** The number of the job; null before Slurm has given one. */
  job: z.string().nullable(),
  /** Of the job: those of the first measurement that it makes. */
  name: z.string(),
  comment: z.string(),
  /** Which of the measurements of its job this is, from 0, and how many those are. */
  position: z.int().min(0),
  of: z.int().min(1),
  task: z.custom<MeasureTask>((value) => typeof value === 'object' && value !== null),
});

/**
 * One measurement that a job makes. It lies on the file system that all nodes share for as long as what became of it is not
 * recorded, so that a later run goes on with it instead of measuring a second time.
 */
export type JobFile = z.infer<typeof jobFileSchema>;

const outcomeSchema = z.strictObject({
  /** The number of the job: processes on a node that is lost may go on after their job. */
  job: z.string(),
  success: z.boolean(),
  status: z.enum(['stopped', 'skipped']).optional(),
  final: z.boolean().optional(),
  text: z.string(),
  /** The name that Slurm has for the node; null where that is not known. */
  node: z.string().nullable(),
});

/** What the process on the node says of its task. The record decides; this is for people. */
export type NodeOutcome = z.infer<typeof outcomeSchema>;

/** Where the files of a measurement by a job lie. */
export interface JobPlace {
  name: string;
  comment: string;
  file: string;
  outcome: string;
  /** Of the whole job; `%j` stands for its number. */
  log: string;
}

export function jobPlace(workspaceRoot: string, { study, id, digest }: MeasureTask): JobPlace {
  const folder = join(studyDirectory(workspaceRoot, study), 'slurm');
  const key = digest.slice(0, DIGEST_DIGITS);
  const hash = createHash('sha256')
    .update(JSON.stringify([folder, id, digest]))
    .digest('hex');
  return {
    name: `nx-study-${key}`,
    comment: `nx-study ${hash.slice(0, 32)}`,
    file: join(folder, `${key}.json`),
    outcome: outcomeOf(join(folder, `${key}.json`)),
    log: join(folder, 'job-%j.log'),
  };
}

/** Where the process that reads a job's file writes its outcome. */
export const outcomeOf = (file: string): string => file.replace(/\.json$/, '.outcome.json');

/** Makes the file of a measurement; false where another process has made it. */
export async function claimJob({ file, outcome }: JobPlace, content: JobFile): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, textOf(content), { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  await rm(outcome, { force: true });
  return true;
}

export const writeJob = (file: string, content: JobFile): Promise<void> => writeDurably(file, textOf(content));

const textOf = (content: JobFile): string => `${JSON.stringify(content, null, 2)}\n`;

/** The file of a measurement; null where there is none, or it is not written to its end. */
export const readJob = (file: string): Promise<JobFile | null> => readAs(file, jobFileSchema);

/** What a job has said of a measurement; null where it has said nothing. */
export async function readOutcome({ outcome }: Pick<JobPlace, 'outcome'>, job: string): Promise<NodeOutcome | null> {
  const said = await readAs(outcome, outcomeSchema);
  return said?.job === job ? said : null;
}

/** Writes what is known of an outcome; what else it has stays in the process. */
export const writeOutcome = (file: string, outcome: NodeOutcome): Promise<void> =>
  writeDurably(file, `${JSON.stringify(z.object(outcomeSchema.shape).parse(outcome))}\n`);

async function readAs<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

/** After it nobody is about to submit a measurement any more. Chosen: `sbatch` answers within seconds, or gives up. */
export const CLAIM_MS = 120_000;

/** How long ago the file of a measurement was made, ms; null where there is none. */
export async function ageOf({ file }: Pick<JobPlace, 'file'>): Promise<number | null> {
  const made = await stat(file).catch(() => null);
  return made && Date.now() - made.mtimeMs;
}

/**
 * Removes the files of a measurement of a job, unless another job has it by now; `job`: null where it has none. The last one
 * of a job takes the job's log along, which else stays where a person may need it.
 */
export async function removeJob(place: JobPlace, job: string | null, keepLog: boolean): Promise<void> {
  const known = await readJob(place.file);
  if (known !== null && known.job !== job) return;
  const isLast = known === null || known.position === known.of - 1;
  const log = job === null || keepLog || !isLast ? null : logOf(place, job);
  for (const file of [place.outcome, log, place.file]) if (file !== null) await rm(file, { force: true });
}

export const logOf = ({ log }: Pick<JobPlace, 'log'>, job: string): string => log.replace('%j', job);

/** The last lines that a job has printed; empty where it printed nothing. */
export async function endOfLog(place: JobPlace, job: string): Promise<string> {
  const file = logOf(place, job);
  if (!existsSync(file)) return '';
  return (await readFile(file, 'utf8')).slice(-2000);
}

/** A measurement that a job makes, or is to make. */
export interface FoundJob extends Pick<MeasureTask, 'id' | 'label' | 'repetition'> {
  /** The number of the job; null before Slurm has given one. */
  job: string | null;
  /** When that was noted, ms since 1970. */
  written_ms: number;
}

/** What runs have noted in a folder of measurements by jobs whose outcome is not recorded, in the order of their names. */
export async function readJobsIn(folder: string): Promise<FoundJob[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  const files = names.filter((name) => /^[0-9a-f]+\.json$/.test(name)).toSorted();
  const found = files.map(async (name): Promise<FoundJob[]> => {
    const file = join(folder, name);
    const [known, made] = await Promise.all([readJob(file), stat(file).catch(() => null)]);
    if (known === null || made === null) return [];
    const { id, label, repetition } = known.task;
    return [{ id, label, repetition, job: known.job, written_ms: made.mtimeMs }];
  });
  return (await Promise.all(found)).flat();
}

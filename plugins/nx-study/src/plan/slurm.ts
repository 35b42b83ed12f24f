import { z } from 'zod';
import type { Problem } from '../yaml/problem.ts';
import { studyTexts } from './texts.ts';

const name = z.string().min(1);

/** Options of sbatch that identify a job and its place, or change what sbatch does or says. It takes beginnings of long ones as well. */
const OWN_LETTERS = 'aDeFhiJMnNoVW';
const OWN_WORDS =
  'array chdir clusters comment error export help input job-name nodefile nodes no-requeue ntasks output parsable requeue test-only usage version wait wrap';
const beginningsOf = (word: string): string[] => Array.from(word, (_, index) => word.slice(0, index + 1));
const OWN = OWN_WORDS.split(' ').flatMap(beginningsOf);
const EXTRA = new RegExp(`^-(?:(?![${OWN_LETTERS}])[A-Za-z]|-(?!(?:${[...new Set(OWN)].join('|')})(?:=|$))[a-z]).*$`);

const settingsShape = {
  partition: name.nullable().describe('The partition; that of the cluster when left out.'),
  account: name.nullable().describe('The account that is charged.'),
  gres: name.nullable().describe('Devices that each job needs, such as `gpu:1`.'),
  nodelist: name
    .nullable()
    .describe(
      'The nodes that may measure, such as `gpu[1-4]`: the first lane has the first of them, and so on, and from the first again where there are more lanes.',
    ),
  constraint: name.nullable().describe('Features that a node must have.'),
  time: z
    .string()
    .regex(/^(\d+-)?\d+(:\d{1,2}){0,2}$/, 'this must be minutes, or a time such as `1:30:00` or `2-00:00:00`')
    .nullable()
    .describe('The longest time of one job, such as `1:30:00`; that of the partition when left out.'),
  exclusive: z
    .boolean()
    .describe('Whether a job has its node for itself, with all of its memory; so it is when left out.'),
  prepare: z
    .enum(['node', 'here'])
    .describe(
      'Where environments of workers are built and models fetched: by the first job that needs them, on its `node`, as when left out; or `here`, where nx runs, before jobs are submitted.',
    ),
  pack: z
    .int()
    .min(1)
    .max(1000)
    .describe(
      'How many measurements of a lane one job makes at most, one after another; 1 when left out. `time` is for all of them.',
    ),
  extra: z
    .array(z.string().regex(EXTRA, 'this must be one option of sbatch that nx-study does not set itself'))
    .describe('Further options of `sbatch`, as they are, such as `--qos=high`.'),
};

const complete = z.strictObject(settingsShape);
const settings = complete.partial();

/** What a job asks Slurm for, in the words of `sbatch`; null leaves it to the cluster. */
export type SlurmSettings = z.infer<typeof complete>;

const runner = z
  .enum(['local', 'slurm'])
  .describe('What starts the measurements: this machine, or Slurm with one job for each.');

const slurm = settings
  .extend({
    workers: z
      .record(name, settings)
      .optional()
      .describe('Worker → what its jobs ask for otherwise than those of all workers.'),
  })
  .describe('What jobs ask Slurm for, with `runner: slurm`.');

/** Settings as they are written: what is left out is said elsewhere, or nowhere. */
export type WrittenSlurm = z.infer<typeof slurm>;

/** The keys of a study's `execution` that say what starts its measurements. */
export const runnerShape = { runner: runner.default('local'), slurm: slurm.default({}) };

/** What a person may say of the same in a file of their own. */
export const ownRunnerSchema = z.strictObject({ runner: runner.optional(), slurm: slurm.optional() });

const UNSAID: SlurmSettings = {
  partition: null,
  account: null,
  gres: null,
  nodelist: null,
  constraint: null,
  time: null,
  exclusive: true,
  prepare: 'node',
  pack: 1,
  extra: [],
};

/** What the jobs of a worker ask for: its own settings over those of all workers. */
export const slurmFor = (written: WrittenSlurm, worker: string): SlurmSettings =>
  ({ ...UNSAID, ...forAll(written), ...forOne(written, worker) }) as SlurmSettings;

/**
 * Settings with others over them. What is said for all workers counts more than what was said for one of them further below:
 * the partition of a user's own cluster replaces each one that the study names.
 */
export function slurmOver(lower: WrittenSlurm, upper: WrittenSlurm): WrittenSlurm {
  const all = forAll(upper);
  const workers: NonNullable<WrittenSlurm['workers']> = {};
  for (const worker of [...namesIn(lower), ...namesIn(upper)]) {
    const kept = Object.entries(forOne(lower, worker)).filter(([key]) => !Object.hasOwn(all, key));
    workers[worker] = { ...Object.fromEntries(kept), ...forOne(upper, worker) };
  }
  return { ...forAll(lower), ...all, ...(Object.keys(workers).length > 0 && { workers }) };
}

/** Settings as one place has them: the study, a file of the user's own, or the environment of one run. */
export interface SlurmLayer {
  from: string;
  slurm: WrittenSlurm;
}

/** Setting → the place that it comes from, for the jobs of a worker; later layers count more. What nobody says is missing. */
export function slurmOrigins(
  layers: readonly SlurmLayer[],
  worker: string,
): Partial<Record<keyof SlurmSettings, string>> {
  const said = layers.flatMap(({ from, slurm: written }) =>
    [...Object.keys(forAll(written)), ...Object.keys(forOne(written, worker))].map((key) => [key, from] as const),
  );
  return Object.fromEntries(said);
}

/** The names of workers with settings of their own. */
export const namesIn = ({ workers = {} }: WrittenSlurm): string[] => Object.keys(workers);

/** Refuses settings for workers that a study doesn't have: nobody would notice that they have no effect. */
export function checkSlurmWorkers({ slurm: written }: { slurm: WrittenSlurm }, known: readonly string[]): Problem[] {
  return namesIn(written)
    .filter((worker) => !known.includes(worker))
    .map((worker) => ({
      at: ['execution', 'slurm', 'workers', worker],
      key: true,
      secondary: true,
      ...studyTexts.unknownSlurmWorker(worker, known),
    }));
}

function forAll(written: WrittenSlurm): Omit<WrittenSlurm, 'workers'> {
  const { workers: _, ...all } = written;
  return all;
}

const forOne = ({ workers = {} }: WrittenSlurm, worker: string): Omit<WrittenSlurm, 'workers'> =>
  Object.hasOwn(workers, worker) ? workers[worker]! : {};

import { z } from 'zod';

const name = z.string().min(1);

/** An option of sbatch; neither one of those that identify a job and its place, nor one that changes what sbatch does. */
const EXTRA =
  /^-(?!-?(?:a|D|J|W|o|e|h|i|array|chdir|comment|error|export|help|input|job-name|nodes|ntasks|output|parsable|requeue|no-requeue|test-only|usage|version|wait|wrap)(?![a-z-]))(?:[A-Za-z]|-[a-z]).*$/;

const slurm = z.strictObject({
  partition: name.nullable().default(null).describe('The partition; that of the cluster when left out.'),
  account: name.nullable().default(null).describe('The account that is charged.'),
  gres: name.nullable().default(null).describe('Devices that each job needs, such as `gpu:1`.'),
  nodelist: name
    .nullable()
    .default(null)
    .describe('The nodes that may measure, such as `gpu[1-4]`; with as many as lanes, each lane keeps one of them.'),
  constraint: name.nullable().default(null).describe('Features that a node must have.'),
  time: z
    .string()
    .regex(/^(\d+-)?\d+(:\d{1,2}){0,2}$/, 'this must be minutes, or a time such as `1:30:00` or `2-00:00:00`')
    .nullable()
    .default(null)
    .describe('The longest time of one job, such as `1:30:00`; that of the partition when left out.'),
  exclusive: z.boolean().default(true).describe('Whether a job has its node for itself, with all of its memory.'),
  extra: z
    .array(z.string().regex(EXTRA, 'this must be one option of sbatch that nx-study does not set itself'))
    .default([])
    .describe('Further options of `sbatch`, as they are, such as `--qos=high`.'),
});

/** The keys of a study's `execution` that say what starts its measurements. */
export const runnerShape = {
  runner: z
    .enum(['local', 'slurm'])
    .default('local')
    .describe('What starts the measurements: this machine, or Slurm with one job for each.'),
  slurm: slurm.prefault({}).describe('What jobs ask Slurm for, with `runner: slurm`.'),
};

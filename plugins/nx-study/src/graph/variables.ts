import { z } from 'zod';

/**
 * The variables by which Slurm tells a job its devices (its guide to generic resources). Their values are places on a node: another
 * job has others for the same measurement.
 */
const SET_BY_SLURM = ['CUDA_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES', 'GPU_DEVICE_ORDINAL', 'ZE_AFFINITY_MASK'];

/** Takes along with a job which values these variables had where it was submitted, as JSON. */
const SUBMITTED = 'NX_STUDY_SUBMITTED_DEVICES';
const submittedSchema = z.record(z.string(), z.string().nullable());

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The value that a variable has in identities; null where it is not set. Within a job a variable that Slurm sets counts as it was
 * where the job was submitted.
 * @throws SyntaxError or ZodError where what was taken along is no record of values.
 */
export function identityVariable(name: string, environment: Variables = process.env): string | null {
  const submitted = environment[SUBMITTED];
  if (submitted !== undefined && SET_BY_SLURM.includes(name))
    return submittedSchema.parse(JSON.parse(submitted))[name] ?? null;
  return environment[name] ?? null;
}

/** What a job needs in its environment for the same identities as here. */
export const variablesOfJobs = (environment: Variables = process.env): Record<string, string> => ({
  [SUBMITTED]: JSON.stringify(
    Object.fromEntries(SET_BY_SLURM.map((name) => [name, identityVariable(name, environment)])),
  ),
});

/** The devices that Slurm gave this job: variable → value; null outside of jobs, and where it gave none. */
export function devicesOfJob(environment: Variables = process.env): Record<string, string> | null {
  if (environment['SLURM_JOB_ID'] === undefined) return null;
  const set = SET_BY_SLURM.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  return set.length === 0 ? null : Object.fromEntries(set);
}

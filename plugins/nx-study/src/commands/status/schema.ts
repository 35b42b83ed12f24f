import { z } from 'zod';
import { supervisorSchema } from '../../record/schema.ts';
import { states } from '../../state/states.ts';

const seconds = z.number();
const known = z.union([
  z.strictObject({ value: z.number(), reason: z.null() }),
  z.strictObject({ value: z.null(), reason: z.string() }),
]);

const rangeSchema = z.strictObject({ expected_s: seconds, low_s: seconds, high_s: seconds });

/**
 * What happens now. `preparing`: reads records, makes environments, fetches assets. `elsewhere`: the same run measures
 * another study. `storing`: Nx keeps results in its cache, and will go on. `interrupted`: whoever measured is gone.
 */
const activities = [
  'measuring',
  'cooling',
  'waiting',
  'preparing',
  'elsewhere',
  'storing',
  'interrupted',
  'idle',
] as const;
export type Activity = (typeof activities)[number];

/** Whether more is to be expected without anybody's doing. */
export const goesOn = (activity: Activity): boolean => activity !== 'interrupted' && activity !== 'idle';

const runningSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  repetition: z.number(),
  /** From 1, in the plan; null when the plan doesn't contain it any more. */
  position: z.number().nullable(),
  attempt: z.number(),
  started_at: z.string(),
  elapsed_s: seconds,
  /** null before the worker's first event. */
  phase: z.string().nullable(),
  progress: z.strictObject({ done: z.number(), total: z.number().nullable(), unit: z.string() }).nullable(),
  /** Units of its progress in a second; null while two events are missing. */
  rate_per_s: z.number().nullable(),
  /** Of this phase, by its rate. */
  phase_left_s: seconds.nullable(),
  /** How long so many of the same experiment took before, else of the same worker. */
  usual: rangeSchema.extend({ from: z.number() }).nullable(),
  left_s: seconds.nullable(),
  /** Since the worker's last event of any kind; null when there was none. */
  silent_s: seconds.nullable(),
  /** It used to send heartbeats, and doesn't any more. */
  stale: z.boolean(),
  supervisor: supervisorSchema,
});
export type Running = z.infer<typeof runningSchema>;

/** What `status --json` prints: where a study stands, by its journal and what lies on the disk. */
export const statusSchema = z.strictObject({
  study: z.string(),
  at: z.string(),
  activity: z.enum(activities),
  /** What a person should know of it: who holds the device, why it was interrupted. */
  activity_detail: z.string().nullable(),
  measurements: z.number(),
  counts: z.record(z.enum(states), z.number()),
  running: runningSchema.nullable(),
  cooling: z
    .strictObject({
      id: z.string(),
      label: z.string(),
      until: z.string().nullable(),
      left_s: seconds.nullable(),
      reading: z.string().nullable(),
    })
    .nullable(),
  /** Jobs of Slurm that measure, or are to measure. */
  jobs: z.array(
    z.strictObject({
      /** null while it is submitted, and where its run was killed then. */
      job: z.string().nullable(),
      measurements: z.array(z.strictObject({ id: z.string(), label: z.string(), repetition: z.number() })),
      /** `ended`: Slurm doesn't know it any more, or says so; its outcome is not recorded yet; or its run is gone. `unknown`: Slurm doesn't answer. */
      stands: z.enum(['submitting', 'queued', 'running', 'ended', 'unknown']),
      /** In Slurm's words; null where it says nothing. */
      state: z.string().nullable(),
      /** Why it waits, in Slurm's words. */
      reason: z.string().nullable(),
      node: z.string().nullable(),
      ran_s: seconds.nullable(),
      submitted_s: seconds,
    }),
  ),
  /** Since when Slurm does not say what these jobs do, and why; null where it does, or there are none. */
  slurm_silent: z.strictObject({ since: z.string(), reason: z.string() }).nullable(),
  /** Until all that is to be done is done; of the run that goes on, else of the next one. */
  left: z.strictObject({
    measurements: z.number(),
    /** Without gaps; null when nothing similar was measured before. */
    measuring: rangeSchema.nullable(),
    /** Measurements that the sum leaves out, as nothing similar was measured before. */
    without_estimate: z.number(),
    gaps_s: seconds,
  }),
  /** Of the CPU. */
  temperature_c: known,
  /** The last ones first. */
  failures: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      at: z.string(),
      state: z.enum(states),
      type: z.string(),
      phase: z.string().nullable(),
      message: z.string(),
    }),
  ),
  /** Executor processes that live, or whose end nobody noted. */
  supervisors: z.array(
    z.strictObject({ ...supervisorSchema.shape, state: z.enum(['alive', 'gone', 'elsewhere']), since: z.string() }),
  ),
  remarks: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});
export type Status = z.infer<typeof statusSchema>;

/** Whether jobs of Slurm are still to end, so that more is to be expected. */
export const hasLiveJobs = ({ jobs }: Pick<Status, 'jobs'>): boolean => jobs.some(({ stands }) => stands !== 'ended');

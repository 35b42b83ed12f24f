import { join } from 'node:path';
import { groupBy } from '../../base/group-by.ts';
import { CLAIM_MS, readJobsIn } from '../../measure/slurm/job-file.ts';
import type { FoundJob } from '../../measure/slurm/job-file.ts';
import { studyDirectory } from '../../record/paths.ts';
import { hasEnded } from '../../slurm/jobs.ts';
import { lookAtJobs } from '../../slurm/look.ts';
import type { SeenJob } from '../../slurm/look.ts';
import type { Status } from './schema.ts';

export type StatusJob = Status['jobs'][number];

/** The jobs of a study, and why Slurm does not say what they do; null where it does. */
export interface Jobs {
  jobs: StatusJob[];
  unknown: string | null;
}

/** Jobs as they were at the last look. */
export interface FollowedJobs extends Pick<Jobs, 'jobs'> {
  silent: Status['slurm_silent'];
}

type LookAtStudy = (now: number) => Promise<Jobs>;

// Slurm's controller serves a whole cluster.
const LOOK_EVERY_MS = 10_000;

/** Follows the jobs of a study. Only the first call waits for Slurm, which may take long where it does not answer. */
export function followJobs(look: LookAtStudy): { look(now: number): Promise<FollowedJobs> } {
  let last: (FollowedJobs & { at: number }) | null = null;
  let isLooking = false;
  const lookOnce = async (now: number) => {
    isLooking = true;
    const { jobs, unknown } = await look(now).finally(() => (isLooking = false));
    const since = last?.silent?.since ?? new Date(now).toISOString();
    last = { jobs, silent: unknown === null ? null : { since, reason: unknown }, at: now };
    return last;
  };
  return {
    async look(now) {
      if (last === null) return lookOnce(now);
      // What goes wrong on the disk goes wrong for the rest of the status as well, and is said there.
      if (!isLooking && now - last.at >= LOOK_EVERY_MS) void lookOnce(now).catch(() => {});
      return last;
    },
  };
}

/** The jobs of Slurm that measure a study, by the files that runs keep of them, and what Slurm says of them. */
export async function jobsOf(
  workspaceRoot: string,
  study: string,
  { look = lookAtJobs, now = Date.now() }: { look?: typeof lookAtJobs; now?: number } = {},
): Promise<Jobs> {
  const found = await readJobsIn(join(studyDirectory(workspaceRoot, study), 'slurm'));
  if (found.length === 0) return { jobs: [], unknown: null };
  const ids = [...new Set(found.flatMap(({ job }) => job ?? []))];
  const seen = await look(ids);
  const known = 'reason' in seen ? [] : seen;
  const jobs = [...groupBy(found, (one) => one.job ?? isForgotten(one, now))].map(([, own]) =>
    jobOf(own, { seen: known.find(({ id }) => id === own[0]!.job) ?? null, isAsked: !('reason' in seen), now }),
  );
  return { jobs, unknown: 'reason' in seen ? seen.reason : null };
}

/** Whether the run that was to submit it is gone: it would have noted a number by now. */
const isForgotten = ({ written_ms }: FoundJob, now: number): boolean => now - written_ms > CLAIM_MS;

interface Look {
  seen: SeenJob | null;
  /** Whether Slurm has answered. */
  isAsked: boolean;
  now: number;
}

function jobOf(own: readonly FoundJob[], { seen, isAsked, now }: Look): StatusJob {
  const [first] = own as [FoundJob];
  return {
    job: first.job,
    measurements: own.map(({ id, label, repetition }) => ({ id, label, repetition })),
    stands: standsOf(first, { seen, isAsked, now }),
    state: seen?.state ?? null,
    reason: seen?.reason ?? null,
    node: seen?.node ?? null,
    ran_s: seen?.ran_s ?? null,
    submitted_s: Math.max(0, (now - Math.min(...own.map(({ written_ms }) => written_ms))) / 1000),
  };
}

function standsOf(found: FoundJob, { seen, isAsked, now }: Look): StatusJob['stands'] {
  if (found.job === null) return isForgotten(found, now) ? 'ended' : 'submitting';
  if (!isAsked) return 'unknown';
  if (seen === null || hasEnded(seen.state)) return 'ended';
  return seen.state === 'PENDING' ? 'queued' : 'running';
}

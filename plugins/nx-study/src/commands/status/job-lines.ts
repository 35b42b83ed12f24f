import { duration } from '../../base/duration.ts';
import type { Status } from './schema.ts';

type Job = Status['jobs'][number];

/** The jobs of Slurm for a person, a line for each. */
export const jobLines = ({ jobs }: Pick<Status, 'jobs'>): string[] =>
  jobs.map((job) => `${standsText(job)}: ${measurementsText(job)}`);

function standsText({ job, stands, state, reason, node, ran_s, submitted_s }: Job): string {
  const place = node === null ? '' : ` on ${node}`;
  const since = duration(submitted_s);
  switch (stands) {
    case 'submitting':
      return `being submitted, for ${since}`;
    case 'queued':
      return `job ${job} is queued${reason === null ? '' : ` (${reason})`}, for ${since}`;
    case 'running':
      return `job ${job} runs${place}${ran_s === null ? '' : `, for ${duration(ran_s)}`}${state === 'RUNNING' ? '' : ` (${state})`}`;
    case 'ended':
      if (job === null) return 'its run is gone, and noted no job; the next run looks for it, and submits it';
      return `job ${job} ${state === null ? 'is not known to Slurm any more' : `ended${place} with ${state}`}, not recorded yet`;
    case 'unknown':
      return `job ${job}, submitted ${since} ago`;
  }
}

const SHOWN = 3;

function measurementsText({ measurements }: Job): string {
  const names = measurements.map(({ label, repetition }) =>
    repetition > 1 ? `${label}, repetition ${repetition}` : label,
  );
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

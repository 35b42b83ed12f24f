/** A job as `squeue` lists it. */
export interface ListedJob {
  id: string;
  /** In Slurm's words, such as PENDING. */
  state: string;
  /** null before it has one. */
  node: string | null;
  user: string;
  name: string;
  /** Why it waits, or ended; in Slurm's words. */
  reason: string;
  comment: string;
}

/** The columns that `listedJobs` reads. The comment comes last, for it may contain anything. */
export const LIST_FORMAT = '%i|%T|%N|%u|%j|%r|%k';

/** Jobs from the output of `squeue --noheader --format` with that format. */
export function listedJobs(output: string): ListedJob[] {
  return output.split('\n').flatMap((line) => {
    const [id, state, node, user, name, reason, ...comment] = line.split('|');
    if (reason === undefined || comment.length === 0) return [];
    return [
      { id: id!, state: state!, node: node || null, user: user!, name: name!, reason, comment: comment.join('|') },
    ];
  });
}

/** How a job ended. */
export interface Ending {
  /** In Slurm's words, such as NODE_FAIL; null where Slurm doesn't know the job any more. */
  state: string | null;
  /** null where it never had one. */
  node: string | null;
  /** `0:0`: the exit code and the signal; null where it isn't known. */
  exit: string | null;
  /** null where Slurm gives none. */
  reason: string | null;
}

export const UNKNOWN_ENDING: Ending = { state: null, node: null, exit: null, reason: null };

/** How a job ended, from the output of `scontrol --oneliner show job`. */
export function endingShown(output: string): Ending {
  const field = (name: string) => {
    const value = new RegExp(`(?:^| )${name}=(\\S+)`).exec(output)?.[1];
    return value === undefined || ['(null)', 'None'].includes(value) ? null : value;
  };
  return { state: field('JobState'), node: field('NodeList'), exit: field('ExitCode'), reason: field('Reason') };
}

/** The fields of `sacct` that `endingAccounted` reads. */
export const ACCOUNT_FORMAT = 'State,ExitCode,NodeList,Reason';

/** The same from the output of `sacct --noheader --allocations --parsable2`; `CANCELLED by 0` is CANCELLED. */
export function endingAccounted(output: string): Ending {
  const [state, exit, node, reason] = (output.split('\n')[0] ?? '').split('|');
  const known = (text: string | undefined) => (!text || text === 'None' || text === 'None assigned' ? null : text);
  return { state: known(state?.split(' ')[0]), exit: known(exit), node: known(node), reason: known(reason) };
}

const ENDED = new Set([
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
]);

/** Whether nothing of a job runs any more, or will. */
export const hasEnded = (state: string | null): boolean => state === null || ENDED.has(state);

export const isPending = (state: string): boolean => state === 'PENDING';

/** Whether a job waits for a node that is drained, down or reserved, so that it may wait for ever. */
export const waitsForLostNode = ({ state, reason }: Pick<ListedJob, 'state' | 'reason'>): boolean =>
  isPending(state) && /ReqNodeNotAvail|DOWN|DRAINED/.test(reason);

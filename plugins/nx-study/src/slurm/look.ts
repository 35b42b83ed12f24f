import { reasonOf } from '../base/reason.ts';
import { runProgram } from './client.ts';

/** A job as a person wants to see it. */
export interface SeenJob {
  id: string;
  /** In Slurm's words, such as PENDING. */
  state: string;
  /** null before it has one. */
  node: string | null;
  /** How long it has run, s, by the controller's clock; null while it waits. */
  ran_s: number | null;
  /** Why it waits, in Slurm's words; null where Slurm gives no reason. */
  reason: string | null;
}

const FORMAT = '%i|%T|%N|%M|%r';
// A person waits for it.
const TIMEOUT_MS = 10_000;

/** These jobs as Slurm has them now; those that it doesn't know any more are missing. Returns a text where it doesn't answer. */
export async function lookAtJobs(ids: readonly string[]): Promise<SeenJob[] | { reason: string }> {
  if (ids.length === 0) return [];
  const options = ['--noheader', '--states=all', `--jobs=${ids.join(',')}`, `--format=${FORMAT}`];
  try {
    return seenJobs(await runProgram('squeue', options, { timeout_ms: TIMEOUT_MS }));
  } catch (error) {
    const reason = reasonOf(error);
    // What it says of a single job that is gone; of several it leaves those out.
    return /invalid job id/i.test(reason) ? [] : { reason };
  }
}

/** Jobs from the output of `squeue --noheader --format='%i|%T|%N|%M|%r'`. */
export function seenJobs(output: string): SeenJob[] {
  return output.split('\n').flatMap((line) => {
    const [id, state, node, ran, reason] = line.split('|');
    if (reason === undefined) return [];
    const isWaiting = state === 'PENDING';
    return [
      {
        id: id!,
        state: state!,
        node: node || null,
        ran_s: isWaiting ? null : secondsOf(ran!),
        reason: reason === 'None' || reason === '' ? null : reason,
      },
    ];
  });
}

/** `5:07`, `1:02:03` and `2-03:04:05` in seconds; null for anything else, such as INVALID where clocks differ. */
function secondsOf(text: string): number | null {
  const parts = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(text);
  if (parts === null) return null;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
}

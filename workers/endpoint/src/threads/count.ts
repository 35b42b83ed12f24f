import { availableParallelism } from 'node:os';
import type { Workload } from '../client.ts';
import { rateOf } from '../load/rate.ts';

// By `npm run bench -- server`: 512 users with 50 tokens/s each take a thread 0.7 of a core at most. For arrivals two threads take 1.3 times
// the CPU time of one at 51,000 tokens/s, and are no earlier at the median.
const USERS_A_THREAD = 512;
const TOKENS_PER_S_A_THREAD = 55_000;

/**
 * How many threads send and read: by the asked load alone, so that all repetitions have the same number on one machine, and no more
 * than there are cores. `asked`: of the configuration; null: none.
 */
export function threadsFor(
  workload: Pick<Workload, 'load' | 'trace' | 'new_tokens'>,
  asked: number | null,
  cores = availableParallelism(),
): number {
  if (asked !== null) return asked;
  const { load, new_tokens } = workload;
  const needed =
    load.mode === 'closed'
      ? load.concurrency / USERS_A_THREAD
      : ((rateOf(workload) ?? 0) * new_tokens) / TOKENS_PER_S_A_THREAD;
  return Math.max(1, Math.min(cores, Math.ceil(needed)));
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { dataFolder } from '../../record/data-folder.ts';
import { tried } from '../../base/errno.ts';
import type { Batch } from '../batch/batch.ts';

const LEAST_MS = 10_000;
// For so long another machine waits for results, and what else this run of Nx has to do.
const MOST_MS = 600_000;
const OVERHEAD = 0.01;

// Measured with Nx 24 on two quiet cores, with as many tasks left to check: 0.40 s a batch for 500 tasks, 0.49 s for 2,000.
const GUESS_MS = 300;
const GUESS_PER_TASK_MS = 0.12;

/**
 * How long a batch should last, ms, so that what lies between two batches (Nx's caching and uploads, finding what is left to
 * do) stays below 1 % of it; `between` is how long that took before this batch, null where it isn't known.
 */
export function batchLength(between_ms: number | null, tasks: number): number {
  const cost = between_ms ?? GUESS_MS + GUESS_PER_TASK_MS * tasks;
  return Math.min(MOST_MS, Math.max(LEAST_MS, cost / OVERHEAD));
}

/** Decides when a batch has lasted long enough. */
export interface Pace {
  /** The first of its tasks is about to be measured. */
  begin(nx: Batch['nx']): void;
  isOver(): boolean;
  /** Remembers the end of this batch, for the next one of the same run of Nx. */
  end(): void;
}

const endSchema = z.object({
  nx: z.object({ pid: z.int(), start_time: z.string() }),
  /** By a clock that nobody sets, which all processes of a host share. */
  ended_ms: z.number(),
});

export function openPace(workspaceRoot: string, tasks: number, now: () => number = monotonic): Pace {
  const file = join(dataFolder(workspaceRoot), 'batch.json');
  let nx: Batch['nx'] = null;
  let began_ms = now();
  let length_ms = batchLength(null, tasks);
  return {
    begin(run) {
      nx = run;
      began_ms = now();
      const ended_ms = endOf(file, nx);
      length_ms = batchLength(ended_ms === null ? null : began_ms - ended_ms, tasks);
    },
    isOver: () => now() - began_ms >= length_ms,
    end() {
      // A hint: without it the next batch's length is a guess.
      tried(() => {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, JSON.stringify({ nx, ended_ms: now() }));
      });
    },
  };
}

function endOf(file: string, nx: Batch['nx']): number | null {
  if (nx === null) return null;
  try {
    const last = endSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return last.nx.pid === nx.pid && last.nx.start_time === nx.start_time ? last.ended_ms : null;
  } catch {
    return null;
  }
}

const monotonic = (): number => Number(process.hrtime.bigint() / 1_000_000n);

import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../base/reason.ts';
import { jobsNamed } from './client.ts';
import type { ListedJob } from './jobs.ts';
import { slurmTexts } from './texts.ts';

/** The queue of Slurm, which all lanes of a run watch together. */
export interface Queue {
  /** The jobs of this name at the next look, some seconds from now. It stays open while `squeue` fails, and once it is closed. */
  next(name: string): Promise<ListedJob[]>;
  close(): void;
}

interface Watch {
  /** Gets it when `squeue` fails. */
  print: (line: string) => void;
  look?: (names: Iterable<string>) => Promise<ListedJob[]>;
  first_ms?: number;
}

const FIRST_MS = 2000;
const MOST_MS = 10_000;
const SLOWER = 1.3;

/** Looks every 2 s at first, and less and less often while nothing changes, at most every 10 s. */
export function openQueue({ print, look = jobsNamed, first_ms = FIRST_MS }: Watch): Queue {
  let waiting = new Map<string, ((jobs: ListedJob[]) => void)[]>();
  const closed = new AbortController();
  let pause_ms = first_ms;
  let last = '';
  let isLooking = false;
  return {
    next(name) {
      const found = new Promise<ListedJob[]>((resolve) => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
      });
      if (!isLooking) void lookOn();
      return found;
    },
    close: () => closed.abort(),
  };

  async function lookOn(): Promise<void> {
    isLooking = true;
    while (waiting.size > 0 && !closed.signal.aborted) {
      await sleep(pause_ms, undefined, { signal: closed.signal }).catch(() => {});
      if (!closed.signal.aborted) await lookOnce();
    }
    isLooking = false;
  }

  async function lookOnce(): Promise<void> {
    const asked = waiting;
    waiting = new Map();
    try {
      const jobs = await look(asked.keys());
      const seen = JSON.stringify(jobs);
      pause_ms = seen === last ? Math.min(MOST_MS, pause_ms * SLOWER) : first_ms;
      last = seen;
      for (const [name, resolves] of asked)
        for (const resolve of resolves) resolve(jobs.filter((job) => job.name === name));
    } catch (error) {
      for (const [name, resolves] of asked) waiting.set(name, [...resolves, ...(waiting.get(name) ?? [])]);
      pause_ms = MOST_MS;
      print(slurmTexts.noQueue(reasonOf(error)));
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { stoppedBy } from '../../kits/node/inference/index.ts';
import type { MeasureRules } from '../../kits/node/inference/index.ts';
import { arrivals } from './arrivals.ts';
import type { Prompt } from './prompts.ts';
import type { Reply } from './stream.ts';

export interface Answered {
  prompt: Prompt;
  reply: Reply;
}

/** A request that was sent, and when it was due; null in a closed loop. */
export interface Sent extends Answered {
  scheduled_s: number | null;
}

export interface LoopResult {
  /** In order of their start. */
  sent: Sent[];
  stopped_by: 'enough' | 'max_s';
  /** From the first start until no more were started: afterwards fewer than asked were under way. */
  issuing_s: number;
}

export interface Loop {
  rules: { requests: number; min_s: number; max_s: number };
  /** Sends the request of that index. */
  send(index: number): Promise<Answered>;
  /** After every request: how many are done. */
  onDone(done: number): void;
}

// A server that refuses at once must not be asked thousands of times.
const PAUSE_AFTER_AN_ERROR_MS = 500;

/** So many users, each of whom sends the next request when the last one is answered. */
export async function closedLoop(concurrency: number, loop: Loop): Promise<LoopResult> {
  const watch = watchOf(loop);
  const sent: Sent[] = [];
  let started = 0;
  const user = async () => {
    while (!watch.isOver(started)) {
      const answered = await loop.send(started++);
      sent.push({ scheduled_s: null, ...answered });
      watch.done();
      if (answered.reply.error) await sleep(PAUSE_AFTER_AN_ERROR_MS);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, user));
  return { sent: byStart(sent), ...watch.verdict() };
}

/** Requests at their times, whatever became of those before; one that starts late shows it. */
export async function openLoop(rate: number, key: { seed: number; workload: number }, loop: Loop): Promise<LoopResult> {
  const watch = watchOf(loop);
  const begin = performance.now();
  const sent: Promise<Sent>[] = [];
  let problem: { error: unknown } | null = null;
  for (const due_s of arrivals(rate, key.seed, key.workload)) {
    // The end may come while nothing is due.
    const wait_s = Math.min(due_s, loop.rules.max_s) - (performance.now() - begin) / 1000;
    if (wait_s > 0) await sleep(wait_s * 1000);
    if (watch.isOver(sent.length) || due_s > loop.rules.max_s) break;
    if (problem !== null) break;
    const scheduled_s = begin / 1000 + due_s;
    const promise = loop.send(sent.length).then((answered) => {
      watch.done();
      return { scheduled_s, ...answered };
    });
    promise.catch((error: unknown) => (problem ??= { error }));
    sent.push(promise);
  }
  const verdict = watch.verdict();
  return { sent: byStart(await Promise.all(sent)), ...verdict };
}

const byStart = (sent: Sent[]): Sent[] => sent.toSorted((a, b) => a.reply.start_s - b.reply.start_s);

function watchOf({ rules, onDone }: Loop) {
  const { requests: iterations, min_s, max_s } = rules;
  const limits: MeasureRules = { iterations, min_s, max_s, memory_iterations: 0 };
  const begin = performance.now();
  let done = 0;
  let ended: { stopped_by: 'enough' | 'max_s'; issuing_s: number } | null = null;
  return {
    isOver(started: number): boolean {
      const elapsed_s = (performance.now() - begin) / 1000;
      const stopped_by = stoppedBy(limits, started, elapsed_s);
      if (stopped_by !== null) ended ??= { stopped_by, issuing_s: elapsed_s };
      return ended !== null;
    },
    done: () => onDone((done += 1)),
    verdict: () => ended ?? { stopped_by: 'max_s' as const, issuing_s: (performance.now() - begin) / 1000 },
  };
}

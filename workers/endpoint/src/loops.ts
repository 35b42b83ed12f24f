import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { clock_s } from '../../kits/node/inference/time.ts';
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
  window: Window;
}

/** In which the asked load was kept, on the clock of this process; or why there is no such time. */
export type Window = { from_s: number; to_s: number } | { reason: string };

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
  let underWay_s: number | null = null;
  const begun = new Set<number>();
  const user = async (place: number) => {
    while (!watch.isOver(started)) {
      const answer = loop.send(started++);
      if (begun.add(place).size === concurrency) underWay_s ??= clock_s();
      const answered = await answer;
      sent.push({ scheduled_s: null, ...answered });
      watch.done();
      if (answered.reply.error) await sleep(PAUSE_AFTER_AN_ERROR_MS);
    }
  };
  const users: Promise<void>[] = [];
  for (let place = 0; place < concurrency; place += 1) {
    users.push(user(place));
    users.at(-1)!.catch(() => {}); // Heard below.
    // What the first one sends leaves before the next one takes its turn: its time to the first token has no other's start in it.
    await nextTurn();
  }
  await Promise.all(users);
  const { over_s, stopped_by, issuing_s } = watch.verdict();
  return {
    sent: byStart(sent),
    stopped_by,
    issuing_s,
    window: closedWindow(underWay_s, over_s, begun.size, concurrency),
  };
}

/** From when all users had a request under way until the first of them found none to start. */
function closedWindow(from_s: number | null, to_s: number, begun: number, users: number): Window {
  if (from_s === null) return { reason: `only ${begun} of ${users} users had a request to send` };
  if (to_s <= from_s) return { reason: `the last request was started before all ${users} users had one under way` };
  return { from_s, to_s };
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
  const { stopped_by, issuing_s } = watch.verdict();
  const answered = await Promise.all(sent);
  return { sent: byStart(answered), stopped_by, issuing_s, window: openWindow(answered) };
}

/**
 * From the end of the first request to the last arrival. Before, fewer are under way than the rate makes in the long run;
 * afterwards none arrive. `sent` is in order of arrival.
 */
function openWindow(sent: readonly Sent[]): Window {
  const first = sent.find(({ reply }) => reply.error === null && reply.end_s !== null);
  if (!first) return { reason: 'no request ended' };
  const from_s = first.reply.start_s + first.reply.end_s!;
  const to_s = sent.at(-1)!.scheduled_s!;
  return from_s < to_s ? { from_s, to_s } : { reason: 'the last request was due before the first one had ended' };
}

const byStart = (sent: Sent[]): Sent[] => sent.toSorted((a, b) => a.reply.start_s - b.reply.start_s);

function watchOf({ rules, onDone }: Loop) {
  const { requests: iterations, min_s, max_s } = rules;
  const limits: MeasureRules = { iterations, min_s, max_s, memory_iterations: 0 };
  const begin = performance.now();
  let done = 0;
  let ended: { stopped_by: 'enough' | 'max_s'; issuing_s: number; over_s: number } | null = null;
  return {
    isOver(started: number): boolean {
      const elapsed_s = (performance.now() - begin) / 1000;
      const stopped_by = stoppedBy(limits, started, elapsed_s);
      if (stopped_by !== null) ended ??= { stopped_by, issuing_s: elapsed_s, over_s: clock_s() };
      return ended !== null;
    },
    done: () => onDone((done += 1)),
    verdict: () =>
      ended ?? { stopped_by: 'max_s' as const, issuing_s: (performance.now() - begin) / 1000, over_s: clock_s() },
  };
}

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { clock_s } from '../../kits/node/inference/time.ts';
import { stoppedBy } from '../../kits/node/inference/index.ts';
import type { MeasureRules } from '../../kits/node/inference/index.ts';
import { arrivals } from './arrivals.ts';
import type { Prompt } from './prompts.ts';
import type { Reply } from './stream.ts';
import { keptLoad, openWindow } from './window.ts';
import type { Window } from './window.ts';

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
  /** Requests that brought the load up before the first measured one was started. */
  settling: Sent[];
}

export interface Loop {
  rules: { requests: number; min_s: number; max_s: number };
  /** Sends the request of that index. */
  send(index: number): Promise<Answered>;
  /** After every request: how many are done. */
  onDone(done: number): void;
  /** Without it all users of a closed loop begin with a measured request, at once. */
  settle?: Settle;
}

/** A request of each user that isn't measured, so that the measured ones meet the asked load from the first one on. */
export interface Settle {
  /** Over which the users' beginnings are spread: about as long as a request takes. */
  spread_s: number;
  send(user: number): Promise<Answered>;
}

// A server that refuses at once must not be asked thousands of times.
export const PAUSE_AFTER_AN_ERROR_MS = 500;

/** So many users, each of whom sends the next request when the last one is answered. */
export async function closedLoop(concurrency: number, loop: Loop): Promise<LoopResult> {
  const { settle } = loop;
  const watch = watchOf(loop);
  const sent: Sent[] = [];
  const settling: Sent[] = [];
  const kept = keptLoad(concurrency);
  let started = 0;
  const settled = async (user: number) => {
    if (!settle) return;
    await sleep((1000 * settle.spread_s * user) / concurrency);
    const answer = settle.send(user);
    kept.underWay(user);
    settling.push({ scheduled_s: null, ...(await answer) });
    if (settling.at(-1)!.reply.error) await sleep(PAUSE_AFTER_AN_ERROR_MS);
  };
  const user = async (place: number) => {
    await settled(place);
    while (!watch.isOver(started)) {
      const answer = loop.send(started++);
      kept.underWay(place);
      kept.measured();
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
  return { sent: byStart(sent), stopped_by, issuing_s, window: kept.until(over_s), settling: byStart(settling) };
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
  return { sent: byStart(answered), stopped_by, issuing_s, window: openWindow(answered), settling: [] };
}

const byStart = (sent: Sent[]): Sent[] => sent.toSorted((a, b) => a.reply.start_s - b.reply.start_s);

function watchOf({ rules, onDone }: Loop) {
  const { requests: iterations, min_s, max_s } = rules;
  const limits: MeasureRules = { iterations, min_s, max_s, memory_iterations: 0 };
  // From the first look on: what settles before takes none of the time.
  let begin: number | null = null;
  const elapsed_s = () => (performance.now() - (begin ??= performance.now())) / 1000;
  let done = 0;
  let ended: { stopped_by: 'enough' | 'max_s'; issuing_s: number; over_s: number } | null = null;
  return {
    isOver(started: number): boolean {
      const stopped_by = stoppedBy(limits, started, elapsed_s());
      if (stopped_by !== null) ended ??= { stopped_by, issuing_s: elapsed_s(), over_s: clock_s() };
      return ended !== null;
    },
    done: () => onDone((done += 1)),
    verdict: () => ended ?? { stopped_by: 'max_s' as const, issuing_s: elapsed_s(), over_s: clock_s() },
  };
}

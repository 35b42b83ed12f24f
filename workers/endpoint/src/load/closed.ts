import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { byStart, PAUSE_AFTER_AN_ERROR_MS, watchOf } from './loop.ts';
import type { Answered, Loop, LoopResult, Sent } from './loop.ts';
import { keptLoad } from './window.ts';

export interface Users {
  concurrency: number;
  /** How long a user waits between an answer and its next request. */
  think_s: number;
  /** Of each user, before the measured ones; none of a single user, who brings the load up at once. */
  settling: number;
  /** For so long users go on with unmeasured requests, at least. */
  settle_s: number;
  /** Over which their beginnings are spread: about as long as a request takes. */
  spread_s: number;
}

/** So many users, each of whom sends the next request when the last one is answered. */
export async function closedLoop(users: Users, loop: Loop): Promise<LoopResult> {
  const { concurrency, think_s, spread_s, settle_s } = users;
  const watch = watchOf(loop);
  const kept = keptLoad(concurrency);
  const sent: Sent[] = [];
  const settling: Sent[] = [];
  const begin = performance.now();
  let settled = 0;
  /** Waits for an answer; a user thinks before the next request, and pauses after an error. */
  const answered = async (user: number, answer: Promise<Answered>, to: Sent[] | null, onDone = () => {}) => {
    const one = { scheduled_s: null, waited_s: 0, ...(await answer) };
    kept.ended(user, one.reply.start_s, to === sent);
    to?.push(one);
    onDone();
    const pause_ms = one.reply.error ? PAUSE_AFTER_AN_ERROR_MS : 1000 * (one.think_s ?? think_s);
    if (pause_ms > 0 && !watch.signal.aborted) await pauseFor(pause_ms, watch.signal);
  };
  const settle = async (user: number) => {
    const isSettled = (count: number) => count >= users.settling && performance.now() - begin >= 1000 * settle_s;
    if (!isSettled(0)) await sleep((1000 * spread_s * user) / concurrency);
    for (let count = 0; !isSettled(count); count += 1) await answered(user, loop.settle(settled++, user), settling);
  };
  const user = async (place: number) => {
    await settle(place);
    while (!watch.isOver()) {
      await answered(place, loop.send(watch.counts.started++, undefined, place), sent, watch.done);
    }
    while (loop.keepsLoad && !watch.isDone()) {
      const { index, signal } = watch.nextOfTail();
      await answered(place, loop.send(index, signal, place), null);
    }
  };
  const all: Promise<void>[] = [];
  for (let place = 0; place < concurrency; place += 1) {
    all.push(user(place));
    all.at(-1)!.catch(() => {}); // Heard below.
    // What the first one sends leaves before the next one takes its turn: its time to the first token has no other's start in it.
    await nextTurn();
  }
  await Promise.all(all);
  const { over_s, stopped_by, issuing_s } = watch.verdict();
  const window = kept.until(over_s);
  return {
    sent: byStart(sent),
    stopped_by,
    issuing_s,
    window,
    settling: byStart(settling),
    settling_from_s: begin / 1000,
    tail_requests: watch.counts.tail,
  };
}

async function pauseFor(pause_ms: number, signal: AbortSignal): Promise<void> {
  await sleep(pause_ms, undefined, { signal }).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}

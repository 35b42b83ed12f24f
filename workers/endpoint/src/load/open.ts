import { setTimeout as sleep } from 'node:timers/promises';
import { gateOf } from './gate.ts';
import { byStart, watchOf } from './loop.ts';
import type { Answered, Loop, LoopResult, Sent } from './loop.ts';
import type { Overload } from './overload.ts';
import type { Schedule } from './schedule.ts';
import { followSettling } from './settling.ts';

/**
 * Requests at their times, whatever became of those before; one that starts late shows it. `overload` ends it where the server
 * falls behind.
 */
export async function openLoop(schedule: Schedule, loop: Loop, overload: Overload | null = null): Promise<LoopResult> {
  const { count } = schedule;
  const { max_s } = loop.rules;
  const rules = count === null ? loop.rules : { requests: count, min_s: 0, max_s };
  const watch = watchOf({ ...loop, rules });
  const due = dueTimes(schedule.most);
  const begin_ms = performance.now();
  const { settling, from_ms } = await settle(schedule, loop, { due, begin_ms });
  watch.begin();
  const sent: Promise<Sent>[] = [];
  for (const due_s of schedule.due) {
    const time_ms = from_ms + 1000 * due_s;
    if (!watch.isOver()) {
      // The end may come while nothing is due.
      await until(Math.min(time_ms, from_ms + 1000 * max_s));
      if (due_s > max_s) watch.end('max_s');
      else if (overload?.note(due_s, due.underWay()) === true) watch.end('overloaded');
    }
    if (due.problem()) break;
    if (!watch.isOver()) {
      const index = watch.counts.started++;
      sent.push(due.send(time_ms, () => loop.send(index)).then((one) => (watch.done(), one)));
      sent.at(-1)!.catch(() => {}); // Heard below.
      continue;
    }
    // What is overloaded is not kept so.
    if (!loop.keepsLoad || watch.verdict().stopped_by === 'overloaded') break;
    await until(time_ms, watch.signal);
    if (watch.signal.aborted || due.problem()) break;
    // One that is never let in is none.
    const start = () => {
      const { index, signal } = watch.nextOfTail();
      return loop.send(index, signal);
    };
    due.send(time_ms, start, watch.signal).catch(() => {});
  }
  if (!watch.isOver()) watch.end('enough');
  const { stopped_by, issuing_s } = watch.verdict();
  const measured = byStart(await Promise.all(sent));
  const last_s = measured.reduce((last, { scheduled_s }) => Math.max(last, scheduled_s!), -Infinity);
  return {
    sent: measured,
    stopped_by,
    issuing_s,
    window: windowOf(from_ms / 1000, last_s),
    settling: byStart(await Promise.all(settling)),
    settling_from_s: begin_ms / 1000,
    tail_requests: watch.counts.tail,
  };
}

/** Sends what brings the load up, until requests are measured (`from_ms`). */
async function settle(
  { settle_s: { least, most }, settling, goesOn }: Schedule,
  loop: Loop,
  { due, begin_ms }: { due: DueTimes; begin_ms: number },
) {
  const sent: Promise<Sent>[] = [];
  const followed = followSettling();
  let last_s: number | null = null;
  let end_s = least;
  for (const due_s of settling) {
    if (due_s > end_s) {
      await until(begin_ms + 1000 * end_s);
      if (end_s >= most || followed.haveEnded(end_s / 2)) break;
      end_s = Math.min(due_s, most);
      if (due_s > most) break;
    }
    const time_ms = begin_ms + 1000 * due_s;
    await until(time_ms);
    if (due.problem()) break;
    const index = sent.length;
    sent.push(due.send(time_ms, () => loop.settle(index)));
    followed.add(due_s, sent.at(-1)!);
    last_s = due_s;
  }
  const from_s = goesOn ? (last_s ?? end_s) : end_s;
  const from_ms = begin_ms + 1000 * from_s;
  await until(from_ms);
  return { settling: sent, from_ms };
}

/** From the end of settling to the last measured arrival. */
const windowOf = (from_s: number, to_s: number) =>
  from_s < to_s ? { from_s, to_s } : { reason: 'all requests were due at the same moment' };

type DueTimes = ReturnType<typeof dueTimes>;

/** Sends what is due, no more than `most` at once. */
function dueTimes(most: number) {
  const gate = gateOf(most);
  let underWay = 0;
  let problem: { error: unknown } | null = null;
  return {
    problem: () => problem,
    /** Those that wait at the gate included. */
    underWay: () => underWay,
    async send(time_ms: number, start: () => Promise<Answered>, signal?: AbortSignal): Promise<Sent> {
      underWay += 1;
      try {
        const came_ms = performance.now();
        const opening = gate.enter();
        if (opening !== null) await opening;
        try {
          if (signal?.aborted) throw new Error('it is needed no more');
          const waited_s = opening === null ? 0 : (performance.now() - came_ms) / 1000;
          return { scheduled_s: time_ms / 1000, waited_s, ...(await start()) };
        } finally {
          gate.leave();
        }
      } catch (error) {
        if (!signal?.aborted) problem ??= { error };
        throw error;
      } finally {
        underWay -= 1;
      }
    },
  };
}

/** Sleeps until a time on the clock of `performance`, never for less, or until `signal` ends it. */
async function until(time_ms: number, signal?: AbortSignal): Promise<void> {
  // A timer counts whole ms from the beginning of a turn, so it may come early.
  for (;;) {
    const wait_ms = Math.ceil(time_ms - performance.now());
    if (wait_ms <= 0 || signal?.aborted) return;
    await sleep(wait_ms, undefined, { ...(signal && { signal }) }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }
}

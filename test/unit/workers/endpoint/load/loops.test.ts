import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { arrivals } from '../../../../../workers/endpoint/src/load/arrivals.ts';
import { closedLoop as closed } from '../../../../../workers/endpoint/src/load/closed.ts';
import type { Users } from '../../../../../workers/endpoint/src/load/closed.ts';
import type { Loop } from '../../../../../workers/endpoint/src/load/loop.ts';
import { openLoop as open } from '../../../../../workers/endpoint/src/load/open.ts';
import { overloadOf } from '../../../../../workers/endpoint/src/load/overload.ts';
import type { Schedule } from '../../../../../workers/endpoint/src/load/schedule.ts';
import type { Reply } from '../../../../../workers/endpoint/src/stream.ts';

/** Takes the place of a server: answers after a while, and knows how many requests were under way at once. */
function answering(after_ms: (index: number) => number, error: Reply['error'] = null) {
  const seen = { underWay: 0, most: 0, least: Infinity, started: [] as number[], brokenOff: [] as number[] };
  const send: Loop['send'] = async (index, signal) => {
    seen.started.push(index);
    seen.most = Math.max(seen.most, (seen.underWay += 1));
    const start_s = performance.now() / 1000;
    await sleep(after_ms(index), undefined, { ...(signal && { signal }) }).catch(() => seen.brokenOff.push(index));
    seen.least = Math.min(seen.least, seen.underWay);
    seen.underWay -= 1;
    return {
      prompt: `prompt ${index}`,
      asked_tokens: 1,
      asked_prompt_tokens: null,
      reply: { start_s, error } as Reply,
    };
  };
  return { seen, send };
}

type Given = Pick<Loop, 'rules' | 'send' | 'onDone'> & Partial<Loop>;
const loopOf = (given: Given): Loop => ({
  settle: (index) => given.send(1000 + index),
  keepsLoad: false,
  ...given,
});

const closedLoop = (concurrency: number, given: Given, users: Partial<Users> = {}) =>
  closed({ concurrency, think_s: 0, settling: 0, settle_s: 0, spread_s: 0, ...users }, loopOf(given));

const KEY = { seed: 5, workload: 2, part: 'arrival' } as const;
const poisson = (rate_per_s: number, key = KEY) => arrivals({ rate_per_s, cv: 1, ramp_s: 0 }, key);

const unsettled = { settle_s: { least: 0, most: 0 }, settling: [], goesOn: false, count: null, most: Infinity };
const openLoop = (rate_per_s: number, given: Given, schedule: Partial<Schedule> = {}) =>
  open({ ...unsettled, due: poisson(rate_per_s), ...schedule }, loopOf(given));

const ignore = () => {};
const rules = (requests: number, min_s = 0, max_s = 20) => ({ requests, min_s, max_s });

test('a closed loop keeps as many under way as asked, never more, and answers them all', async () => {
  const { seen, send } = answering((index) => 5 + ((index * 7) % 11));
  const done: number[] = [];
  const { sent, stopped_by } = await closedLoop(3, { rules: rules(10), send, onDone: (count) => done.push(count) });
  expect(seen).toMatchObject({ most: 3, underWay: 0 });
  expect(sent.map(({ prompt }) => prompt)).toEqual(Array.from({ length: 10 }, (_, index) => `prompt ${index}`));
  expect(sent.every(({ scheduled_s }) => scheduled_s === null)).toBe(true);
  expect(stopped_by).toBe('enough');
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('users settle before anything is measured: begun one after another, and under way when the first measured one starts', async () => {
  const { seen, send } = answering(() => 60);
  const settled: number[] = [];
  const settle: Loop['settle'] = async (index) => {
    settled.push(index);
    return { ...(await send(100 + index)), prompt: `settling ${index}` };
  };
  const loop = { rules: rules(6), send, onDone: ignore, settle };
  const result = await closedLoop(3, loop, { settling: 1, spread_s: 0.06 });
  expect(settled).toEqual([0, 1, 2]);
  expect(seen.started.slice(0, 3)).toEqual([100, 101, 102]);
  expect(seen).toMatchObject({ most: 3, underWay: 0 });
  expect(result.sent.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `prompt ${index}`));
  expect(result.settling).toHaveLength(3);
  const { from_s, to_s } = result.window as { from_s: number; to_s: number };
  expect(from_s).toBeGreaterThanOrEqual(result.sent[0]!.reply.start_s);
  expect(from_s).toBeLessThan(result.sent[1]!.reply.start_s);
  expect(to_s).toBeGreaterThan(result.sent.at(-1)!.reply.start_s);
});

test('the window of a closed loop is from when all users are under way until the first finds no request', async () => {
  const { send } = answering(() => 50);
  const { window, sent } = await closedLoop(3, { rules: rules(6), send, onDone: ignore });
  const { from_s, to_s } = window as { from_s: number; to_s: number };
  expect(from_s).toBeGreaterThanOrEqual(sent[2]!.reply.start_s);
  expect(from_s).toBeLessThan(sent[3]!.reply.start_s);
  // The last three end at least 50 ms after their starts.
  expect(to_s).toBeGreaterThanOrEqual(sent[3]!.reply.start_s + 0.049);
  const few = await closedLoop(8, { rules: rules(2), send, onDone: ignore });
  expect(few.window).toEqual({ reason: 'only 2 of 8 users had a request to send' });
});

test('the window of an open loop is from the end of settling to the last measured arrival', async () => {
  const { seen, send } = answering(() => 20);
  const begin_s = performance.now() / 1000;
  const schedule = { settle_s: { least: 0.1, most: 20 }, settling: [0.02, 0.05] };
  const { window, sent, settling } = await openLoop(40, { rules: rules(8), onDone: ignore, send }, schedule);
  expect(seen.started).toEqual([1000, 1001, 0, 1, 2, 3, 4, 5, 6, 7]);
  expect(settling).toHaveLength(2);
  const { from_s, to_s } = window as { from_s: number; to_s: number };
  expect(from_s - begin_s).toBeGreaterThanOrEqual(0.1);
  expect(sent[0]!.scheduled_s! - from_s).toBeCloseTo(poisson(40).next().value, 6);
  expect(to_s).toBe(sent.at(-1)!.scheduled_s);
  const one = await openLoop(40, { rules: rules(8), onDone: ignore, send }, { due: [0, 0, 0], count: 3 });
  expect(one.window).toEqual({ reason: 'all requests were due at the same moment' });
});

test('further requests keep the load of a closed loop until the last measured one has ended, and are broken off then', async () => {
  // The last of the measured requests takes ten times as long.
  const { seen, send } = answering((index) => (index === 5 ? 400 : 40));
  const loop = { rules: rules(6), send, onDone: ignore, keepsLoad: true };
  const { sent, tail_requests, window } = await closedLoop(3, loop);
  expect(sent.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `prompt ${index}`));
  expect(tail_requests).toBe(seen.started.length - 6);
  expect(tail_requests).toBeGreaterThanOrEqual(2);
  expect(new Set(seen.started).size).toBe(seen.started.length);
  // Two users had one under way when the last one ended.
  expect(seen.brokenOff.length).toBeGreaterThan(0);
  expect(seen.brokenOff.every((index) => index >= 6)).toBe(true);
  expect((window as { to_s: number }).to_s).toBeLessThan(sent[5]!.reply.start_s + 0.4);
  const drained = await closedLoop(3, { rules: rules(6), send, onDone: ignore });
  expect(drained.tail_requests).toBe(0);
});

test('arrivals go on in an open loop until the last measured request has ended', async () => {
  const { seen, send } = answering((index) => (index === 3 ? 500 : 10));
  const loop = { rules: rules(4), send, onDone: ignore, keepsLoad: true };
  const { sent, tail_requests } = await openLoop(50, loop, { due: Array.from({ length: 60 }, (_, n) => 0.02 * n) });
  expect(sent.map(({ prompt }) => prompt)).toEqual([0, 1, 2, 3].map((index) => `prompt ${index}`));
  expect(tail_requests).toBeGreaterThan(0);
  expect(seen.started).toHaveLength(4 + tail_requests);
  expect(seen.underWay).toBe(0);
});

test('what waits behind others until it is needed no more was not sent, and is not counted as load that was kept', async () => {
  const { seen, send } = answering(() => 100);
  const loop = { rules: rules(4), send, onDone: ignore, keepsLoad: true };
  const schedule = { most: 2, due: Array.from({ length: 60 }, (_, n) => 0.005 * n) };
  const { sent, tail_requests } = await openLoop(200, loop, schedule);
  expect(sent).toHaveLength(4);
  expect(seen.most).toBe(2);
  expect(tail_requests).toBeLessThanOrEqual(2);
  expect(seen.started).toHaveLength(4 + tail_requests);
});

test('users think between an answer and the next request', async () => {
  const { seen, send } = answering(() => 5);
  const { sent } = await closedLoop(1, { rules: rules(4), send, onDone: ignore }, { think_s: 0.05 });
  const starts_s = sent.map(({ reply }) => reply.start_s);
  for (const [index, start_s] of starts_s.slice(1).entries()) expect(start_s - starts_s[index]!).toBeGreaterThan(0.05);
  expect(seen.most).toBe(1);
});

test('no more than so many are under way; those that are due wait, and show for how long', async () => {
  const { seen, send } = answering(() => 60);
  const due = { due: [0, 0, 0, 0, 0.001, 0.002], count: 6, most: 2 };
  const { sent, stopped_by } = await openLoop(1, { rules: rules(1), send, onDone: ignore }, due);
  expect(stopped_by).toBe('enough');
  expect(seen).toMatchObject({ most: 2, started: [0, 1, 2, 3, 4, 5] });
  expect(sent.map(({ waited_s }) => waited_s > 0)).toEqual([false, false, true, true, true, true]);
  for (const { reply, scheduled_s, waited_s } of sent.slice(2))
    expect(reply.start_s - scheduled_s! - waited_s).toBeLessThan(waited_s + 0.1);
  expect(sent[5]!.waited_s).toBeGreaterThan(0.1);
});

test('requests that are due until max_s are all sent and awaited, also those that wait for others then', async () => {
  const { seen, send } = answering(() => 60);
  const due = { due: [0, 0, 0, 0, 0, 10], most: 1 };
  const { sent, stopped_by, issuing_s } = await openLoop(1, { rules: rules(6, 0, 0.1), send, onDone: ignore }, due);
  expect(stopped_by).toBe('max_s');
  expect(seen).toMatchObject({ most: 1, started: [0, 1, 2, 3, 4] });
  expect(issuing_s).toBeLessThan(sent[4]!.waited_s);
  expect(sent[4]!.waited_s).toBeGreaterThan(0.2);
});

test('an open loop ends where its server falls behind further and further', async () => {
  const { send } = answering(() => 3000);
  const due = Array.from({ length: 2000 }, (_, index) => 0.005 * index);
  const schedule = { ...unsettled, due };
  const loop = loopOf({ rules: rules(2000, 0, 60), send, onDone: ignore, keepsLoad: true });
  const { stopped_by, sent, tail_requests } = await open(schedule, loop, overloadOf(0.5, 1));
  expect(stopped_by).toBe('overloaded');
  expect(sent.length).toBeLessThan(600);
  expect(tail_requests).toBe(0);
});

test('an open loop settles until what came in the first half of it has ended, however long that takes under load', async () => {
  const slow = answering((index) => (index < 1000 ? 5 : 150));
  const begin_s = performance.now() / 1000;
  const schedule = { settle_s: { least: 0.02, most: 20 }, settling: poisson(100) };
  const { window, settling } = await openLoop(100, { rules: rules(8), onDone: ignore, send: slow.send }, schedule);
  const { from_s } = window as { from_s: number };
  // The first of them takes 0.15 s, and the second half as long as the first one.
  const [first, last] = [settling[0]!, settling.at(-1)!];
  const lasted_s = from_s - begin_s;
  expect(lasted_s).toBeGreaterThanOrEqual(first.scheduled_s! - begin_s + 0.15);
  const early = settling.filter(({ scheduled_s }) => scheduled_s! - begin_s <= lasted_s / 2 - 0.001);
  expect(early.length).toBeGreaterThan(0);
  for (const { scheduled_s } of early) expect(scheduled_s! + 0.15).toBeLessThanOrEqual(from_s + 0.001);
  expect(last.scheduled_s).toBeLessThanOrEqual(from_s);
});

test('settling ends at its limit where requests take too long', async () => {
  const { send } = answering((index) => (index < 1000 ? 5 : 700));
  const begin_s = performance.now() / 1000;
  const settling = [0.01, 0.02, 0.03, 0.3];
  const schedule = { ...unsettled, settle_s: { least: 0.02, most: 0.1 }, settling, due: poisson(100) };
  const { window, settling: sent } = await open(schedule, loopOf({ rules: rules(5), onDone: ignore, send }));
  const { from_s } = window as { from_s: number };
  expect(from_s - begin_s).toBeGreaterThanOrEqual(0.1);
  expect(sent).toHaveLength(3);
});

test('a server is overloaded when the number under way rises all along and far beyond chance', () => {
  const judge = (counts: number[], patience_s = 5, cv = 1) => {
    const overload = overloadOf(patience_s, cv);
    return counts.map((count, index) => overload.note(index / 10, count)).indexOf(true);
  };
  const rising = Array.from({ length: 200 }, (_, index) => 10 + index);
  expect(judge(rising)).toBe(50);
  expect(judge(rising, 12)).toBe(120);
  expect(judge(rising.map((count) => 10 + count / 50))).toBe(-1);
  expect(judge(rising.map((_, index) => 10 + 9 * Math.sin(index)))).toBe(-1);
  // A jump is no rise.
  expect(judge(rising.map((_, index) => (index < 40 ? 10 : 200)))).toBe(-1);
  expect(judge(rising.slice(0, 60), 5, 10)).toBe(-1);
});

test('both loops go on until enough seconds are over, and stop at the cap', async () => {
  const quick = () => ({ send: answering(() => 10).send, onDone: ignore });
  const long = await closedLoop(1, { ...quick(), rules: rules(1, 0.5) });
  expect(long).toMatchObject({ stopped_by: 'enough' });
  expect(long.sent.length).toBeGreaterThan(1);
  expect(long.issuing_s).toBeGreaterThanOrEqual(0.5);
  const capped = await closedLoop(1, { ...quick(), rules: rules(10_000, 0, 0.1) });
  expect(capped.stopped_by).toBe('max_s');
  expect(capped.sent.length).toBeLessThan(100);
  const open = await openLoop(2, { ...quick(), rules: rules(10_000, 0, 0.3) });
  expect(open.stopped_by).toBe('max_s');
});

test('failures pause a user, so that a server that refuses at once is not asked all the time', async () => {
  const { seen, send } = answering(() => 0, { type: 'connection', message: 'refused', status: null });
  await closedLoop(2, { rules: rules(1, 0.7), send, onDone: ignore });
  expect(seen.started.length).toBeLessThanOrEqual(6);
});

test('an open loop starts requests at their times, however slow the answers are', async () => {
  const { seen, send } = answering(() => 400);
  const { sent, stopped_by } = await openLoop(40, { rules: rules(8), send, onDone: ignore });
  expect(stopped_by).toBe('enough');
  expect(sent).toHaveLength(8);
  expect(seen.most).toBeGreaterThan(1);
  const due = poisson(40);
  const first_s = sent[0]!.scheduled_s! - due.next().value!;
  for (const { scheduled_s, reply } of sent.slice(1)) {
    expect(scheduled_s! - first_s).toBeCloseTo(due.next().value, 6);
    expect(reply.start_s).toBeGreaterThanOrEqual(scheduled_s!);
  }
});

test('a start that the client was too busy for shows as late', async () => {
  const { send } = answering(() => 1);
  const blocking: Loop['send'] = (index) => {
    const answered = send(index);
    if (index === 0) for (const end = performance.now() + 150; performance.now() < end;);
    return answered;
  };
  const { sent } = await openLoop(100, { rules: rules(5), send: blocking, onDone: ignore });
  expect(sent[1]!.reply.start_s - sent[1]!.scheduled_s!).toBeGreaterThan(0.05);
});

test('a server that is gone ends both loops with its error', async () => {
  const gone: Loop['send'] = (index) =>
    index < 2 ? answering(() => 1).send(index) : Promise.reject(new Error('the server was killed'));
  const loop = { rules: rules(20), send: gone, onDone: ignore };
  await expect(closedLoop(2, loop)).rejects.toThrow('the server was killed');
  await expect(openLoop(200, loop)).rejects.toThrow('the server was killed');
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { arrivals } from '../../../../workers/endpoint/src/arrivals.ts';
import { closedLoop, openLoop } from '../../../../workers/endpoint/src/loops.ts';
import type { Loop } from '../../../../workers/endpoint/src/loops.ts';
import type { Reply } from '../../../../workers/endpoint/src/stream.ts';

/** Takes the place of a server: answers after a while, and knows how many requests were under way at once. */
function answering(after_ms: (index: number) => number, error: Reply['error'] = null) {
  const seen = { underWay: 0, most: 0, started: [] as number[] };
  const send: Loop['send'] = async (index) => {
    seen.started.push(index);
    seen.most = Math.max(seen.most, (seen.underWay += 1));
    const start_s = performance.now() / 1000;
    await sleep(after_ms(index));
    seen.underWay -= 1;
    return { prompt: `prompt ${index}`, reply: { start_s, error } as Reply };
  };
  return { seen, send };
}

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
  const settle = {
    spread_s: 0.06,
    async send(user: number) {
      settled.push(user);
      return { ...(await send(100 + user)), prompt: `settling ${user}` };
    },
  };
  const result = await closedLoop(3, { rules: rules(6), send, onDone: ignore, settle });
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

test('the window of an open loop is from the end of its first request to its last arrival', async () => {
  const ended =
    (after_ms: number): Loop['send'] =>
    async (index) => {
      const answered = await answering(() => after_ms).send(index);
      return { ...answered, reply: { ...answered.reply, end_s: after_ms / 1000 } };
    };
  const loop = { rules: rules(8), onDone: ignore };
  const { window, sent } = await openLoop(40, { seed: 5, workload: 2 }, { ...loop, send: ended(20) });
  expect(window).toEqual({ from_s: sent[0]!.reply.start_s + 0.02, to_s: sent.at(-1)!.scheduled_s });
  const slow = await openLoop(400, { seed: 5, workload: 2 }, { ...loop, send: ended(900) });
  expect(slow.window).toEqual({ reason: 'the last request was due before the first one had ended' });
});

test('both loops go on until enough seconds are over, and stop at the cap', async () => {
  const quick = () => ({ send: answering(() => 10).send, onDone: ignore });
  const long = await closedLoop(1, { ...quick(), rules: rules(2, 0.2) });
  expect(long).toMatchObject({ stopped_by: 'enough' });
  expect(long.sent.length).toBeGreaterThan(2);
  expect(long.issuing_s).toBeGreaterThanOrEqual(0.2);
  const capped = await closedLoop(1, { ...quick(), rules: rules(10_000, 0, 0.1) });
  expect(capped.stopped_by).toBe('max_s');
  expect(capped.sent.length).toBeLessThan(100);
  const open = await openLoop(2, { seed: 1, workload: 0 }, { ...quick(), rules: rules(10_000, 0, 0.3) });
  expect(open.stopped_by).toBe('max_s');
});

test('failures pause a user, so that a server that refuses at once is not asked all the time', async () => {
  const { seen, send } = answering(() => 0, { type: 'connection', message: 'refused', status: null });
  await closedLoop(2, { rules: rules(1, 0.7), send, onDone: ignore });
  expect(seen.started.length).toBeLessThanOrEqual(6);
});

test('an open loop starts requests at their times, however slow the answers are', async () => {
  const { seen, send } = answering(() => 400);
  const key = { seed: 5, workload: 2 };
  const { sent, stopped_by } = await openLoop(40, key, { rules: rules(8), send, onDone: ignore });
  expect(stopped_by).toBe('enough');
  expect(sent).toHaveLength(8);
  expect(seen.most).toBeGreaterThan(1);
  const due = arrivals(40, key.seed, key.workload);
  const first_s = sent[0]!.scheduled_s! - due.next().value!;
  for (const { scheduled_s, reply } of sent.slice(1)) {
    expect(scheduled_s! - first_s).toBeCloseTo(due.next().value, 6);
    expect(reply.start_s).toBeGreaterThan(scheduled_s! - 0.002);
  }
});

test('a start that the client was too busy for shows as late', async () => {
  const { send } = answering(() => 1);
  const blocking: Loop['send'] = (index) => {
    const answered = send(index);
    if (index === 0) for (const end = performance.now() + 150; performance.now() < end;);
    return answered;
  };
  const { sent } = await openLoop(100, { seed: 1, workload: 0 }, { rules: rules(5), send: blocking, onDone: ignore });
  expect(sent[1]!.reply.start_s - sent[1]!.scheduled_s!).toBeGreaterThan(0.05);
});

test('a server that is gone ends both loops with its error', async () => {
  const gone: Loop['send'] = (index) =>
    index < 2 ? answering(() => 1).send(index) : Promise.reject(new Error('the server was killed'));
  const loop = { rules: rules(20), send: gone, onDone: ignore };
  await expect(closedLoop(2, loop)).rejects.toThrow('the server was killed');
  await expect(openLoop(200, { seed: 1, workload: 0 }, loop)).rejects.toThrow('the server was killed');
});

test('arrivals are seeded, and their gaps those of a Poisson process', () => {
  const take = (count: number, rate: number, seed: number, workload = 0) => {
    const source = arrivals(rate, seed, workload);
    return Array.from({ length: count }, () => source.next().value!);
  };
  expect(take(50, 4, 1)).toEqual(take(50, 4, 1));
  expect(take(5, 4, 1)).not.toEqual(take(5, 4, 2));
  expect(take(5, 4, 1)).not.toEqual(take(5, 4, 1, 1));
  const due = take(20_000, 4, 1);
  const gaps = due.map((time, index) => time - (due[index - 1] ?? 0));
  const mean = due.at(-1)! / due.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1);
  expect(gaps.every((gap) => gap >= 0)).toBe(true);
  expect(mean).toBeCloseTo(1 / 4, 2);
  expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1);
});

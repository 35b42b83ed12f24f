import { expect, test } from 'vitest';
import { arrivals } from '../../../../../workers/endpoint/src/load/arrivals.ts';
import { fewestSettling, refuseWithoutArrival, scheduleOf } from '../../../../../workers/endpoint/src/load/schedule.ts';

const KEY = { seed: 1, workload: 0, part: 'arrival' } as const;

function take(count: number, of: Partial<Parameters<typeof arrivals>[0]>, key: Parameters<typeof arrivals>[1] = KEY) {
  const source = arrivals({ rate_per_s: 4, cv: 1, ramp_s: 0, ...of }, key);
  return Array.from({ length: count }, () => source.next().value!);
}

const gapsOf = (times: number[]) => times.map((time, index) => time - (times[index - 1] ?? 0));

test('arrivals are seeded', () => {
  expect(take(50, { cv: 1.5 })).toEqual(take(50, { cv: 1.5 }));
  for (const key of [{ seed: 2 }, { workload: 1 }, { part: 'settling' as const }])
    expect(take(5, {})).not.toEqual(take(5, {}, { ...KEY, ...key }));
  // As earlier versions drew them.
  expect(take(2, {})).toEqual([0.21699594066767436, 0.258143557083038]);
});

test.each([0, 0.3, 0.7, 1, 2, 3])(
  'the times between arrivals have the mean of the rate, and the variation %d',
  (cv) => {
    const gaps = gapsOf(take(20_000, { cv }));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    // Five standard errors of the mean; that of the variation is found in each case to be below a tenth of it.
    expect(Math.abs(mean - 0.25)).toBeLessThanOrEqual(0.25 * (5 * (cv / Math.sqrt(gaps.length)) + 1e-9));
    expect(Math.abs(Math.sqrt(variance) / mean - cv)).toBeLessThanOrEqual(0.1 * cv + 1e-6);
  },
);

test('the rate rises from 0 while it ramps up', () => {
  const times = take(200, { cv: 0, rate_per_s: 10, ramp_s: 8 });
  // Half as many as without: 10/s × 8 s / 2.
  expect(times.filter((time) => time <= 8)).toHaveLength(40);
  expect(times.filter((time) => time <= 4)).toHaveLength(10);
  expect(
    gapsOf(times)
      .slice(41)
      .every((gap) => Math.abs(gap - 0.1) < 1e-9),
  ).toBe(true);
});

const workload = (load: object) => ({ index: 0, prompt_tokens: 1, new_tokens: 1, trace: [], load }) as never;
const open = (more: object = {}) => workload({ mode: 'open', rate_per_s: 10, ...more });
const asked = { seed: 1, min_s: 0, request_s: 1, max_s: 120 };

test('an open loop settles for two requests and its ramp; what is measured does not depend on how long', () => {
  const short = scheduleOf(open(), asked);
  const long = scheduleOf(open({ ramp_s: 3 }), { ...asked, request_s: 2 });
  expect([short.settle_s, long.settle_s]).toEqual([
    { least: 2, most: 20 },
    { least: 7, most: 43 },
  ]);
  expect(scheduleOf(open(), { ...asked, min_s: 9, max_s: 15 }).settle_s).toEqual({ least: 9, most: 15 });
  expect(scheduleOf(open(), { ...asked, min_s: 9, max_s: 5 }).settle_s).toEqual({ least: 9, most: 9 });
  // A ramp and a longer settling that is asked for are known times: nothing of them waits for the server.
  expect(scheduleOf(open({ ramp_s: 30 }), asked).settle_s).toEqual({ least: 32, most: 50 });
  expect(scheduleOf(open(), { ...asked, min_s: 60 }).settle_s).toEqual({ least: 60, most: 60 });
  const first = ({ due }: typeof short) => (due as Generator<number>).next().value;
  expect(first(short)).toBe(first(long));
  // Constant times go on from the last arrival.
  const constant = scheduleOf(open({ arrival_cv: 0, rate_per_s: 3 }), asked);
  expect([constant.goesOn, short.goesOn]).toEqual([true, false]);
  expect(fewestSettling(constant)).toBe(6);
  expect(first(constant)).toBeCloseTo(1 / 3, 9);
});

test('a trace is measured from its beginning, at its speed, to its end', () => {
  const trace = [0.5, 1, 4].map((at_s) => ({ at_s, prompt_tokens: 1, new_tokens: 1, prompt: null }));
  const replay = {
    index: 0,
    prompt_tokens: 1,
    new_tokens: 1,
    trace,
    load: { mode: 'replay', file: 't', speed: 2 },
  } as const;
  expect(scheduleOf(replay, asked)).toEqual({
    settle_s: { least: 0, most: 0 },
    settling: [],
    goesOn: false,
    due: [0.25, 0.5, 2],
    count: 3,
    most: Infinity,
  });
  expect(() => refuseWithoutArrival(replay, 1, 0.2)).toThrow(
    /this trace and load\.speed the first request is due after 0\.250 s/,
  );
  expect(() => refuseWithoutArrival(replay, 1, 0.25)).not.toThrow();
});

import { expect, test } from 'vitest';
import { codesIn, metricIn, workloadOf, requestOf, servedOf, valueIn } from './payload.ts';

interface Server {
  first_s: number;
  gap_s: number;
  tokens: number;
  perChunk: number;
}

const chunkTimes = ({ first_s, gap_s, tokens, perChunk }: Server): number[] =>
  Array.from({ length: Math.ceil(tokens / perChunk) }, (_, index) => first_s + index * gap_s);

/** What a closed loop sees of a server that always takes the same time; a user starts `late_s` after the one before. */
function closedLoopOf(users: number, count: number, server: Server, late_s = 0) {
  const times = chunkTimes(server);
  const duration_s = times.at(-1)!;
  const free = Array.from({ length: users }, (_, user) => user * late_s);
  const requests: object[] = [];
  for (let index = 0; index < count; index += 1) {
    const start_s = Math.min(...free);
    free[free.indexOf(start_s)] = start_s + duration_s;
    requests.push(
      requestOf({
        start_s,
        chunk_times_s: times,
        end_s: duration_s,
        new_tokens: server.tokens,
        first_chunk_tokens: server.perChunk,
        usage: { prompt_tokens: 10, completion_tokens: server.tokens },
      }),
    );
  }
  const window = { from_s: (users - 1) * late_s, to_s: Math.min(...free) };
  const part = workloadOf(servedOf(requests, { new_tokens: server.tokens, concurrency: users, window }));
  return { part, truth_tok_s: (users * server.tokens) / duration_s, truth_per_s: users / duration_s };
}

const server = { first_s: 0.2, gap_s: 0.02, tokens: 64, perChunk: 1 };

test.each([
  [8, 12, 0],
  [8, 12, 0.001],
  [8, 80, 0],
  [8, 80, 0.02],
  [8, 84, 0.1],
  [1, 5, 0],
  [4, 4, 0.001],
])('%d users, %d requests, starts %f s apart: the rates are those of the kept load', (users, count, late_s) => {
  for (const perChunk of [1, 2, 4, 64]) {
    const { part, truth_tok_s, truth_per_s } = closedLoopOf(users, count, { ...server, perChunk }, late_s);
    // Within a tenth: starts that lie apart leave whole cycles and parts of them in a window.
    expect(Math.abs(valueIn(part, 'output_tok_s')! / truth_tok_s - 1)).toBeLessThan(late_s > 0.01 ? 0.1 : 0.01);
    expect(Math.abs(valueIn(part, 'requests_per_s')! / truth_per_s - 1)).toBeLessThan(late_s > 0.01 ? 0.1 : 0.01);
    const total = valueIn(part, 'total_tok_s')! - valueIn(part, 'output_tok_s')!;
    expect(total).toBeCloseTo(10 * valueIn(part, 'requests_per_s')!, 6);
  }
});

test('beside them stand the rates of the whole span, in which the drain is', () => {
  const { part, truth_tok_s } = closedLoopOf(8, 12, server);
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo(truth_tok_s, 6);
  // Twelve requests in the time of two rounds of eight.
  expect(valueIn(part, 'output_tok_s_whole')).toBeCloseTo((truth_tok_s * 12) / 16, 6);
  expect(valueIn(part, 'requests_per_s_whole')).toBeCloseTo(12 / (2 * 1.46), 6);
});

const workload = (window: object | null | undefined, changes: object = {}) =>
  servedOf(
    [requestOf({ start_s: 10 }), requestOf({ start_s: 10.6, ...changes })],
    window === undefined ? {} : { window },
  );

test('an edge that cuts through a request counts its part', () => {
  // The first request whole; the second one from 10.6: its first token at 10.8, its second one, due at 10.9, to a half.
  const part = workloadOf(workload({ from_s: 10, to_s: 10.85 }));
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo((3 + 1.5) / 0.85, 9);
  expect(valueIn(part, 'requests_per_s')).toBeCloseTo((1 + 0.25 / 0.6) / 0.85, 9);
  expect(valueIn(part, 'window_s')).toBeCloseTo(0.85, 9);
});

test('what lies outside of the window is not asked for its tokens, and a failed request counts nothing', () => {
  const unknown = { new_tokens: null, first_chunk_tokens: null, usage: null };
  const part = workloadOf(workload({ from_s: 10, to_s: 10.6 }, unknown));
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo(3 / 0.6, 9);
  const reason = 'the new tokens of 1 of 2 requests are unknown: nobody counted them, so give `tokenizer`';
  expect(metricIn(part, 'output_tok_s_whole')).toMatchObject({ value: null, reason });
  const failed = { error: { type: 'timeout', message: 'no end' }, end_s: null };
  expect(valueIn(workloadOf(workload({ from_s: 10, to_s: 11 }, failed)), 'output_tok_s')).toBeCloseTo(3, 9);
});

test('what brought the load up counts with what came of it within the window, and nowhere else', () => {
  const settling = [requestOf({ start_s: 9.7 }), requestOf({ start_s: 9.8, error: { type: 'timeout', message: '' } })];
  const window = { from_s: 10, to_s: 11 };
  const part = workloadOf(servedOf([requestOf({ start_s: 10 })], { window, settling }));
  // Its second token at 10.0, the third one at 10.2.
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo(3 + 1, 9);
  expect(valueIn(part, 'requests_per_s')).toBeCloseTo(1 + 0.3 / 0.6, 9);
  expect(valueIn(part, 'output_tok_s_whole')).toBeCloseTo(3 / 0.6, 9);
  expect(valueIn(part, 'requests')).toBe(1);
  expect(valueIn(part, 'ttft_n')).toBe(1);
  expect(valueIn(part, 'requests_errored')).toBe(0);
});

test('a window that is short, or none, is a finding; an older worker noted none, and its rates are those of the whole span', () => {
  const short = workloadOf(workload({ from_s: 10, to_s: 11.7 }));
  expect(codesIn(short)).toEqual(['window-short']);
  expect(short.findings[0]!.message).toContain('was kept for 1.70 s, while a request took 0.600 s');
  expect(codesIn(workloadOf(workload({ from_s: 10, to_s: 11.9 })))).toEqual([]);

  const reasons = { 'workloads.0.window': 'only 2 of 8 users had a request to send' };
  const none = workloadOf(workload(null), { reasons });
  expect(codesIn(none)).toEqual(['window-short']);
  for (const name of ['output_tok_s', 'requests_per_s', 'total_tok_s', 'window_s'])
    expect(metricIn(none, name)).toMatchObject({ value: null, reason: reasons['workloads.0.window'] });
  expect(valueIn(none, 'output_tok_s_whole')).toBeCloseTo(6 / 1.2, 9);

  const older = workloadOf(workload(undefined));
  expect(codesIn(older)).toEqual([]);
  expect(metricIn(older, 'output_tok_s')?.reason).toContain('noted no window in which');
  expect(valueIn(older, 'output_tok_s_whole')).toBeCloseTo(6 / 1.2, 9);
});

test('an open loop in which few requests came has no rate of 0, and says that it is chance', () => {
  const coming = (times: number[]) =>
    workloadOf(
      servedOf(
        times.map((at) => requestOf({ scheduled_s: at, start_s: at })),
        {
          mode: 'open-loop',
          concurrency: null,
          rate_per_s: 0.1,
          window: { from_s: times[0]! + 0.5, to_s: times.at(-1)! },
        },
      ),
    );
  const two = coming([10, 20]);
  for (const name of ['output_tok_s', 'requests_per_s', 'total_tok_s'])
    expect(metricIn(two, name)).toMatchObject({
      value: null,
      reason: 'no request was due within the window, which ends with the last arrival',
    });
  expect(two.findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    expect.stringContaining('window-short: only 1 request was due within the 9.50 s'),
  ]);
  expect(codesIn(coming([10, 20, 30]))).toEqual(['window-short']);
  expect(codesIn(coming([10, 20, 30, 40]))).toEqual([]);
});

test('in an open loop latencies from the schedule stand beside those from sending', () => {
  const requests = [requestOf({ scheduled_s: 9.5 }), requestOf({ scheduled_s: 10, start_s: 12 })];
  const part = workloadOf(servedOf(requests, { mode: 'open-loop', concurrency: null, rate_per_s: 2 }));
  expect(valueIn(part, 'ttft_s')).toBeCloseTo(0.2, 9);
  expect(valueIn(part, 'ttft_due_max_s')).toBeCloseTo(2.2, 9);
  expect(valueIn(part, 'ttft_due_min_s')).toBeCloseTo(0.7, 9);
  expect(valueIn(part, 'e2e_due_s')).toBeCloseTo((1.1 + 2.6) / 2, 9);
  expect(metricIn(part, 'e2e_due_s')?.main).toBe(true);
  for (const name of ['ttft_due_s', 'e2e_due_s'])
    expect(metricIn(workloadOf(servedOf([requestOf()])), name)).toMatchObject({
      value: null,
      main: false,
      reason: 'a closed loop has no schedule',
    });
});

import { expect, test } from 'vitest';
import {
  codesIn,
  factIn,
  metricIn,
  workloadOf,
  refusalsOf,
  payloadOf,
  requestOf,
  servedOf,
  valueIn,
} from './payload.ts';

const close = (value: number) => expect.closeTo(value, 9);
const timeout = { type: 'timeout', message: 'no end within 300 s' };
const http = { type: 'http', message: '500 Internal Server Error' };

const four = [
  requestOf({ start_s: 10 }),
  requestOf({ start_s: 11, chunk_times_s: [0.4, 0.6, 1], end_s: 1.2 }),
  requestOf({ start_s: 11.5, end_s: null, error: timeout, usage: null }),
  requestOf({ start_s: 11.8, chunk_times_s: [0.1], end_s: null, usage: null, new_tokens: 1 }),
];

test('by hand: two requests that ended, one with an error, one without an end', () => {
  const part = workloadOf(servedOf(four));
  const values = Object.fromEntries(part.metrics.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    requests: 4,
    requests_successful: 2,
    requests_incomplete: 1,
    requests_errored: 1,
    ttft_s: close(0.3),
    // (0.5 − 0.2) / 2, (1 − 0.4) / 2.
    tpot_s: close(0.225),
    e2e_s: close(0.9),
    ntpot_s: close((0.2 + 0.4) / 2),
    // 0.1, 0.2, 0.2, 0.4.
    chunk_gap_s: close(0.2),
    itl_s: close(0.2),
    // From 10 to 12.2: 6 tokens of 2 requests, with 20 of prompts, which a chat template makes 24 in the server.
    output_tok_s_whole: close(6 / 2.2),
    total_tok_s_whole: close(30 / 2.2),
    requests_per_s_whole: close(2 / 2.2),
    request_prompt_tokens: 10,
    usage_difference_percent: 0,
    start_lag_s: null,
  });
  expect(factIn(part, 'request_errors')).toBe('timeout 1');
  expect(codesIn(part)).toEqual(['incomplete-requests']);
  expect(metricIn(part, 'requests_errored')?.main).toBe(true);
});

test('a late failure stretches no window', () => {
  const late = requestOf({ start_s: 99, end_s: null, error: http, usage: null });
  expect(valueIn(workloadOf(servedOf([...four, late])), 'requests_per_s_whole')).toBeCloseTo(2 / 2.2, 9);
});

test('a queue that grows is a drift, whatever the order of the list', () => {
  const requests = Array.from({ length: 10 }, (_, index) => requestOf({ start_s: index, end_s: 0.6 + index / 20 }));
  const part = workloadOf(servedOf([...requests.slice(5), ...requests.slice(0, 5)]));
  expect(factIn(part, 'steady')).toBe('drift-up');
  expect(codesIn(part)).toEqual(['drift']);
});

test('chunks with several tokens: TPOT by tokens, gaps by chunks, no ITL', () => {
  const request = requestOf({ chunk_times_s: [0.2, 0.5], new_tokens: 6, first_chunk_tokens: 2 });
  const part = workloadOf(servedOf([{ ...request, usage: null }], { new_tokens: 6 }));
  expect(valueIn(part, 'tpot_s')).toBeCloseTo(0.3 / 4, 12);
  expect(valueIn(part, 'chunk_gap_s')).toBeCloseTo(0.3, 12);
  expect(metricIn(part, 'itl_s')).toMatchObject({ value: null, reason: expect.stringContaining('see chunk_gap_s') });
});

test('a server that does not stream has no time to the first token', () => {
  const part = workloadOf(servedOf([requestOf({ chunk_times_s: [0.6], first_chunk_tokens: 3 })]));
  const reason = 'every response came as a single chunk: the server did not stream';
  for (const name of ['ttft_s', 'tpot_s', 'chunk_gap_s'])
    expect(metricIn(part, name)).toMatchObject({ value: null, reason });
  expect(valueIn(part, 'e2e_s')).toBe(0.6);
  expect(valueIn(part, 'output_tok_s_whole')).toBeCloseTo(5, 9);
});

test('no request succeeded: nothing but counts', () => {
  const failed = requestOf({ chunk_times_s: [], end_s: null, error: http, new_tokens: null, usage: null });
  const part = workloadOf(servedOf([failed, { ...failed, error: timeout }, failed]));
  for (const name of ['ttft_s', 'tpot_s', 'e2e_s', 'output_tok_s', 'requests_per_s', 'request_prompt_tokens'])
    expect(metricIn(part, name)).toMatchObject({ value: null, reason: 'no request succeeded' });
  expect(factIn(part, 'request_errors')).toBe('http 2, timeout 1');
  expect(valueIn(part, 'requests_errored')).toBe(3);
});

test('tokens that nobody counted give no rate of tokens', () => {
  const unknown = requestOf({ new_tokens: null, first_chunk_tokens: null, usage: null });
  const part = workloadOf(servedOf([requestOf(), unknown], { window: { from_s: 10, to_s: 11 } }));
  const reason = 'the new tokens of 1 of 2 requests are unknown: nobody counted them, so give `tokenizer`';
  expect(metricIn(part, 'output_tok_s')).toMatchObject({ value: null, reason });
  expect(metricIn(part, 'total_tok_s')).toMatchObject({ value: null, reason });
  expect(valueIn(part, 'tpot_s')).toBeCloseTo(0.15, 12);
  expect(valueIn(part, 'requests_per_s')).toBeGreaterThan(0);
});

test("the server's usage stands beside the own count", () => {
  const usage = { prompt_tokens: 12, completion_tokens: 3 };
  const part = workloadOf(servedOf([requestOf({ usage, new_tokens: 2 }), requestOf({ usage: null, new_tokens: 2 })]));
  expect(valueIn(part, 'usage_difference_percent')).toBe(50);
  const byServer = workloadOf(servedOf([requestOf()], { token_count: 'server-usage' }));
  expect(metricIn(byServer, 'usage_difference_percent')?.reason).toBe("only the server's usage was counted");
});

test('what came from a cache is a part of all prompts, also of those whose usage leaves out a count of none', () => {
  const usage = (cached_tokens: number | null) => ({ prompt_tokens: 20, completion_tokens: 3, cached_tokens });
  const requests = [usage(5), usage(0), usage(null)].map((one) => requestOf({ usage: one }));
  expect(valueIn(workloadOf(servedOf(requests)), 'cached_prompt_percent')).toBeCloseTo((100 * 5) / 60, 12);
  const silent = metricIn(workloadOf(servedOf([requestOf()])), 'cached_prompt_percent');
  expect(silent).toMatchObject({
    value: null,
    reason: "the server doesn't report how much of a prompt came from a cache",
  });
});

test('an open loop shows how late its requests started', () => {
  const requests = [requestOf({ scheduled_s: 9.5 }), requestOf({ scheduled_s: 10 })];
  const part = workloadOf(servedOf(requests, { mode: 'open-loop', concurrency: null, rate_per_s: 2 }));
  expect(part.name).toBe('open 2/s: 10+3');
  expect(valueIn(part, 'start_lag_s')).toBeCloseTo(0.25, 12);
  expect(valueIn(part, 'start_lag_max_s')).toBeCloseTo(0.5, 12);
  expect(workloadOf(servedOf([requestOf()])).name).toBe('closed 2: 10+3');
});

test("a server's load is from its start to its answer; of one that ran already there is none", () => {
  const load = {
    cold: null,
    page_cache: 'as-found',
    compile_cache: null,
    import_s: null,
    read_s: null,
    context_s: null,
    first_call_s: 1,
  };
  expect(valueIn(workloadOf(servedOf([requestOf()]), { load: { ...load, ready_s: 12.5 } }), 'load_s')).toBe(12.5);
  const reasons = { load: 'the server was running already' };
  const part = workloadOf(servedOf([requestOf()]), { load: { ...load, ready_s: null }, reasons });
  expect(metricIn(part, 'load_s')).toMatchObject({ value: null, reason: reasons.load, main: false });
});

test('produced is what the server says; an own count may differ by its tokenizer', () => {
  const short = { prompt_tokens: 12, completion_tokens: 2 };
  const refused = (changes: object, workload = {}) => refusalsOf(payloadOf([servedOf([requestOf(changes)], workload)]));
  expect(refused({ usage: short })).toEqual([
    expect.stringMatching(/^3 new tokens were asked for, but 2 were produced/),
  ]);
  expect(refused({ usage: null, new_tokens: 2 })).toEqual([]);
  expect(refused({ usage: null, new_tokens: 2, finish_reason: 'stop' })).toHaveLength(1);
  expect(refused({ usage: null, new_tokens: 2, finish_reason: 'stop' }, { token_count: 'chunks' })).toEqual([]);
  expect(refused({ usage: short, error: timeout })).toEqual([]);
  expect(refused({ usage: short, end_s: null })).toEqual([]);
});

import { expect, test } from 'vitest';
import { codesIn, evidenceOf, kind, metricIn, payloadOf, requestOf, servedOf, valueIn, workloadOf } from './payload.ts';

const at = (at_s: number, values: object, fallen: string[] = []) => ({ at_s, took_s: 0.01, values, fallen });
const metricsOf = (readings: object[], changes: object = {}) => ({
  source: 'http://s/metrics',
  engine: 'vllm',
  period_s: 1,
  stale_s: 1,
  digits: null,
  names: { generated_tokens: 'vllm:generation_tokens_total', prefix_hits: 'hits' },
  failed: 0,
  readings,
  ...changes,
});

/** Two users, each with an answer of 10 tokens a second from 10 to 20 s. */
const requests = [0, 1].flatMap(() =>
  Array.from({ length: 10 }, (_, index) =>
    requestOf({
      start_s: 10 + index,
      chunk_times_s: Array.from({ length: 10 }, (_, token) => 0.095 + token / 10),
      new_tokens: 10,
      asked_tokens: 10,
      usage: { prompt_tokens: 12, completion_tokens: 10 },
      end_s: 0.995,
      done_s: 0.995,
    }),
  ),
);
const window = { from_s: 11, to_s: 19 };
const partOf = (server_metrics: object | null | undefined, changes: object = {}, more: object = {}) =>
  workloadOf(
    servedOf(requests, { window, new_tokens: 10, ...(server_metrics !== undefined && { server_metrics }), ...changes }),
    more,
  );

const counts = (seconds: number) => ({
  running: 2,
  waiting: 0,
  kv_share: seconds / 100,
  generated_tokens: 1000 + 20 * seconds,
  preemptions: seconds > 14 ? 3 : 1,
  prefix_hits: 4 * seconds,
  prefix_queries: 16 * seconds,
  queue_s: 0.5 * seconds,
  queue_requests: 2 * seconds,
  drafts: 4 * seconds,
  draft_tokens: 12 * seconds,
  accepted_tokens: 6 * seconds,
});
const steady = [9, 11.2, 12.2, 15.2, 18.2, 19.5].map((time_s) => at(time_s, counts(time_s)));

test('within the window: gauges on average and at most, counters by their growth', () => {
  const part = partOf(metricsOf(steady));
  expect(valueIn(part, 'server_readings')).toBe(4);
  expect(valueIn(part, 'server_running')).toBe(2);
  expect(valueIn(part, 'server_waiting_max')).toBe(0);
  expect(valueIn(part, 'server_kv_percent')).toBeCloseTo((11.2 + 12.2 + 15.2 + 18.2) / 4, 9);
  expect(valueIn(part, 'server_kv_max_percent')).toBeCloseTo(18.2, 9);
  expect(valueIn(part, 'server_output_tok_s')).toBeCloseTo(20, 9);
  expect(valueIn(part, 'server_preemptions')).toBe(2);
  expect(valueIn(part, 'server_prefix_hit_percent')).toBeCloseTo(25, 9);
  expect(valueIn(part, 'server_queue_s')).toBeCloseTo(0.25, 9);
  expect(valueIn(part, 'server_accept_length')).toBeCloseTo(2.5, 9);
  expect(valueIn(part, 'server_accept_percent')).toBeCloseTo(50, 9);
  expect(metricIn(part, 'server_prefill_s')).toMatchObject({
    value: null,
    reason: 'vllm does not tell it at http://s/metrics',
  });
  expect(codesIn(part)).not.toContain('foreign-load');
});

test('what was not seen is null with a reason', () => {
  const reasonOf = (part: ReturnType<typeof partOf>, name = 'server_kv_percent') => metricIn(part, name)!.reason;
  expect(reasonOf(partOf(undefined))).toBe('its worker did not watch the server');
  const reasons = { 'workloads.0.server_metrics': 'nobody answers', 'workloads.0.gpu': 'no GPU' };
  expect(reasonOf(partOf(null, { gpu: null }, { reasons }))).toBe('nobody answers');
  expect(reasonOf(partOf(null, { gpu: null }, { reasons }), 'gpu_power_w')).toBe('no GPU');
  expect(reasonOf(partOf(metricsOf(steady.slice(0, 2))))).toContain('answered 1 times within the window of 8.00 s');
  const fell = steady.with(3, at(15.2, counts(15.2), ['vllm:generation_tokens_total']));
  const part = partOf(metricsOf(fell));
  expect(reasonOf(part, 'server_output_tok_s')).toContain('vllm:generation_tokens_total fell meanwhile');
  expect(valueIn(part, 'server_prefix_hit_percent')).toBeCloseTo(25, 9);
  expect(codesIn(part)).not.toContain('foreign-load');
  expect(part.findings.find(({ code }) => code === 'counters-fell')?.message).toContain(
    'fell once while it was measured (vllm:generation_tokens_total)',
  );
  expect(codesIn(partOf(metricsOf(steady)))).not.toContain('counters-fell');
  const idle = steady.map(({ at_s }) => at(at_s, { ...counts(9), accept_length: 0 }));
  expect(reasonOf(partOf(metricsOf(idle)), 'server_accept_length')).toBe('it drafted no token meanwhile');
  const gauge = steady.map(({ at_s }) => at(at_s, { accept_length: at_s < 12 ? 0 : 2.25 }));
  expect(valueIn(partOf(metricsOf(gauge)), 'server_accept_length')).toBe(2.25);
});

test('a counter whose written digits are too few to tell its growth is unknown', () => {
  const six = (from: number) =>
    metricsOf(
      steady.map(({ at_s }) => at(at_s, { generated_tokens: Number((from + 20 * at_s).toPrecision(6)) })),
      { engine: 'llama.cpp', digits: 6 },
    );
  expect(valueIn(partOf(six(1000)), 'server_output_tok_s')).toBeCloseTo(20, 9);
  expect(metricIn(partOf(six(2e7)), 'server_output_tok_s')).toMatchObject({
    value: null,
    reason: expect.stringContaining('llama.cpp writes 6 digits, so this counter rises by steps of 100'),
  });
});

const gpuReading = (at_s: number, power_w: number) => ({
  at_s,
  gpus: 1,
  power_w,
  memory_bytes: 100,
  utilisation_percent: null,
  sm_clock_mhz: 1500,
});

test('means of the GPUs within the window', () => {
  const gpu = {
    source: 'nvidia-smi',
    period_s: 1,
    failed: 0,
    readings: [gpuReading(9, 1), gpuReading(12, 300), gpuReading(18, 400)],
  };
  const part = partOf(metricsOf(steady), { gpu });
  expect(valueIn(part, 'gpu_power_w')).toBe(350);
  expect(valueIn(part, 'gpu_sm_clock_mhz')).toBe(1500);
  expect(metricIn(part, 'gpu_utilisation_percent')!.reason).toBe('nvidia-smi does not tell it');
});

/** Generated tokens at each reading, for ours and `share` of it for others. */
const withOthers = (share: number, changes: object = {}) =>
  steady.map(({ at_s }) =>
    at(at_s, { ...counts(at_s), generated_tokens: Math.round(20 * (1 + share) * at_s), ...changes }),
  );

test('more tokens than ours are the load of others; late counting is none', () => {
  const messages = (readings: object[], changes: object = {}) =>
    partOf(metricsOf(readings, changes)).findings.flatMap(({ code, message }) =>
      code === 'foreign-load' ? message : [],
    );
  expect(messages(withOthers(0))).toEqual([]);
  expect(messages(withOthers(0.01))).toEqual([]);
  expect(messages(withOthers(0.2))).toEqual([
    'the server generated 168 tokens within 7.00 s of the window, our requests got 146 at most: others used it meanwhile, and its times are those of both loads',
  ]);
  // A server that counts the tokens of a request when it ends: with those that ended a moment before or after, it may be more.
  const ended = steady.map(({ at_s }) => at(at_s, { generated_tokens: 20 * Math.floor(at_s) }));
  expect(messages(ended)).toEqual([]);
  // Six digits of 20 million: steps of 100.
  const coarse = withOthers(0.2).map((one) => ({
    ...one,
    values: { generated_tokens: 2e7 + (one.at_s > 15 ? 200 : 0) },
  }));
  expect(messages(coarse)).toHaveLength(1);
  expect(messages(coarse, { digits: 6 })).toEqual([]);
});

test('more requests than ours in most readings are the load of others', () => {
  const messages = (running: (at_s: number) => number, changes: object = {}) =>
    partOf(
      metricsOf(steady.map(({ at_s }) => at(at_s, { running: running(at_s), waiting: 1 }))),
      changes,
    ).findings.flatMap(({ code, message }) => (code === 'foreign-load' ? message : []));
  // Of each user one under way, and one that ended within the time by which a value may be old.
  expect(messages(() => 3)).toEqual([]);
  expect(messages(() => 5)[0]).toContain(
    'in 4 of 4 readings of its state the server had more requests than were ours, up to 2',
  );
  expect(messages((at_s) => (at_s > 15 ? 9 : 1))).toEqual([]);
  const failed = requestOf({ start_s: 12, error: { type: 'timeout', message: 'late' }, end_s: null });
  expect(messages(() => 9, { requests: [...requests, failed] })).toEqual([]);
  // Each text of a request for embeddings may be a request of its own to the server.
  const vectors = { embeddings: { count: 4, dimension: 8 }, chunk_times_s: [], new_tokens: null, usage: null };
  const embedded = {
    requests: requests.map((one) => ({ ...one, ...vectors })),
    new_tokens: null,
    embeddings: { inputs: 4 },
    token_count: {},
  };
  expect(messages(() => 15, embedded)).toEqual([]);
  expect(messages(() => 17, embedded)[0]).toContain('up to 2');
});

test('each reading is a sample, and those of the GPUs', () => {
  const gpu = { source: 'nvidia-smi', period_s: 1, failed: 0, readings: [{ ...gpuReading(9, 300) }] };
  const workload = servedOf(requests, { window, new_tokens: 10, server_metrics: metricsOf(steady), gpu });
  const samples = kind.samples!(evidenceOf(payloadOf([workload])));
  const told = samples.filter(({ sample }) => sample === 'server');
  expect(told).toHaveLength(steady.length);
  expect(told[0]!.quantities).toContainEqual({ name: 'kv_percent', unit: '%', value: 9 });
  expect(samples.filter(({ sample }) => sample === 'gpu').map(({ quantities }) => quantities)).toEqual([
    [
      { name: 'at_s', unit: 's', value: 9 },
      { name: 'power_w', unit: 'W', value: 300 },
      { name: 'memory_bytes', unit: 'bytes', value: 100 },
      { name: 'sm_clock_mhz', unit: 'MHz', value: 1500 },
    ],
  ]);
});

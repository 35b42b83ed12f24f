import { array, assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import {
  callsOf,
  evidenceOf,
  factIn,
  kind,
  metricIn,
  offline,
  workloadOf,
  workloadsOf,
  payloadOf,
  valueIn,
} from './payload.ts';

const close = (value: number) => expect.closeTo(value, 9);

test('by hand: two calls of two sequences that are not in step', () => {
  const part = workloadOf();
  const values = Object.fromEntries(part.metrics.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    // Of 0.1, 0.25, 0.2, 0.2.
    ttft_s: close(0.2),
    ttft_mean_s: close(0.1875),
    ttft_min_s: 0.1,
    ttft_max_s: 0.25,
    ttft_sd_s: close(Math.sqrt((0.0875 ** 2 + 0.0625 ** 2 + 2 * 0.0125 ** 2) / 3)),
    ttft_n: 4,
    ttft_p90_s: null,
    // 0.3 / 2, 0.25 / 2, 0.2 / 2, 0.4 / 2.
    tpot_s: close(0.1375),
    // 0.4 / 3, 0.5 / 3, 0.4 / 3, 0.6 / 3.
    ntpot_s: close(0.15),
    // 0.1, 0.2, 0.1, 0.15; 0.1, 0.1, 0.2, 0.2.
    itl_s: close(0.125),
    itl_n: 8,
    e2e_s: close(0.55),
    e2e_cv: close(Math.sqrt(0.005) / 0.55),
    // 0.5 − 0.25, 0.6 − 0.2.
    decode_s: close(0.325),
    // Three tokens come after 0.25 s, four after 0.2 s: 3 / 0.25, 4 / 0.4.
    decode_tok_s: close(11),
    output_tok_s: close(11),
    output_max_tok_s: close(12),
    total_tok_s: close((26 / 0.5 + 26 / 0.6) / 2),
    prefill_s: close(0.15),
    prefill_tok_s: close(150),
    load_s: 0.875,
    first_call_s: 2,
    rss_peak_bytes: 300_000_000,
    iterations: 2,
    warmup_calls: 4,
    warmup_cv: 0.0196,
    j_per_output_token: null,
  });
});

test('the table shows what matters, in this order', () => {
  const names = workloadOf().metrics.flatMap(({ name, main }) => (main ? [name] : []));
  expect(names).toEqual([
    'ttft_s',
    'prefill_tok_s',
    'decode_tok_s',
    'tpot_s',
    'output_tok_s',
    'load_s',
    'rss_peak_bytes',
  ]);
});

test('sequences in step: one list of times stands for all', () => {
  const iteration = { start_s: 1, prompt_tokens: [10, 10, 10, 10], new_tokens: [3, 3, 3, 3] };
  const part = workloadOf({
    ...offline,
    batch_size: 4,
    generate: [{ ...iteration, token_times_s: [[0.2, 0.3, 0.4]] }],
    prefill: [],
  });
  expect(valueIn(part, 'ttft_n')).toBe(1);
  expect(valueIn(part, 'decode_tok_s')).toBeCloseTo((4 * 2) / 0.2, 9);
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo(12 / 0.4, 9);
  expect(valueIn(part, 'itl_n')).toBe(2);
});

test('with one new token there is no decoding, and its numbers say why', () => {
  const generate = [{ start_s: 1, prompt_tokens: [10], new_tokens: [1], token_times_s: [[0.2]] }];
  const part = workloadOf({ ...offline, batch_size: 1, new_tokens: 1, generate, prefill: [] });
  const reason = 'one new token per sequence, so there is nothing after the first';
  for (const name of ['tpot_s', 'decode_s', 'decode_tok_s', 'itl_s'])
    expect(metricIn(part, name)).toMatchObject({ value: null, reason });
  expect(valueIn(part, 'ttft_s')).toBe(0.2);
  expect(valueIn(part, 'output_tok_s')).toBe(5);
});

test('a single call has no spread', () => {
  const part = workloadOf(callsOf([0.5]));
  expect(metricIn(part, 'e2e_sd_s')).toMatchObject({ value: null, reason: 'a single value has no spread' });
  expect(metricIn(part, 'e2e_cv')).toMatchObject({ value: null, reason: 'a single value has no spread' });
  expect(metricIn(part, 'drift_percent')).toMatchObject({ value: null, reason: '1 values, 8 are needed' });
});

test('an engine without a prefill pass says why', () => {
  const reasons = { 'workloads.0.prefill': 'the engine reads prompts only while it generates' };
  const part = workloadOf({ ...offline, prefill: [], prefill_method: null }, { reasons });
  for (const name of ['prefill_s', 'prefill_tok_s'])
    expect(metricIn(part, name)).toMatchObject({ value: null, reason: reasons['workloads.0.prefill'] });
});

test('percentiles appear with enough values: 10 for p90, 20 for p95, 100 for p99', () => {
  const at = (n: number) => workloadOf(callsOf(Array.from({ length: n }, (_, index) => 1 + index / n)));
  expect(metricIn(at(9), 'e2e_p90_s')).toMatchObject({ value: null, reason: '9 values, 10 are needed' });
  expect(valueIn(at(10), 'e2e_p90_s')).toBeCloseTo(1.81, 9);
  expect(valueIn(at(19), 'e2e_p95_s')).toBeNull();
  expect(valueIn(at(20), 'e2e_p95_s')).toBeCloseTo(1.9025, 9);
  expect(valueIn(at(99), 'e2e_p99_s')).toBeNull();
  expect(valueIn(at(100), 'e2e_p99_s')).toBeCloseTo(1.9801, 9);
});

test('a context that is made while reading adds nothing to the load', () => {
  const load = { cold: null, page_cache: 'as-found', compile_cache: 'kept', import_s: 2, read_s: 3, first_call_s: 1 };
  const inside = { reasons: { 'load.context_s': 'vllm makes its context while it reads the model' } };
  const part = workloadOf(offline, { load: { ...load, context_s: null }, ...inside });
  expect(valueIn(part, 'load_s')).toBe(5);
  expect(metricIn(part, 'context_s')).toMatchObject({ value: null, reason: inside.reasons['load.context_s'] });
  const unexplained = workloadOf(offline, { load: { ...load, context_s: null } });
  expect(metricIn(unexplained, 'load_s')).toMatchObject({
    value: null,
    reason: 'load.context_s is missing, without a reason',
  });
});

test('memory while loading, where the worker saw it', () => {
  const load = { ...payloadOf().load, rss_peak_bytes: 900_000_000 };
  expect(valueIn(workloadOf(offline, { load }), 'load_rss_peak_bytes')).toBe(900_000_000);
  expect(metricIn(workloadOf(), 'load_rss_peak_bytes')).toBeUndefined();
});

test('the memory of processes that share pages, where the worker tells it', () => {
  const memory = { ...offline.memory, pss_peak_bytes: 250_000_000 };
  expect(valueIn(workloadOf({ ...offline, memory }), 'pss_peak_bytes')).toBe(250_000_000);
  expect(metricIn(workloadOf(), 'pss_peak_bytes')).toBeUndefined();
});

test('every value without a number has a reason, a name of its own and a description', () => {
  const { metrics } = workloadOf();
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  for (const { value, reason, description } of metrics) {
    expect(value === null).toBe(reason !== null);
    expect(description).not.toBe('');
  }
  expect(metricIn(workloadOf(), 'torch_allocated_peak_bytes')).toMatchObject({ value: null, reason: 'no GPU' });
});

test('units stand at the end of names', () => {
  const ends = { s: 's', 'tok/s': 'tok_s', bytes: 'bytes', '%': 'percent', J: 'j', W: 'w' };
  const { metrics } = workloadOf();
  for (const [unit, end] of Object.entries(ends)) {
    const names = metrics.flatMap((metric) => (metric.unit === unit ? [metric.name] : []));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !name.endsWith(`_${end}`))).toEqual([]);
  }
});

test('several workloads have rows of their own, in the order in which they were written', () => {
  const workloads = workloadsOf([
    { ...offline, order: 1 },
    { ...callsOf([0.5]), order: 0 },
  ]);
  expect(workloads.map(({ name }) => name)).toEqual(['2×10+3', '1×10+2']);
  expect(workloads.map((one) => factIn(one, 'workload_order'))).toEqual([1, 0]);
  expect(workloads.map((one) => factIn(one, 'workloads_in_process'))).toEqual([2, 2]);
  expect(workloads.map((one) => valueIn(one, 'load_s'))).toEqual([0.875, 0.875]);
});

test('facts say what was measured, with what', () => {
  const part = workloadOf(offline, { model: { ...model, weights: 'random' } });
  expect(Object.fromEntries(part.facts.map(({ name, value }) => [name, value]))).toMatchObject({
    workload: '2×10+3',
    mode: 'offline',
    batch_size: 2,
    prompt_tokens: 10,
    new_tokens: 3,
    concurrency: null,
    steady: 'unknown',
    warmup_converged: true,
    engine: 'llama.cpp',
    engine_through: 'node-llama-cpp 3.22.1',
    model: 'tiny (synthetic)',
    model_weights: 'random',
    energy_status: 'unavailable',
    storage_dtype: null,
    'effective.threads': 2,
    'effective.context_size': 256,
  });
});

test('the type in which converted weights are loaded stands beside the format of their file', () => {
  const part = workloadOf(offline, { model: { ...model, weights_format: 'q4_1', storage_dtype: 'bfloat16' } });
  expect([factIn(part, 'weights_format'), factIn(part, 'storage_dtype')]).toEqual(['q4_1', 'bfloat16']);
});

const model = {
  name: 'tiny',
  sha256: null,
  format: 'config',
  weights: 'random',
  weights_format: null,
  parameters: null,
  file_bytes: null,
};

test('a payload that does not fit gives no metrics', () => {
  expect(kind.workloads(evidenceOf({ engine: 'none' }))).toEqual([
    { name: null, metrics: [], facts: [], findings: [] },
  ]);
  expect(kind.workloads({ result: null, derived: null })[0]?.metrics).toEqual([]);
});

const durations = array(double({ min: 1e-6, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 30 });

test('property: medians lie within, rates fit their durations, all are finite or have a reason', () => {
  assert(
    property(durations, integer({ min: 1, max: 4 }), (calls, batch) => {
      const workload = callsOf(calls);
      const part = workloadOf({
        ...workload,
        batch_size: batch,
        generate: workload.generate.map((one) => ({
          ...one,
          prompt_tokens: Array.from({ length: batch }, () => 10),
          new_tokens: Array.from({ length: batch }, () => 2),
        })),
      });
      const e2e_s = valueIn(part, 'e2e_s')!;
      expect(e2e_s).toBeGreaterThanOrEqual(Math.min(...calls));
      expect(e2e_s).toBeLessThanOrEqual(Math.max(...calls));
      expect(valueIn(part, 'output_max_tok_s')).toBeCloseTo((2 * batch) / Math.min(...calls), -3);
      expect(valueIn(part, 'ttft_s')).toBeCloseTo(e2e_s / 2, 6);
      for (const { value, reason } of part.metrics) expect(value === null).toBe(reason !== null);
    }),
  );
});

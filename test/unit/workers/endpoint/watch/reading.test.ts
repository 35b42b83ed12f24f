import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineOf, fallenBetween, readValues } from '../../../../../workers/endpoint/src/watch/reading.ts';
import { readSeries } from '../../../../../workers/endpoint/src/watch/prometheus.ts';

/** As a real server answered. */
const answerOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../../fixtures/servers/metrics', name), 'utf8');

const readBy = (text: string) => readValues(text, engineOf(text)!)!;

test("vLLM's server: its names, and that of each value", () => {
  const text = answerOf('vllm-0.32.0.prom');
  expect(engineOf(text)?.name).toBe('vllm');
  const { values, names } = readBy(text);
  expect(values).toEqual({
    running: 0,
    waiting: 0,
    kv_share: 0,
    preemptions: 0,
    generated_tokens: 40,
    prefix_hits: 0,
    prefix_queries: 44,
    queue_s: 5.928899918217212e-5,
    queue_requests: 2,
    prefill_s: 3.6753311380016385,
    prefill_requests: 2,
  });
  expect(names).toMatchObject({
    generated_tokens: 'vllm:generation_tokens_total',
    queue_s: 'vllm:request_queue_time_seconds_sum',
  });
});

test("llama.cpp's server: prompt tokens from its cache are not among those that it processed", () => {
  const { values, names } = readBy(answerOf('llama-server-b11549.prom'));
  expect(Object.keys(values).toSorted()).toEqual(
    'accepted_tokens draft_tokens drafts generated_tokens prefix_hits prefix_queries running waiting'.split(' '),
  );
  expect(values.prefix_queries).toBe(2);
  expect(names.prefix_queries).toBe('llamacpp:prompt_tokens_total + llamacpp:prompt_tokens_cached_total');
});

test('engines of vLLM are summed, the fullest cache counts; names of earlier versions are known', () => {
  const text = `# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="a } b\\"c"} 3.0
vllm:num_requests_running{engine="1",model_name="a"} 1.6e1
vllm:gpu_cache_usage_perc{engine="0"} 0.25
vllm:gpu_cache_usage_perc{engine="1"} 0.75
vllm:gpu_prefix_cache_hits{engine="0"} 16.0
vllm:prefix_cache_hits_created{engine="0"} 1.7e9
vllm:spec_decode_num_drafts_total{engine="0"} NaN
`;
  expect(readBy(text).values).toEqual({ running: 19, kv_share: 0.75, prefix_hits: 16 });
});

// By metrics_collector.py.
test('ranks of one engine of SGLang say the same; requests of a priority are among all', () => {
  const of = (labels: string) => `{engine_type="unified",model_name="m",${labels}}`;
  const text = `sglang:num_running_reqs${of('tp_rank="0",priority=""')} 14.0
sglang:num_running_reqs${of('tp_rank="1",priority=""')} 14.0
sglang:num_running_reqs${of('tp_rank="0",priority="1"')} 6.0
sglang:num_queue_reqs{dp_rank="0",tp_rank="0"} 1.0
sglang:num_queue_reqs{dp_rank="1",tp_rank="0"} 2.0
sglang:token_usage${of('tp_rank="0"')} 0.28
sglang:spec_accept_length${of('tp_rank="0"')} 2.5
sglang:generation_tokens_total{is_streaming="true"} 7.557572e+06
sglang:generation_tokens_total{is_streaming="false"} 100
sglang:cached_tokens_total{cache_source="device"} 3 1700000000
sglang:prompt_tokens_total{is_streaming="true"} 9
sglang:queue_time_seconds_bucket{le="+Inf"} 4
sglang:queue_time_seconds_sum{model_name="m"} 1.5
sglang:queue_time_seconds_count{model_name="m"} 4
`;
  expect(readBy(text).values).toEqual({
    running: 14,
    waiting: 3,
    kv_share: 0.28,
    accept_length: 2.5,
    generated_tokens: 7557672,
    prefix_hits: 3,
    prefix_queries: 9,
    queue_s: 1.5,
    queue_requests: 4,
  });
});

// By tensorrt_llm/metrics/collector.py.
test("TensorRT-LLM's server", () => {
  const text = `trtllm_num_requests_running{model_name="m",engine_type="trtllm"} 3
trtllm_num_requests_waiting{model_name="m"} 1
trtllm_kv_cache_utilization{model_name="m"} 0.42
trtllm_generation_tokens_total{model_name="m"} 12345
trtllm_prompt_cached_tokens_total{model_name="m"} 10
trtllm_prompt_tokens_total{model_name="m"} 40
trtllm_spec_decode_num_draft_tokens_total{model_name="m"} 8
trtllm_spec_decode_drafted_tokens_total{token_position="0"} 4
`;
  expect(engineOf(text)?.name).toBe('tensorrt-llm');
  expect(readBy(text).values).toEqual({
    running: 3,
    waiting: 1,
    kv_share: 0.42,
    generated_tokens: 12345,
    prefix_hits: 10,
    prefix_queries: 40,
    draft_tokens: 8,
  });
});

test('a series that fell or is gone is told, although the sum of all grew', () => {
  const at = (...tokens: number[]) =>
    readBy(tokens.map((value, engine) => `vllm:generation_tokens_total{engine="${engine}"} ${value}\n`).join(''));
  expect(fallenBetween(at(5, 10), at(7, 30))).toEqual([]);
  expect(fallenBetween(at(5, 10), at(900, 0))).toEqual(['vllm:generation_tokens_total']);
  expect(fallenBetween(at(5, 10), at(900))).toEqual(['vllm:generation_tokens_total']);
  expect(fallenBetween(at(5), at(5, 10))).toEqual([]);
});

test('a text of any other form is none', () => {
  const any = (text: string) => readSeries(text, () => true);
  for (const text of ['', '<html>', '{"a": 1}', '[]', 'vllm:x{a="1" 5', 'vllm:x five', 'vllm:x', '# TYPE x counter'])
    expect(any(text)).toBeNull();
  for (const text of ['llm_requests_total 5\n', 'vllm:iteration_tokens_total_sum 1\n'])
    expect(engineOf(text)).toBeDefined();
  expect(engineOf('llm_requests_total 5\n')).toBeNull();
  // Exemplars of OpenMetrics, time stamps, and line ends of Windows.
  expect(any('a_total{b="c\\n"} 1 # {trace="1"} 0.5\r\nd 2 1700000000123\n# EOF')).toEqual([
    { name: 'a_total', labels: { b: 'c\n' }, value: 1 },
    { name: 'd', labels: {}, value: 2 },
  ]);
  expect(any('a +Inf\nb 1\n')).toEqual([{ name: 'b', labels: {}, value: 1 }]);
});

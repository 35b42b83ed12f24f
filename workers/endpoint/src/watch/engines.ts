/** What is read from a server's `/metrics`; counters count since its start. */
export const QUANTITIES = {
  running: 'gauge',
  waiting: 'gauge',
  kv_share: 'gauge',
  accept_length: 'gauge',
  preemptions: 'counter',
  generated_tokens: 'counter',
  prefix_hits: 'counter',
  prefix_queries: 'counter',
  queue_s: 'counter',
  queue_requests: 'counter',
  prefill_s: 'counter',
  prefill_requests: 'counter',
  drafts: 'counter',
  draft_tokens: 'counter',
  accepted_tokens: 'counter',
} as const;

export type QuantityName = keyof typeof QUANTITIES;

/** Where an engine's `/metrics` has them. */
export interface Engine {
  name: string;
  /** All its metrics begin so. */
  prefix: string;
  /** For so long a gauge may stay as it was, s. */
  stale_s: number;
  /** To so many digits numbers are written; null: to all. */
  digits: number | null;
  /**
   * Names without the prefix and without `_total`, which some versions add: the present one first, then those of earlier versions. `+`
   * adds two.
   */
  names: Partial<Record<QuantityName, readonly string[]>>;
}

/**
 * By their source: vLLM 0.6 to 0.32 (vllm/v1/metrics/loggers.py, vllm/engine/metrics.py, vllm/v1/spec_decode/metrics.py); SGLang
 * 0.4 to 0.6 (metrics_collector.py, with --enable-metrics), which writes its gauges every 40 steps of decoding; TensorRT-LLM 1.0
 * on (tensorrt_llm/metrics/collector.py, with return_perf_metrics and enable_iter_perf_stats); llama.cpp's server
 * (tools/server, with --metrics), which writes 6 digits.
 */
export const ENGINES: readonly Engine[] = [
  {
    name: 'vllm',
    prefix: 'vllm:',
    stale_s: 1,
    digits: null,
    names: {
      running: ['num_requests_running'],
      waiting: ['num_requests_waiting'],
      kv_share: ['kv_cache_usage_perc', 'gpu_cache_usage_perc'],
      preemptions: ['num_preemptions'],
      generated_tokens: ['generation_tokens'],
      prefix_hits: ['prefix_cache_hits', 'gpu_prefix_cache_hits'],
      prefix_queries: ['prefix_cache_queries', 'gpu_prefix_cache_queries'],
      queue_s: ['request_queue_time_seconds_sum'],
      queue_requests: ['request_queue_time_seconds_count'],
      prefill_s: ['request_prefill_time_seconds_sum'],
      prefill_requests: ['request_prefill_time_seconds_count'],
      drafts: ['spec_decode_num_drafts'],
      draft_tokens: ['spec_decode_num_draft_tokens'],
      accepted_tokens: ['spec_decode_num_accepted_tokens'],
    },
  },
  {
    name: 'sglang',
    prefix: 'sglang:',
    stale_s: 5,
    digits: null,
    names: {
      running: ['num_running_reqs'],
      waiting: ['num_queue_reqs'],
      kv_share: ['token_usage'],
      accept_length: ['spec_accept_length'],
      preemptions: ['num_retracted_requests'],
      generated_tokens: ['generation_tokens'],
      prefix_hits: ['cached_tokens'],
      prefix_queries: ['prompt_tokens'],
      queue_s: ['queue_time_seconds_sum'],
      queue_requests: ['queue_time_seconds_count'],
      drafts: ['spec_verify_calls'],
    },
  },
  {
    name: 'tensorrt-llm',
    prefix: 'trtllm_',
    stale_s: 5,
    digits: null,
    names: {
      running: ['num_requests_running'],
      waiting: ['num_requests_waiting'],
      kv_share: ['kv_cache_utilization'],
      accept_length: ['spec_decode_acceptance_length'],
      generated_tokens: ['generation_tokens'],
      prefix_hits: ['prompt_cached_tokens'],
      prefix_queries: ['prompt_tokens'],
      queue_s: ['request_queue_time_seconds_sum'],
      queue_requests: ['request_queue_time_seconds_count'],
      prefill_s: ['request_prefill_time_seconds_sum'],
      prefill_requests: ['request_prefill_time_seconds_count'],
      draft_tokens: ['spec_decode_num_draft_tokens'],
      accepted_tokens: ['spec_decode_num_accepted_tokens'],
    },
  },
  {
    name: 'llama.cpp',
    prefix: 'llamacpp:',
    stale_s: 1,
    digits: 6,
    names: {
      running: ['requests_processing'],
      waiting: ['requests_deferred'],
      kv_share: ['kv_cache_usage_ratio'],
      generated_tokens: ['tokens_predicted'],
      prefix_hits: ['prompt_tokens_cached'],
      prefix_queries: ['prompt_tokens + prompt_tokens_cached'],
      drafts: ['spec_decode_num_drafts'],
      draft_tokens: ['spec_decode_num_draft_tokens'],
      accepted_tokens: ['spec_decode_num_accepted_tokens'],
    },
  },
];

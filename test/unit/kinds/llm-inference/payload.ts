import type { Evidence, Workload } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { kindOf } from '../../../../plugins/nx-study/src/kinds/index.ts';
import { resultOf } from '../evidence.ts';

export const kind = kindOf('llm-inference');

const unseen = {
  torch_allocated_peak_bytes: null,
  torch_reserved_peak_bytes: null,
  process_vram_peak_bytes: null,
  device_vram_before_bytes: null,
  device_vram_peak_bytes: null,
};

const shared = {
  order: 0,
  prompt_tokens: 10,
  new_tokens: 3,
  warmup: { samples_s: [0.9, 0.52, 0.51, 0.5], converged: true, target_cv: 0.05, cv: 0.0196 },
  stopped_by: 'enough',
  memory: {
    sample_period_s: 0.1,
    rss_before_bytes: 40_000_000,
    rss_peak_bytes: 300_000_000,
    kv_cache_bytes: 1_000_000,
    ...unseen,
  },
  energy: { status: 'unavailable', reason: 'no_gpu_no_rapl' },
};

/** Two calls of a batch of two, whose sequences are not in step. */
export const offline = {
  mode: 'offline',
  batch_size: 2,
  ...shared,
  generate: [
    {
      start_s: 5,
      prompt_tokens: [10, 10],
      new_tokens: [3, 3],
      token_times_s: [
        [0.1, 0.2, 0.4],
        [0.25, 0.35, 0.5],
      ],
    },
    {
      start_s: 6,
      prompt_tokens: [10, 10],
      new_tokens: [3, 3],
      token_times_s: [
        [0.2, 0.3, 0.4],
        [0.2, 0.4, 0.6],
      ],
    },
  ],
  prefill: [
    { start_s: 8, elapsed_s: 0.1, prompt_tokens: [10, 10] },
    { start_s: 9, elapsed_s: 0.2, prompt_tokens: [10, 10] },
  ],
  prefill_method: 'forward',
};

/** Calls of one sequence that take these times; the first of the tokens comes after half of it. */
export const callsOf = (durations: number[]) => ({
  ...offline,
  batch_size: 1,
  new_tokens: 2,
  generate: durations.map((duration, index) => ({
    start_s: 10 * index,
    prompt_tokens: [10],
    new_tokens: [2],
    token_times_s: [[duration / 2, duration]],
  })),
  prefill: [],
});

const answer = {
  scheduled_s: null,
  start_s: 10,
  chunk_times_s: [0.2, 0.3, 0.5],
  end_s: 0.6,
  prompt_tokens: 10,
  new_tokens: 3,
  first_chunk_tokens: 1,
  usage: { prompt_tokens: 12, completion_tokens: 3 },
  finish_reason: 'length',
  error: null,
};

export const requestOf = (changes: object = {}) => ({ ...answer, ...changes });

export const servedOf = (requests: object[], changes: object = {}) => ({
  mode: 'closed-loop',
  concurrency: 2,
  rate_per_s: null,
  ...shared,
  token_count: 'pinned-tokenizer',
  requests,
  ...changes,
});

export const payloadOf = (workloads: object[] = [offline], changes: object = {}) => ({
  engine: { name: 'llama.cpp', version: 'b1234', through: 'node-llama-cpp 3.22.1', build: {} },
  model: {
    name: 'smollm2',
    sha256: 'a'.repeat(64),
    format: 'gguf',
    weights: 'real',
    weights_format: 'q4_1',
    parameters: 134_515_008,
    file_bytes: 98_362_432,
  },
  settings: { asked: { threads: 2, start: 'warm' }, effective: { threads: 2, context_size: 256 } },
  load: {
    cold: false,
    page_cache: 'as-found',
    compile_cache: 'none',
    import_s: 0.5,
    read_s: 0.25,
    context_s: 0.125,
    first_call_s: 2,
  },
  workloads,
  versions: { node: '20.19.0' },
  reasons: Object.fromEntries(
    workloads.flatMap((_, index) => Object.keys(unseen).map((name) => [`workloads.${index}.memory.${name}`, 'no GPU'])),
  ),
  ...changes,
});

export const evidenceOf = (payload: object): Evidence => ({
  result: resultOf('llm-inference', payload),
  derived: null,
});
export const workloadsOf = (workloads: object[] = [offline], changes: object = {}): Workload[] =>
  kind.workloads(evidenceOf(payloadOf(workloads, changes)));

export const workloadOf = (workload: object = offline, changes: object = {}): Workload =>
  workloadsOf([workload], changes)[0]!;
export const metricIn = ({ metrics }: Workload, name: string) => metrics.find((metric) => metric.name === name);
export const valueIn = (part: Workload, name: string) => metricIn(part, name)?.value;
export const factIn = ({ facts }: Workload, name: string) => facts.find((fact) => fact.name === name)?.value;
export const codesIn = ({ findings }: Workload) => findings.map(({ code }) => code);
/** Texts of what a payload is refused for; none when it is accepted. */
export const refusalsOf = (payload: object): string[] =>
  kind.payload.safeParse(payload).error?.issues.map(({ message }) => message) ?? [];

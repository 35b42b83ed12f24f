import { z } from 'zod';

const number = z.number().nullable();
const seconds = z.number().min(0);
const duration_s = seconds.nullable();
const bytes = z.int().min(0).nullable();
const count = z.int().min(0);
const json = z.record(z.string(), z.json());

/** One call that generated; all times in s, on one monotonic clock that begins with the process. */
const iterationSchema = z.looseObject({
  start_s: seconds,
  /** Tokens that were really in each sequence's prompt. */
  prompt_tokens: z.array(count).min(1),
  /** Tokens that were really produced for each sequence. */
  new_tokens: z.array(count).min(1),
  /**
   * When each token was available to the caller, counted from `start_s`: a list for each sequence, or a single one when
   * all sequences advance together.
   */
  token_times_s: z.array(z.array(seconds)).min(1),
});

/** A forward pass over whole prompts. */
const prefillSchema = z.looseObject({
  start_s: seconds,
  elapsed_s: seconds,
  prompt_tokens: z.array(count).min(1),
});

const memorySchema = z.looseObject({
  /** How often the device was looked at; null when nothing was sampled. */
  sample_period_s: number,
  rss_before_bytes: bytes,
  rss_peak_bytes: bytes,
  /** Left out by workers of one process, whose pages nobody shares. */
  pss_peak_bytes: bytes.optional(),
  torch_allocated_peak_bytes: bytes,
  torch_reserved_peak_bytes: bytes,
  process_vram_peak_bytes: bytes,
  device_vram_before_bytes: bytes,
  device_vram_peak_bytes: bytes,
  kv_cache_bytes: bytes,
});

/** Energy from counters over one window; `joules` are the counters' differences, never estimates. */
const energySchema = z.discriminatedUnion('status', [
  z.looseObject({ status: z.literal('unavailable'), reason: z.string() }),
  z.looseObject({
    status: z.literal('measured'),
    window_s: seconds,
    /** Tokens produced, and tokens of prompts read, within the same window. */
    window_output_tokens: count,
    window_prompt_tokens: count,
    domains: z
      .array(
        z.looseObject({
          /** Such as `gpu0`, `package-0`, `dram-0`. */
          name: z.string(),
          source: z.enum(['nvml-counter', 'rapl']),
          /** What the counter covers, other processes included. */
          scope: z.enum(['device', 'package', 'core', 'dram', 'platform']),
          joules: z.number(),
          /** How often the counter was read. */
          samples: count,
          /** Power while idle, in the same process with the model loaded; null with a reason in the idle part. */
          idle_w: number,
        }),
      )
      .min(1),
    idle: z.looseObject({ method: z.string(), window_s: seconds, reason: z.string().nullable() }),
    /** Counters that should be among the domains, but told nothing: source or name → reason. */
    missing: z.record(z.string(), z.string()).default({}),
  }),
]);

const sharedWorkload = {
  /** Position in the order in which the workloads of one process ran, from 0. */
  order: count,
  /** Asked for. */
  prompt_tokens: count,
  new_tokens: count,
  warmup: z.looseObject({
    /** Duration of each warm-up call, in order. */
    samples_s: z.array(seconds),
    /** null when nothing was to converge, or there was too little to tell. */
    converged: z.boolean().nullable(),
    target_cv: number,
    /** Of the last window; null when there was none. */
    cv: number,
  }),
  /** `enough`: the asked iterations and duration. `max_s`: the cap came first. */
  stopped_by: z.enum(['enough', 'max_s']),
  memory: memorySchema,
  energy: energySchema,
};

/** An engine inside the worker's own process tree: batches, one after another. */
const offlineSchema = z.looseObject({
  mode: z.literal('offline'),
  batch_size: z.int().min(1),
  ...sharedWorkload,
  generate: z.array(iterationSchema).min(1),
  prefill: z.array(prefillSchema),
  /** What a prefill pass was: `forward` samples nothing, `one-token` produces one token. */
  prefill_method: z.enum(['forward', 'one-token']).nullable(),
});

/** How the new tokens of a request were counted, the best way first. */
export const countingWays = ['running-usage', 'server-usage', 'pinned-tokenizer'] as const;

const requestSchema = z.looseObject({
  /** When the arrival process wanted it to start; null in a closed loop. */
  scheduled_s: duration_s,
  start_s: seconds,
  /** When each chunk of the answer arrived, counted from `start_s`: with text, or with tokens that the server counts and that have none. */
  chunk_times_s: z.array(seconds),
  /**
   * The chunk with its last token, counted from `start_s`; null when there was an error. Where `done_s` is left out, the
   * end of the response: older workers knew no other end.
   */
  end_s: duration_s,
  /** When the answer was over, counted from `start_s`: at `[DONE]`, or else at the end of the response. */
  done_s: duration_s.optional(),
  /** The first chunk with text, counted from `start_s`. */
  first_text_s: duration_s.optional(),
  prompt_tokens: count.nullable(),
  /** null when nothing counted them. */
  new_tokens: count.nullable(),
  /**
   * `running-usage`: the server counted along; `server-usage`: it said so in the end; `pinned-tokenizer`: counted here,
   * of the whole text; null: nobody counted. Left out by older workers, which counted as `token_count` of the workload says.
   */
  counted_by: z.enum(countingWays).nullable().optional(),
  /** Tokens in the first chunk; null when they could not be counted. */
  first_chunk_tokens: count.nullable(),
  /** Tokens of the whole text by the pinned tokenizer; null without one. */
  text_tokens: count.nullable().optional(),
  /** What the server says; null when it says nothing. */
  usage: z
    .looseObject({
      prompt_tokens: count.nullable(),
      completion_tokens: count,
      cached_tokens: count.nullable().default(null),
    })
    .nullable(),
  finish_reason: z.string().nullable(),
  /** Why it is no success though there was no error; null when it is one. Types: `no-finish-reason`, `finish-reason`, `no-text`, `length`. */
  incomplete: z.looseObject({ type: z.string(), message: z.string() }).nullable().default(null),
  error: z.looseObject({ type: z.string(), message: z.string() }).nullable(),
});

/** A server: requests that overlap. */
const servedSchema = z.looseObject({
  mode: z.enum(['closed-loop', 'open-loop']),
  /** Requests under way at once; null in an open loop. */
  concurrency: z.int().min(1).nullable(),
  /** Mean rate of Poisson arrivals; null in a closed loop. */
  rate_per_s: z.number().positive().nullable(),
  ...sharedWorkload,
  /** `exact`: each request was to produce just so many new tokens. `at-most`: so many or fewer, as the model likes. */
  length: z.enum(['exact', 'at-most']).default('exact'),
  /** Requests by the way in which their new tokens were counted; older workers counted all in one way, if need be by chunks. */
  token_count: z.union([
    z.partialRecord(z.enum([...countingWays, 'none']), count),
    z.enum(['pinned-tokenizer', 'server-usage', 'chunks']),
  ]),
  /**
   * In which the asked load was kept, on the clock of `start_s`: from when all users had a request under way until the
   * first found none to start; in an open loop from the end of the first request to the last arrival. null with a reason
   * where there was no such time; left out by older workers, whose rates are of the whole span alone.
   */
  window: z.looseObject({ from_s: seconds, to_s: seconds }).nullable().optional(),
  /** What the server's counters say of its prefix cache, others' requests included; null where it has none. */
  server_cache: z.looseObject({ source: z.string(), hit_tokens: count, read_tokens: count }).nullable().optional(),
  /** Requests that brought the load up before the first measured one: their tokens within the window count, nothing else. */
  settling: z.array(requestSchema).default([]),
  /** The measured requests, warm-up ones excluded, in order of their start. */
  requests: z.array(requestSchema).min(1),
});

export const workloadSchema = z.discriminatedUnion('mode', [offlineSchema, servedSchema]);

export const shapeSchema = z.looseObject({
  engine: z.looseObject({
    /** Such as `llama.cpp`, `transformers`, `vllm`. */
    name: z.string(),
    version: z.string().nullable(),
    /** The binding between the worker and the engine, with its version: it takes time of its own. null without one. */
    through: z.string().nullable(),
    build: json.default({}),
    /** What a server tells of itself, as `source key` → value: no part of the measurement's identity. */
    told: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
  }),
  model: z.looseObject({
    name: z.string(),
    sha256: z.string().nullable(),
    format: z.enum(['gguf', 'safetensors', 'config', 'served']),
    /** `random`: a synthetic model; only speed and memory mean something. */
    weights: z.enum(['real', 'random', 'unknown']),
    /** As stored, such as `q4_1`; computing may happen in another type. */
    weights_format: z.string().nullable(),
    /** Of the files that are loaded, where they were made from the model's: such as `bfloat16` for a file in `q4_1`. */
    storage_dtype: z.string().nullish(),
    parameters: z.number().nullable(),
    file_bytes: z.number().nullable(),
  }),
  /** Setting → value, under the same names; an effective null is one that the engine doesn't tell. */
  settings: z.looseObject({ asked: json, effective: json }),
  load: z.looseObject({
    /** Whether the model's files were evicted from the page cache; null when that can't be told. */
    cold: z.boolean().nullable(),
    page_cache: z.enum(['evicted', 'filled', 'as-found', 'not-local']),
    /** null when that can't be told: a server's own matter. */
    compile_cache: z.enum(['empty', 'kept', 'none']).nullable(),
    import_s: duration_s,
    read_s: duration_s,
    /** null with a reason: it has no time of its own, so it lies within `read_s`. */
    context_s: duration_s,
    /** From the start of a server to its first good answer: all of its loading, where the parts can't be told. */
    ready_s: duration_s.optional(),
    first_call_s: duration_s,
    /** Of the worker's process, up to the end of loading: reading may need more than the model takes afterwards. */
    rss_peak_bytes: bytes.optional(),
  }),
  /** What random prompts were made with beside their place; left out where the seed alone makes them. */
  prompt_salt: count.optional(),
  workloads: z.array(workloadSchema).min(1),
  versions: z.record(z.string(), z.string().nullable()),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]),
  /** Why a number is null: dotted path → text, such as `load.context_s` or `workloads.0.memory.kv_cache_bytes`. */
  reasons: z.record(z.string(), z.string()).default({}),
});

export type Payload = z.infer<typeof shapeSchema>;
export type MeasuredWorkload = z.infer<typeof workloadSchema>;
export type OfflineWorkload = z.infer<typeof offlineSchema>;
export type ServedWorkload = z.infer<typeof servedSchema>;
export type Iteration = z.infer<typeof iterationSchema>;
export type ServedRequest = z.infer<typeof requestSchema>;
export type Energy = z.infer<typeof energySchema>;

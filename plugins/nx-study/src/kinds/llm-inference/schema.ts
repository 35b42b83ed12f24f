import { z } from 'zod';
import { gpuSchema, serverMetricsSchema } from './telemetry.ts';

const number = z.number().nullable();
const seconds = z.number().min(0);
const duration_s = seconds.nullable();
const bytes = z.int().min(0).nullable();
const count = z.int().min(0);
const json = z.record(z.string(), z.json());

/** One call that generated; all times in s, on one monotonic clock that begins with the process. */
const iterationSchema = z.looseObject({
  start_s: seconds,
  prompt_tokens: z.array(count).min(1).describe("Tokens that were really in each sequence's prompt."),
  new_tokens: z.array(count).min(1).describe('Tokens that were really produced for each sequence.'),
  token_times_s: z
    .array(z.array(seconds))
    .min(1)
    .describe(
      'When each token was available to the caller, counted from `start_s`: a list for each sequence, or a single one when all sequences advance together.',
    ),
});

/** A forward pass over whole prompts. */
const prefillSchema = z.looseObject({
  start_s: seconds,
  elapsed_s: seconds,
  prompt_tokens: z.array(count).min(1),
});

const memorySchema = z.looseObject({
  sample_period_s: number.describe('The period of the samples of device memory; null when nothing was sampled.'),
  rss_before_bytes: bytes,
  rss_peak_bytes: bytes,
  pss_peak_bytes: bytes
    .optional()
    .describe('Pages that several processes share count once. Left out by workers of one process.'),
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
    window_output_tokens: count.describe('Tokens produced within the window.'),
    window_prompt_tokens: count.describe('Tokens of prompts read within the window.'),
    domains: z
      .array(
        z.looseObject({
          name: z.string().describe('The name of the counter, such as `gpu0`, `package-0` or `dram-0`.'),
          source: z.enum(['nvml-counter', 'rapl']),
          scope: z
            .enum(['device', 'package', 'core', 'dram', 'platform'])
            .describe('The part of the machine that the counter covers, other processes included.'),
          joules: z.number(),
          samples: count.describe('How often the counter was read.'),
          idle_w: number.describe(
            'Power while idle, in the same process with the model loaded; null with a reason in the idle part.',
          ),
        }),
      )
      .min(1),
    idle: z.looseObject({ method: z.string(), window_s: seconds, reason: z.string().nullable() }),
    missing: z
      .record(z.string(), z.string())
      .default({})
      .describe('Counters that should be among the domains but gave no value: source or name, and the reason.'),
  }),
]);

const sharedWorkload = {
  order: count.describe('Position in the order in which the workloads of one process ran, from 0.'),
  prompt_tokens: count.describe('The asked number; where lengths differ from request to request, the middle of them.'),
  new_tokens: count.describe('The asked number; where lengths differ from request to request, the middle of them.'),
  warmup: z.looseObject({
    samples_s: z.array(seconds).describe('Duration of each warm-up call, in order.'),
    converged: z
      .boolean()
      .nullable()
      .describe(
        'Whether the target was met; null without a target, and where `max_iterations` allow too few samples to decide.',
      ),
    target_cv: number,
    cv: number.describe('The coefficient of variation of the last window; null when there was none.'),
  }),
  stopped_by: z
    .enum(['enough', 'max_s', 'overloaded'])
    .describe(
      '`enough`: the asked iterations and duration were reached. `max_s`: the longest duration was over before. `overloaded`: the server of an open loop fell behind further and further, and the study asked to stop then.',
    ),
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
  prefill_method: z
    .enum(['forward', 'one-token'])
    .nullable()
    .describe('What a prefill pass was: `forward` samples nothing, `one-token` produces one token.'),
});

/** How the new tokens of a request were counted, the best way first. */
export const countingWays = ['running-usage', 'server-usage', 'pinned-tokenizer'] as const;

const requestSchema = z.looseObject({
  scheduled_s: duration_s.describe('When it was to start by the arrival process; null in a closed loop.'),
  waited_s: seconds
    .default(0)
    .describe('For how long it was due and not sent, because as many as `load.max_in_flight` were under way.'),
  start_s: seconds,
  connection_reused: z.boolean().optional().describe('Its connection was open before.'),
  connect_s: duration_s
    .optional()
    .describe('How long opening its connection took, within its times; null when it was open before.'),
  chunk_times_s: z
    .array(seconds)
    .describe(
      'When each chunk of the answer arrived, counted from `start_s`: with text, or with tokens that the server counts and that have none.',
    ),
  end_s: duration_s.describe(
    'The chunk with its last token, counted from `start_s`; null when there was an error. Where `done_s` is left out, the end of the response: older workers knew no other end.',
  ),
  done_s: duration_s
    .optional()
    .describe('When the answer was over, counted from `start_s`: at `[DONE]`, or else at the end of the response.'),
  first_text_s: duration_s.optional().describe('The first chunk with text, counted from `start_s`.'),
  prompt_tokens: count.nullable(),
  asked_prompt_tokens: count
    .nullable()
    .optional()
    .describe('The length of the prompt that was asked for; null where it is as long as its text.'),
  turn: z.int().min(1).optional().describe('Which turn of a conversation it is; left out for a single request.'),
  shared_tokens: count
    .nullable()
    .optional()
    .describe(
      'Tokens at the beginning of its prompt that an earlier request of the workload had, too, as the study asks, or that are its history: a server that forgets nothing need not read them. null where the server did not count its history. Left out where prompts share nothing.',
    ),
  asked_tokens: count
    .optional()
    .describe('New tokens that were asked for; left out where they are those of the workload.'),
  new_tokens: count.nullable().describe('null when nothing counted them.'),
  counted_by: z
    .enum(countingWays)
    .nullable()
    .optional()
    .describe(
      '`running-usage`: the server counted in each chunk; `server-usage`: the server counted at the end; `pinned-tokenizer`: the worker counted the whole text; null: nothing counted. Left out by older workers, which counted as `token_count` of the workload gives.',
    ),
  first_chunk_tokens: count.nullable().describe('Tokens in the first chunk; null when they could not be counted.'),
  text_tokens: count
    .nullable()
    .optional()
    .describe('Tokens of the whole text by the pinned tokenizer; null without one.'),
  usage: z
    .looseObject({
      prompt_tokens: count.nullable(),
      completion_tokens: count.nullable().describe('null for embeddings.'),
      cached_tokens: count.nullable().default(null),
    })
    .nullable()
    .describe('The counts of the server; null when it gave none.'),
  finish_reason: z.string().nullable(),
  embeddings: z
    .looseObject({ count, dimension: z.int().min(1).nullable() })
    .optional()
    .describe(
      'The vectors that came, and how many numbers each has, null where they differ; left out where an answer was asked for, and after an error.',
    ),
  incomplete: z
    .looseObject({ type: z.string(), message: z.string() })
    .nullable()
    .default(null)
    .describe(
      'Why it is no success though there was no error; null when it is one. Types: `no-finish-reason`, `finish-reason`, `no-text`, `length`, `embeddings`.',
    ),
  error: z.looseObject({ type: z.string(), message: z.string() }).nullable(),
});

const maxInFlight = z.int().min(1).nullable();

/** What is asked of a server. */
const loadSchema = z.discriminatedUnion('mode', [
  z.looseObject({ mode: z.literal('closed'), concurrency: z.int().min(1), think_s: seconds, ramp_s: duration_s }),
  z.looseObject({
    mode: z.literal('open'),
    rate_per_s: z.number().positive(),
    arrival_cv: seconds.describe('Standard deviation of the times between arrivals / their mean; 1: Poisson.'),
    ramp_s: seconds,
    max_in_flight: maxInFlight,
  }),
  z.looseObject({
    mode: z.literal('replay'),
    file: z.string(),
    speed: z.number().positive(),
    max_in_flight: maxInFlight,
  }),
]);

/** The delays of the worker itself. */
const clientSchema = z.looseObject({
  mean_s: number,
  p99_s: number.describe('How late its own timers were: the 99th percentile; of several threads that of the worst.'),
  max_s: number,
  cpu_share: z.number().min(0).describe('CPU time of the worker per second, of all its threads together.'),
  threads: z
    .int()
    .min(1)
    .optional()
    .describe('Threads that sent requests and read answers; left out by older workers, which had one.'),
});

const limits = { min: z.int().min(1).optional(), max: z.int().min(1) };

/** Lengths as they are asked for. */
const lengthSchema = z.union([
  count,
  z.looseObject({
    uniform: z.array(count).length(2).optional(),
    normal: z.looseObject({ mean: z.number(), sd: z.number(), ...limits }).optional(),
    lognormal: z.looseObject({ median: z.number(), sigma: z.number(), ...limits }).optional(),
    file: z.string().optional(),
  }),
]);

const askedLengthsSchema = z.looseObject({ prompt_tokens: lengthSchema, new_tokens: lengthSchema.optional() });

/** A server: requests that overlap. */
const servedSchema = z.looseObject({
  mode: z.enum(['closed-loop', 'open-loop']),
  concurrency: z.int().min(1).nullable().describe('Users of a closed loop; null in an open loop.'),
  rate_per_s: z
    .number()
    .positive()
    .nullable()
    .describe('Mean rate of arrivals; null in a closed loop, and for a trace whose requests are all due at once.'),
  load: loadSchema.optional().describe('The load as asked, with its defaults; left out by older workers.'),
  ...sharedWorkload,
  prompt_tokens: sharedWorkload.prompt_tokens
    .nullable()
    .describe(
      'The asked number; where lengths differ from request to request, the middle of them; null with a reason where nobody counted the texts of a file.',
    ),
  new_tokens: sharedWorkload.new_tokens
    .nullable()
    .describe(
      'The asked number; where lengths differ from request to request, the middle of them; null with a reason for embeddings.',
    ),
  embeddings: z
    .looseObject({ inputs: z.int().min(1) })
    .optional()
    .describe(
      'Requests ask for embeddings of so many texts each, whose lengths are `prompt_tokens`; a request has the tokens of all of its texts. Left out where they ask for answers.',
    ),
  prefix: z
    .looseObject({ tokens: count, pool: count, share: z.number() })
    .optional()
    .describe('Beginnings that prompts share, as asked; left out where they share none.'),
  turns: z
    .looseObject({ count, think_s: seconds, history: z.enum(['server', 'recorded']) })
    .optional()
    .describe('Conversations, as asked; left out where requests are single ones.'),
  dataset: z
    .looseObject({
      file: z.string(),
      form: z.string(),
      order: z.enum(['as-written', 'seeded']),
      answers: z.enum(['new_tokens', 'recorded']),
      entries: count,
      skipped: count.describe('Conversations in which no user says anything.'),
    })
    .optional()
    .describe('The file whose texts were sent; left out where prompts were made.'),
  asked_lengths: askedLengthsSchema
    .optional()
    .describe(
      'Lengths as asked: numbers, or distributions, whose middles are `prompt_tokens` and `new_tokens`. Left out by older workers, which had numbers only.',
    ),
  length: z
    .enum(['exact', 'at-most'])
    .default('exact')
    .describe(
      '`exact`: each request was to produce just so many new tokens. `at-most`: so many or fewer, as the model likes.',
    ),
  token_count: z
    .union([
      z.partialRecord(z.enum([...countingWays, 'none']), count),
      z.enum(['pinned-tokenizer', 'server-usage', 'chunks']),
    ])
    .describe(
      'Requests by the way in which their new tokens were counted; older workers counted all in one way, if need be by chunks.',
    ),
  window: z
    .looseObject({ from_s: seconds, to_s: seconds })
    .nullable()
    .optional()
    .describe(
      'When the asked load was kept, on the clock of `start_s`: from when all users had a request under way until the first found none to start; in an open loop from the end of settling to the last arrival (of older workers from the end of the first request). null with a reason where there was no such time; left out by older workers, whose rates are of the whole span alone.',
    ),
  server_cache: z
    .looseObject({ source: z.string(), hit_tokens: count, read_tokens: count })
    .nullable()
    .optional()
    .describe(
      "The server's counters of its prefix cache, the requests of others included; null where it has none. Of older workers: `server_metrics` has them now.",
    ),
  server_metrics: serverMetricsSchema
    .nullable()
    .optional()
    .describe(
      'What the server told of its state meanwhile, the requests of others included; null with a reason; left out by older workers.',
    ),
  gpu: gpuSchema
    .nullable()
    .optional()
    .describe("The server's GPUs meanwhile; null with a reason; left out by older workers."),
  settling: z
    .array(requestSchema)
    .default([])
    .describe(
      'Requests that brought the load up before the first measured one: their tokens within the window count, nothing else.',
    ),
  settling_from_s: number
    .optional()
    .describe('When settling began, on the clock of `start_s`; left out by older workers.'),
  tail_requests: count
    .optional()
    .describe('Requests that kept the load for the last measured ones, and were broken off: they count nowhere.'),
  client: clientSchema.optional(),
  requests: z
    .array(requestSchema)
    .min(1)
    .describe('The measured requests, warm-up ones excluded, in order of their start.'),
});

export const workloadSchema = z.discriminatedUnion('mode', [offlineSchema, servedSchema]);

export const shapeSchema = z.looseObject({
  engine: z.looseObject({
    name: z.string().describe('Such as `llama.cpp`, `transformers`, `vllm`.'),
    version: z.string().nullable(),
    through: z
      .string()
      .nullable()
      .describe(
        'The binding between the worker and the engine, with its version: it takes time of its own. null without one.',
      ),
    build: json.default({}),
    told: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .describe("What a server reports about itself, by `source key`: no part of the measurement's identity."),
  }),
  model: z.looseObject({
    name: z.string(),
    sha256: z.string().nullable(),
    format: z.enum(['gguf', 'safetensors', 'config', 'served']),
    weights: z
      .enum(['real', 'random', 'unknown'])
      .describe('`random`: a synthetic model; only speed and memory mean something.'),
    weights_format: z
      .string()
      .nullable()
      .describe('The type of the stored weights, such as `q4_1`; computing may happen in another type.'),
    storage_dtype: z
      .string()
      .nullish()
      .describe(
        "The type of the files that are loaded, where they were made from the model's: such as `bfloat16` for a file in `q4_1`.",
      ),
    parameters: z.number().nullable(),
    file_bytes: z.number().nullable(),
  }),
  settings: z
    .looseObject({ asked: json, effective: json })
    .describe(
      'The settings as asked and as they were in effect, under the same names; null where the engine does not report one.',
    ),
  load: z.looseObject({
    cold: z
      .boolean()
      .nullable()
      .describe("Whether the model's files were evicted from the page cache; null when that is not known."),
    page_cache: z.enum(['evicted', 'filled', 'as-found', 'not-local']),
    compile_cache: z
      .enum(['empty', 'kept', 'none'])
      .nullable()
      .describe('null when that is not known, as of a server.'),
    import_s: duration_s,
    read_s: duration_s,
    context_s: duration_s.describe('null with a reason: it has no time of its own, so it lies within `read_s`.'),
    ready_s: duration_s
      .optional()
      .describe(
        'From the start of a server to its first good answer: all of its loading, where its parts are not known.',
      ),
    first_call_s: duration_s,
    rss_peak_bytes: bytes
      .optional()
      .describe(
        "The peak of the worker's process up to the end of loading: reading may need more than the model takes afterwards.",
      ),
  }),
  prompt_salt: count
    .optional()
    .describe(
      'The number that random prompts were made with beside their place; left out where the seed alone makes them.',
    ),
  workloads: z.array(workloadSchema).min(1),
  skipped: z
    .array(
      z.looseObject({
        index: count,
        after: count.optional().describe('The place of the load that overloaded the server.'),
        reason: z.string(),
        rate_per_s: z.number().positive().nullable().optional(),
        load: loadSchema.optional(),
        prompt_tokens: count.nullable().optional(),
        new_tokens: count.nullable().optional(),
        asked_lengths: askedLengthsSchema.optional(),
      }),
    )
    .default([])
    .describe(
      'Workloads that were not measured, by their place in the configuration, with what defines their load, as in `workloads`.',
    ),
  versions: z.record(z.string(), z.string().nullable()),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]),
  reasons: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Why a number is null, by its dotted path, such as `load.context_s` or `workloads.0.memory.kv_cache_bytes`.',
    ),
});

export type Payload = z.infer<typeof shapeSchema>;
export type MeasuredWorkload = z.infer<typeof workloadSchema>;
export type OfflineWorkload = z.infer<typeof offlineSchema>;
export type ServedWorkload = z.infer<typeof servedSchema>;
export type Iteration = z.infer<typeof iterationSchema>;
export type AskedLength = z.infer<typeof lengthSchema>;
export type ServedRequest = z.infer<typeof requestSchema>;
export type Energy = z.infer<typeof energySchema>;

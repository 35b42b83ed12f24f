import { inputsOf } from './config.ts';
import type { Configuration } from './config.ts';
import { round } from '../../kits/node/inference/time.ts';
import type { Identity } from './identify.ts';
import type { Reply } from './stream.ts';
import type { Skipped } from './load/ladder.ts';
import type { Window } from './load/window.ts';
import type { NoPage } from './watch/page.ts';
import type { measureWorkload } from './workload.ts';

interface Measured {
  configuration: Configuration;
  engine: Identity;
  url: URL;
  first: Reply;
  /** Of this attempt's prompts. */
  salt: number;
  /** null: the server ran already. */
  ready_s: number | null;
  /** Whether the server counted along. */
  usage: { running: boolean };
  workloads: Awaited<ReturnType<typeof measureWorkload>>[];
  skipped: Skipped[];
}

/** The payload of the kind `llm-inference`. */
export function payloadOf(measured: Measured) {
  const { configuration, engine, url, first, salt, ready_s, usage, workloads, skipped } = measured;
  const { model, api, prompt_form, ignore_eos, length, timeout_s, extra_body } = configuration;
  const inputs_per_request = inputsOf(configuration);
  const ofAnswers = inputs_per_request === null ? { ignore_eos, length } : { inputs_per_request };
  const own = ready_s !== null;
  const energy = {
    status: 'unavailable',
    reason: own ? 'worker_remote: the server is measured from outside, its energy is not' : 'worker_remote',
  };
  return {
    engine: {
      name: engine.name ?? first.server ?? 'unknown',
      version: engine.version,
      through: `HTTP, ${api} API${inputs_per_request === null ? ', streamed' : ''}; Node ${process.versions.node}`,
      build: {
        origin: own ? 'started by the worker' : url.origin,
        path: url.pathname,
        server: first.server,
        command: configuration.server?.command ?? null,
      },
      told: engine.told,
    },
    model: {
      name: model,
      sha256: null,
      format: 'served',
      weights: 'unknown',
      weights_format: null,
      parameters: null,
      file_bytes: null,
    },
    settings: {
      asked: { model, api, prompt_form, ...ofAnswers, timeout_s, extra_body },
      effective: { model: first.model, ...(inputs_per_request === null && { running_usage: usage.running }) },
    },
    load: {
      cold: null,
      page_cache: own ? 'as-found' : 'not-local',
      compile_cache: null,
      import_s: null,
      read_s: null,
      context_s: null,
      ready_s,
      first_call_s: round(first.end_s!),
    },
    prompt_salt: salt,
    workloads: workloads.map((workload) => ({
      ...workload,
      window: roundedWindow(workload.window),
      server_metrics: orNull(workload.server_metrics),
      gpu: orNull(workload.gpu),
      memory: NO_MEMORY,
      energy,
    })),
    skipped: inputs_per_request === null ? skipped : skipped.map((one) => ({ ...one, new_tokens: null })),
    versions: { node: process.versions.node },
    reasons: reasonsOf(own, workloads),
  };
}

const orNull = <T extends object>(value: T | NoPage): T | null => ('reason' in value ? null : value);

const roundedWindow = (window: Window) =>
  'reason' in window ? null : { from_s: round(window.from_s), to_s: round(window.to_s) };

const NO_MEMORY = {
  sample_period_s: null,
  rss_before_bytes: null,
  rss_peak_bytes: null,
  torch_allocated_peak_bytes: null,
  torch_reserved_peak_bytes: null,
  process_vram_peak_bytes: null,
  device_vram_before_bytes: null,
  device_vram_peak_bytes: null,
  kv_cache_bytes: null,
};

const UNCOUNTED =
  'nobody counts the texts of a file without `tokenizer`; each request has the number that the server counted';

const NO_ANSWERS = 'a request for embeddings generates nothing';

function reasonsOf(own: boolean, workloads: Measured['workloads']): Record<string, string> {
  const load = own ? 'a server loads out of sight: see load.ready_s' : 'the server was running already';
  const memory = 'the memory of a server is not seen through its API';
  return {
    'load.cold': load,
    'load.compile_cache': load,
    'load.import_s': load,
    'load.read_s': load,
    'load.context_s': load,
    ...(own ? {} : { 'load.ready_s': load }),
    ...Object.fromEntries(
      workloads.flatMap(({ prompt_tokens, new_tokens, window, server_metrics, gpu }, index) => [
        ...Object.keys(NO_MEMORY).map((name) => [`workloads.${index}.memory.${name}`, memory]),
        ...Object.entries({ window, server_metrics, gpu }).flatMap(([name, value]) =>
          'reason' in value ? [[`workloads.${index}.${name}`, value.reason]] : [],
        ),
        ...(prompt_tokens === null ? [[`workloads.${index}.prompt_tokens`, UNCOUNTED]] : []),
        ...(new_tokens === null ? [[`workloads.${index}.new_tokens`, NO_ANSWERS]] : []),
      ]),
    ),
  };
}

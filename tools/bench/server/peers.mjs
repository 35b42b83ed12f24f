import { mkdtempSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { prepareEnvironment } from '../../../plugins/nx-study/dist/environment/prepare.js';
import { repository } from '../workspace.mjs';
import { cpuOf } from './command.mjs';
import { answer_s, PROMPT_TOKENS, TOKENS } from './shape.mjs';

/**
 * Makes the environments of these peers in the cache folder, from their locks. Torch's CPU build, which GuideLLM needs, is not on PyPI: where
 * uv finds it nowhere, name its index (`UV_INDEX=https://download.pytorch.org/whl/cpu`).
 */
export async function preparePeers(names, tokenizer) {
  const peers = [];
  for (const name of names) {
    const peer = known[name];
    if (peer === undefined) throw new Error(`--peers ${name}: known are ${Object.keys(known).join(' and ')}`);
    const environment = { type: 'uv', python: '>=3.11,<3.12', lock: 'requirements.lock' };
    const worker = { name: `bench-${name}`, root: `tools/bench/server/${name}`, manifest: { environment } };
    const { python } = await prepareEnvironment({ workspaceRoot: repository, worker, onProgress: console.error });
    const program = join(dirname(python), name);
    peers.push({ name: peer.name, measure: (task) => peer.measure({ ...task, program, tokenizer }) });
  }
  return peers;
}

const env = { TOKENIZERS_PARALLELISM: 'false' };

const aiperf = {
  name: 'AIPerf',
  async measure({ program, tokenizer, folder, server, load, perChunk, seconds, limit_s }) {
    const directory = mkdtempSync(join(folder, 'aiperf-'));
    const rounds = Math.max(1, Math.round(seconds / answer_s(perChunk)));
    const isClosed = load.mode === 'closed';
    const count = isClosed ? rounds * load.concurrency : Math.round(seconds * load.rate_per_s);
    const shape = isClosed
      ? { concurrency: load.concurrency, 'warmup-request-count': load.concurrency }
      : {
          'request-rate': load.rate_per_s,
          'arrival-pattern': 'constant',
          'warmup-request-count': load.rate_per_s,
        };
    const options = optionsOf({
      model: 'm',
      url: server.origin,
      'custom-endpoint': `${server.path}/v1/chat/completions`,
      'endpoint-type': 'chat',
      streaming: true,
      'use-legacy-max-tokens': true,
      'use-server-token-count': true,
      'per-chunk-usage': true,
      tokenizer,
      ...shape,
      'request-count': count,
      isl: PROMPT_TOKENS,
      osl: TOKENS,
      ui: 'none',
      'no-server-metrics': true,
      'no-gpu-telemetry': true,
      'artifact-dir': directory,
    });
    const cpu_s = await cpuOf([program, 'profile', ...options], { env, limit_s });
    const found = JSON.parse(readFileSync(join(directory, 'profile_export_aiperf.json'), 'utf8'));
    // From the first start to the last end.
    const span_s = isClosed ? rounds * answer_s(perChunk) : (count - 1) / load.rate_per_s + answer_s(perChunk);
    return {
      cpu_s,
      tok_s: found.output_token_throughput.avg,
      ideal_tok_s: (count * TOKENS) / span_s,
      ...timesOf(found.time_to_first_token, found.inter_token_latency),
    };
  },
};

const guidellm = {
  name: 'GuideLLM',
  async measure({ program, tokenizer, folder, server, load, perChunk, seconds, limit_s }) {
    const path = join(mkdtempSync(join(folder, 'guidellm-')), 'result.json');
    // Left out of its numbers, at both ends.
    const edge_s = answer_s(perChunk);
    const isClosed = load.mode === 'closed';
    const profile = {
      ...(isClosed ? { kind: 'concurrent', streams: load.concurrency } : { kind: 'constant', rate: load.rate_per_s }),
      warmup: { mode: 'duration', value: edge_s },
      cooldown: { mode: 'duration', value: edge_s },
    };
    const backend = {
      kind: 'openai_http',
      target: `${server.origin}${server.path}`,
      model: 'm',
      request_format: '/v1/chat/completions',
      validate_backend: false,
      http2: false,
    };
    const options = optionsOf({
      backend: JSON.stringify(backend),
      profile: JSON.stringify(profile),
      constraint: `kind=max_duration,seconds=${seconds + 2 * edge_s}`,
      tokenizer: `kind=huggingface_auto,model=${tokenizer}`,
      data: `kind=synthetic_text,prompt_tokens=${PROMPT_TOKENS},output_tokens=${TOKENS}`,
      output: `kind=json,path=${path}`,
      'disable-console': true,
    });
    const cpu_s = await cpuOf([program, 'run', ...options], { env, limit_s });
    const [{ metrics }] = JSON.parse(readFileSync(path, 'utf8')).benchmarks;
    const of = (name) => metrics[name].successful.percentiles;
    return {
      cpu_s,
      tok_s: metrics.output_tokens_per_second.total.mean,
      ideal_tok_s: isClosed ? (load.concurrency * TOKENS) / edge_s : load.rate_per_s * TOKENS,
      ...timesOf(of('time_to_first_token_ms'), of('inter_token_latency_ms')),
    };
  },
};

const known = { aiperf, guidellm };

const optionsOf = (options) =>
  Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));

/** Both call time per token "inter token latency", and give ms. */
const timesOf = (first, token) => ({
  ttft_p50_s: first.p50 / 1000,
  ttft_p99_s: first.p99 / 1000,
  tpot_p50_s: token.p50 / 1000,
  tpot_p99_s: token.p99 / 1000,
});

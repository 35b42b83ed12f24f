import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kindOf } from '../../../plugins/nx-study/dist/kinds/index.js';
import { withLines } from '../../../plugins/nx-study/dist/record/lines.js';
import { configChecker } from '../../../plugins/nx-study/dist/worker/config.js';
import { readWorkers } from '../../../plugins/nx-study/dist/worker/read.js';
import { repository } from '../workspace.mjs';
import { cpuOf } from './command.mjs';
import { answer_s, PROMPT_TOKENS, TOKENS } from './shape.mjs';

/** The worker `endpoint` by itself, with so many client threads; null: as many as it chooses. */
export const ours = (client_threads) => ({
  name: client_threads === null ? 'nx-study' : `nx-study, client_threads: ${client_threads}`,
  async measure({ folder, server, load, perChunk, seconds, limit_s }) {
    const directory = mkdtempSync(join(folder, 'ours-'));
    const written = {
      model: 'm',
      api: 'chat',
      url: `${server.origin}${server.path}/v1`,
      prompt_tokens: PROMPT_TOKENS,
      new_tokens: TOKENS,
      load: load.mode === 'open' ? { ...load, arrival_cv: 0 } : load,
      client_threads,
      warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
      measure: { requests: 1, min_s: seconds, max_s: 10 * seconds },
    };
    const { configuration } = configChecker((await readWorkers(repository)).get('endpoint'))(written);
    writeFileSync(join(directory, 'request.json'), JSON.stringify(requestOf(configuration, directory)));
    const tsx = pathToFileURL(join(repository, 'node_modules/tsx/dist/loader.mjs')).href;
    const worker = join(repository, 'workers/endpoint/src/measure.ts');
    const cpu_s = await cpuOf([process.execPath, '--import', tsx, worker, directory], { limit_s });
    const result = await withLines(directory, JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')));
    return { cpu_s, ...numbersOf(result, perChunk) };
  },
});

const requestOf = (configuration, directory) => ({
  protocol: 1,
  study: 'bench',
  id: 'bench',
  label: 'bench',
  repetition: 1,
  take: 1,
  digest: '0'.repeat(64),
  configuration,
  seed: 1,
  allowance: { cpus: 1 },
  time_limit_s: null,
  cache_dir: directory,
  assets: {},
  assets_dir: directory,
});

function numbersOf(result, perChunk) {
  const [workload] = kindOf('llm-inference').workloads({ result, derived: null });
  const value = (name) => workload.metrics.find((metric) => metric.name === name)?.value ?? NaN;
  const { concurrency, rate_per_s } = result.payload.workloads[0];
  const from = concurrency === null ? 'ttft_due' : 'ttft';
  return {
    tok_s: value('output_tok_s'),
    ideal_tok_s: concurrency === null ? rate_per_s * TOKENS : (concurrency * TOKENS) / answer_s(perChunk),
    ttft_p50_s: value(`${from}_s`),
    ttft_p99_s: value(`${from}_p99_s`),
    tpot_p50_s: value('tpot_s'),
    tpot_p99_s: value('tpot_p99_s'),
    lag_p99_s: value('client_lag_p99_s'),
  };
}

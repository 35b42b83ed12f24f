import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { kindOf } from '../../../plugins/nx-study/dist/kinds/index.js';
import { withLines } from '../../../plugins/nx-study/dist/record/lines.js';
import { configChecker } from '../../../plugins/nx-study/dist/worker/config.js';
import { readWorkers } from '../../../plugins/nx-study/dist/worker/read.js';
import { median } from '../statistics.mjs';
import { repository } from '../workspace.mjs';

const [FIRST_S, GAP_S, TOKENS] = [0.2, 0.02, 128];
const E2E_S = FIRST_S + GAP_S * (TOKENS - 1);

/**
 * Measures a server whose timing is exactly known by the worker `endpoint`, and prints how far its numbers are from the truth.
 * @param options.users - of closed loops. @param options.rates - of open loops, requests/s. @param options.seconds - of each window.
 */
export async function benchServer({ pairs, users, rates, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-bench-'));
  const program = join(folder, 'exact-server');
  execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'exact-server.c')]);
  const loads = [
    ...users.map((concurrency) => ({ mode: 'closed', concurrency })),
    ...rates.map((rate_per_s) => ({ mode: 'open', rate_per_s })),
  ];
  const rounds = loads.map(() => []);
  try {
    for (let round = 1; round <= pairs; round += 1)
      for (const [index, load] of loads.entries()) {
        rounds[index].push(await withServer(program, (server) => measure(folder, server, { load, seconds })));
        console.error(`round ${round}, load ${loadavg()[0].toFixed(1)}: ${nameOf(load)}`);
      }
    printTable(loads, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withServer(program, work) {
  const child = spawn(program, ['--realtime'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    return await work(`http://127.0.0.1:${line.split(' ')[0]}`);
  } finally {
    child.kill();
  }
}

async function measure(folder, server, { load, seconds }) {
  const directory = mkdtempSync(join(folder, 'run-'));
  const written = {
    model: 'm',
    url: `${server}/first=${1000 * FIRST_S},gap=${1000 * GAP_S}/v1`,
    new_tokens: TOKENS,
    load,
    warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
    measure: { requests: 1, min_s: seconds, max_s: 10 * seconds },
  };
  const { configuration } = configChecker((await readWorkers(repository)).get('endpoint'))(written);
  const request = {
    protocol: 1,
    study: 'bench',
    id: 'bench',
    label: 'bench',
    repetition: 1,
    take: 1,
    digest: '0'.repeat(64),
  };
  const rest = {
    configuration,
    seed: 1,
    allowance: { cpus: 1 },
    time_limit_s: null,
    cache_dir: directory,
    assets: {},
    assets_dir: directory,
  };
  writeFileSync(join(directory, 'request.json'), JSON.stringify({ ...request, ...rest }));
  const tsx = pathToFileURL(join(repository, 'node_modules/tsx/dist/loader.mjs')).href;
  const worker = join(repository, 'workers/endpoint/src/measure.ts');
  const child = spawn(process.execPath, ['--import', tsx, worker, directory], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the worker ended with exit code ${code}`);
  const stats = await (await fetch(`${server}/stats`)).json();
  const result = await withLines(directory, JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')));
  return numbersOf(result, stats);
}

function numbersOf(result, stats) {
  const [workload] = kindOf('llm-inference').workloads({ result, derived: null });
  const value = (name) => workload.metrics.find((metric) => metric.name === name)?.value ?? NaN;
  const { concurrency } = result.payload.workloads[0];
  // Arrivals are random: as many can be served as came.
  const offered_per_s = value('offered_per_s');
  const from = concurrency === null ? 'ttft_due' : 'ttft';
  const tok_s = value('output_tok_s');
  return {
    ideal_percent: (100 * tok_s) / (concurrency === null ? offered_per_s * TOKENS : (concurrency * TOKENS) / E2E_S),
    ttft_p50_ms: 1000 * (value(`${from}_s`) - FIRST_S),
    ttft_p99_ms: 1000 * (value(`${from}_p99_s`) - FIRST_S),
    tpot_p50_ms: 1000 * (value('tpot_s') - GAP_S),
    tpot_p99_ms: 1000 * (value('tpot_p99_s') - GAP_S),
    cpu_us: (1e6 * value('client_cpu')) / tok_s,
    lag_p99_ms: 1000 * value('client_lag_p99_s'),
    server_late_p99_ms: stats.late_p99_ms,
  };
}

const nameOf = ({ mode, concurrency, rate_per_s }) =>
  mode === 'closed' ? `closed ${concurrency}` : `open ${rate_per_s}/s`;

const COLUMNS = [
  ['% of ideal', 'ideal_percent', 1],
  ['TTFT error p50, ms', 'ttft_p50_ms', 1],
  ['p99', 'ttft_p99_ms', 1],
  ['TPOT error p50, ms', 'tpot_p50_ms', 2],
  ['p99', 'tpot_p99_ms', 2],
  ['client CPU, µs/token', 'cpu_us', 1],
  ['client lag p99, ms', 'lag_p99_ms', 1],
  ["server's own lateness p99, ms", 'server_late_p99_ms', 2],
];

function printTable(loads, rounds) {
  console.log(
    `| first token ${1000 * FIRST_S} ms, then ${1000 * GAP_S} ms, ${TOKENS} tokens | ${COLUMNS.map(([title]) => title).join(' | ')} |`,
  );
  console.log(`|---|${COLUMNS.map(() => '---').join('|')}|`);
  for (const [index, load] of loads.entries()) {
    const cells = COLUMNS.map(([, name, digits]) => shown(median(rounds[index].map((round) => round[name])), digits));
    console.log(`| ${[nameOf(load), ...cells].join(' | ')} |`);
  }
}

// Percentiles of few requests are not known.
const shown = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

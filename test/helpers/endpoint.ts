import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { kindOf } from '../../plugins/nx-study/src/kinds/index.ts';
import type { Workload } from '../../plugins/nx-study/src/kinds/kind.ts';
import type { Payload } from '../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { configChecker } from '../../plugins/nx-study/src/worker/config.ts';
import { readWorkers } from '../../plugins/nx-study/src/worker/read.ts';
import type { JsonObject } from '../../plugins/nx-study/src/base/json.ts';

const repository = join(import.meta.dirname, '../..');
const worker = join(repository, 'workers/endpoint/src/measure.ts');
const tsx = pathToFileURL(join(repository, 'node_modules/tsx/dist/loader.mjs')).href;

/** What the worker `endpoint` left behind, run as a process of its own. */
export interface Measured {
  /** null when it failed. */
  payload: Payload | null;
  /** As reports read it; none when it failed. */
  workloads: Workload[];
  warnings: { code: string; message: string }[];
  failure: { type: string; message: string } | null;
}

/**
 * Runs the worker once, as nx-study would; `settings` are completed by the worker's defaults. `meanwhile` gets the process while
 * it runs.
 */
export async function measureEndpoint(
  settings: JsonObject,
  env: NodeJS.ProcessEnv = {},
  meanwhile?: (worker: ChildProcess) => Promise<void>,
): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'nx-study-endpoint-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'request.json'), JSON.stringify(await requestOf(settings, directory)));
  const child = spawn(process.execPath, ['--import', tsx, worker, directory], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  await Promise.all([once(child, 'exit'), meanwhile?.(child)]);
  const events = (await readFile(join(directory, 'events.jsonl'), 'utf8'))
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { event: string } & Record<string, string>]));
  const failure = events.find(({ event }) => event === 'failure');
  const file = join(directory, 'result.json');
  const result = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : null;
  return {
    payload: result?.payload ?? null,
    workloads: result === null ? [] : kindOf('llm-inference').workloads({ result, derived: null }),
    warnings: events.flatMap(({ event, code, message }) =>
      event === 'warning' ? [{ code: code!, message: message! }] : [],
    ),
    failure: failure ? { type: failure['type']!, message: failure['message']! } : null,
  };
}

async function requestOf(settings: JsonObject, directory: string): Promise<JsonObject> {
  const { configuration, problems } = configChecker((await readWorkers(repository)).get('endpoint')!)(settings);
  if (problems.length > 0) throw new Error(`not a configuration of the worker: ${JSON.stringify(problems)}`);
  return {
    protocol: 1,
    study: 'served',
    id: 'served-1a2b3c4d',
    label: 'served',
    repetition: 1,
    take: 1,
    digest: '0'.repeat(64),
    configuration,
    seed: 1,
    study_seed: 1,
    allowance: { cpus: 1 },
    time_limit_s: null,
    cache_dir: directory,
    assets: {},
    assets_dir: directory,
    modules: {},
  };
}

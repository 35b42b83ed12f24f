import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { problemsOf } from '../../helpers/schemas.ts';
import { temporaryFolder } from '../machine/helpers.ts';

export const kits = join(import.meta.dirname, '../../../workers/kits');

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export interface Finished {
  code: number | null;
  signal: string | null;
  stderr: string;
  directory: string;
  events: { event: string; phase?: string; type?: string; code?: string; message?: string }[];
  phases: string[];
  /** null: there is none. */
  result: { kind: string; partial: boolean; payload: unknown; files: unknown[] } | null;
}

/** A request as the executor writes it. */
export const request = (changes: object = {}) => ({
  protocol: 1,
  study: 's',
  id: 'one-00000000',
  label: 'one',
  repetition: 1,
  take: 1,
  digest: '0'.repeat(64),
  configuration: {},
  seed: 1,
  study_seed: 1,
  allowance: { cpus: 1 },
  time_limit_s: null,
  cache_dir: tmpdir(),
  assets: {},
  assets_dir: tmpdir(),
  modules: {},
  ...changes,
});

/** A configuration that all workers of language models understand, and that is measured quickly. */
export const quick = (changes: object = {}) => ({
  model: join(kits, '../README.md'),
  batch_size: 2,
  prompt_tokens: 12,
  new_tokens: 5,
  workloads: null,
  prompts: null,
  start: 'warm',
  warmup: { min_iterations: 2, max_iterations: 4, min_s: 0, max_s: 60, window: 2, target_cv: null },
  measure: { iterations: 3, min_s: 0, max_s: 60, memory_iterations: 1 },
  energy: null,
  ...changes,
});

/** A workspace with one worker whose source is given, and an empty run directory. */
export function makeWorker(file: string, source: string): { worker: string; directory: string } {
  const root = temporaryFolder();
  const worker = join(root, 'workers/one/src', file);
  mkdirSync(dirname(worker), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type": "module"}');
  symlinkSync(kits, join(root, 'workers/kits'));
  writeFileSync(worker, source);
  const directory = join(root, 'run');
  mkdirSync(directory);
  return { worker, directory };
}

/** How the executor starts a worker in TypeScript. */
export const nodeCommand = (worker: string, directory: string): string[] => [
  process.execPath,
  '--import',
  tsx,
  worker,
  directory,
];

/** Performs one measurement in a process of its own. */
export function measure(source: string, configuration: object, changes: object = {}): Finished {
  const { worker, directory } = makeWorker('measure.ts', source);
  return perform(nodeCommand(worker, directory), directory, request({ configuration, ...changes }));
}

export function perform(
  [command, ...args]: string[],
  directory: string,
  asked: object | string,
  env: object = {},
): Finished {
  writeFileSync(join(directory, 'request.json'), typeof asked === 'string' ? asked : JSON.stringify(asked));
  const { status, signal, stderr } = spawnSync(command!, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  const documents = written(directory);
  expectWritten(documents);
  return { code: status, signal, stderr, directory, ...documents };
}

/** What a kit writes is as the published schemas have it. */
function expectWritten({ events, result }: Pick<Finished, 'events' | 'result'>): void {
  for (const event of events) expect(problemsOf('event', event)).toEqual([]);
  if (result !== null) expect(problemsOf('result', result)).toEqual([]);
}

/** What a worker has written so far. */
export function written(directory: string): Pick<Finished, 'events' | 'phases' | 'result'> {
  const read = (file: string): string | null => {
    try {
      return readFileSync(join(directory, file), 'utf8');
    } catch {
      return null;
    }
  };
  const lines = (read('events.jsonl') ?? '').split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as Finished['events'][number]);
  const result = read('result.json');
  return {
    events,
    phases: events.flatMap(({ phase }) => phase ?? []),
    result: result === null ? null : (JSON.parse(result) as Finished['result']),
  };
}

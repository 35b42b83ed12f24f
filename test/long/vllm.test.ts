import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { beforeAll, expect, test } from 'vitest';
import { cacheRoot } from '../../plugins/nx-study/src/environment/cache.ts';
import { prepareEnvironment } from '../../plugins/nx-study/src/environment/prepare.ts';
import type { OfflineWorkload, Payload } from '../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import { readWorker } from '../../plugins/nx-study/src/worker/read.ts';
import { isRunning, kill, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const repository = join(import.meta.dirname, '../..');
const START_LIMIT_S = 300;

interface Experiment {
  label: string;
  [setting: string]: unknown;
}

/** Few and short calls of SmolLM2 on a CPU, without compilation. */
const quick = {
  device: 'cpu',
  threads: 1,
  enforce_eager: true,
  max_model_len: 1024,
  kv_cache_memory_bytes: 256 * 2 ** 20,
  prompt_tokens: 32,
  new_tokens: 8,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { iterations: 3, min_s: 0, memory_iterations: 1 },
  energy: null,
};

// 3.5 GB: made here, so that the tests' own homes need no settings of pip.
beforeAll(async () => {
  const worker = await readWorker(repository, 'vllm');
  await prepareEnvironment({ workspaceRoot: repository, worker, variant: 'cpu', onProgress: console.log });
});

async function create(experiments: Experiment[], files: Record<string, string> = {}): Promise<Workspace> {
  const study = JSON.stringify({ worker: 'vllm', base: quick, experiments });
  const assets = await readFile(join(repository, 'studies/assets.yaml'), 'utf8');
  const workspace = await createWorkspace({
    workers: ['vllm', 'kits'],
    studies: { vllm: study },
    files: { 'studies/assets.yaml': assets, ...files },
  });
  const [home, temporary] = ['user', 'temporary'].map((name) => join(workspace.home, name)) as [string, string];
  await Promise.all([mkdir(home), mkdir(temporary)]);
  Object.assign(workspace.env, { HOME: home, TMPDIR: temporary, NX_STUDY_CACHE_DIR: cacheRoot() });
  return workspace;
}

async function measure(workspace: Workspace, exitCode: number): Promise<string> {
  const run = await workspace.nx(['run-many', '-t', 'measure']);
  if (run.exitCode !== exitCode) throw new Error(`exit code ${run.exitCode} instead of ${exitCode}:\n${run.all}`);
  return run.all;
}

async function resultOf({ root, finished }: Workspace, label: string) {
  const record = finished('vllm').find((it) => it.label === label)!;
  const directory = finishedDirectory({ workspaceRoot: root, study: 'vllm', id: record.id }, record.digest);
  const payload = (await readStored(directory))!.result!.payload as Payload;
  return { record, payload, workloads: payload.workloads as OfflineWorkload[] };
}

test('measured as asked, in one process and in several; then nothing starts', { timeout: 1_200_000 }, async () => {
  const workspace = await create([
    { label: 'in-process', workloads: [{ batch_size: 1 }, { batch_size: 4, new_tokens: 16 }] },
    { label: 'own-process', multiprocessing: true, batch_size: 4 },
  ]);
  await measure(workspace, 0);
  const { record, payload, workloads } = await resultOf(workspace, 'in-process');
  expect(record).toMatchObject({ kind: 'llm-inference', outcome: 'measured', findings: [] });
  expect(payload.engine).toMatchObject({ name: 'vllm', version: '0.32.0' });
  expect(payload.model).toMatchObject({ format: 'gguf', weights_format: 'q4_1', parameters: 134_515_008 });
  expect(payload.settings.effective).toMatchObject({
    device: 'cpu',
    threads: 1,
    compute_dtype: 'bfloat16',
    attention_backend: 'CPU_ATTN',
    multiprocessing: false,
  });
  expect(workloads.map(({ batch_size, new_tokens }) => [batch_size, new_tokens])).toEqual([
    [1, 8],
    [4, 16],
  ]);
  for (const { batch_size, new_tokens, generate, prefill, memory } of workloads) {
    expect(generate).toHaveLength(3);
    expect(prefill).toHaveLength(3);
    expect(memory.kv_cache_bytes).toBeGreaterThan(200 * 2 ** 20);
    expect(memory.rss_peak_bytes).toBeGreaterThan(269_000_000);
    for (const iteration of generate) {
      expect(iteration.prompt_tokens).toEqual(Array(batch_size).fill(32));
      expect(iteration.new_tokens).toEqual(Array(batch_size).fill(new_tokens));
      // All prompts are there before the first step, so the batch stays together.
      expect(iteration.token_times_s.map((times) => times.length)).toEqual([new_tokens]);
    }
  }

  const apart = await resultOf(workspace, 'own-process');
  expect(apart.payload.settings.effective).toMatchObject({ multiprocessing: true, threads: 1 });
  expect(apart.workloads[0]!.generate[0]!.new_tokens).toEqual([8, 8, 8, 8]);
  expect(processesOf(workspace.home)).toEqual([]);
  expect(await left(workspace)).toEqual([]);

  const again = await workspace.nx(['run-many', '-t', 'measure'], { env: { PATH: workspace.shellOnly } });
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.all).toContain('Nx read the output from the cache instead of running the command for 2 out of');
});

test('a prompt that was there before is read again: no prefix is kept', { timeout: 600_000 }, async () => {
  const line = Array.from({ length: 700 }, (_, index) => `word${index % 97}`).join(' ');
  const measured = { prompt_tokens: 512, new_tokens: 2 };
  const workspace = await create(
    [
      { label: 'fresh', ...measured },
      { label: 'same', ...measured, prompts: '../prompts.txt' },
    ],
    { 'studies/prompts.txt': `${line}\n` },
  );
  await measure(workspace, 0);
  const ttftOf = async (label: string) => {
    const [{ generate }] = (await resultOf(workspace, label)).workloads as [OfflineWorkload];
    return Math.min(...generate.map(({ token_times_s }) => token_times_s[0]![0]!));
  };
  // With the prefix cache on, one of its 128 tokens' blocks is left to compute: a tenth of the time.
  expect((await ttftOf('same')) / (await ttftOf('fresh'))).toBeGreaterThan(0.5);
});

const WORKER = 'the worker';
const kills = [
  { phase: 'loading', victim: WORKER, message: 'SIGKILL' },
  {
    phase: 'warming-up',
    victim: WORKER,
    message: 'SIGKILL',
    warmup: { min_iterations: 10_000, max_iterations: 10_000 },
  },
  { phase: 'measuring', victim: WORKER, message: 'SIGKILL' },
  { phase: 'measuring', victim: 'VLLM::EngineCore', message: 'EngineCore by SIGKILL: perhaps for the memory it took' },
  { phase: 'measuring', victim: 'VLLM::Worker', message: 'EngineCore' },
];

for (const { phase, victim, message, warmup = quick.warmup } of kills)
  test(`${victim} killed while ${phase}: a typed failure, and no process is left`, { timeout: 600_000 }, async () => {
    const workspace = await create([
      { label: 'long', multiprocessing: true, new_tokens: 256, warmup, measure: { iterations: 10_000, max_s: 600 } },
    ]);
    const nx = workspace.startNx(['run-many', '-t', 'measure']);
    await waitFor(`the phase ${phase}`, () => phasesOf(workspace).includes(phase), START_LIMIT_S);
    const ofVllm = () => processesOf(workspace.home).filter(({ command }) => isOfVllm(command));
    const engine = await waitFor("vLLM's processes", () => ofVllm().length > 0 && ofVllm(), START_LIMIT_S);
    const worker = processesOf(workspace.home).find(({ command }) => isWorker(command))!;
    kill(victim === WORKER ? worker.pid : engine.find(({ command }) => command.startsWith(victim))!.pid, 'SIGKILL');
    expect(await nx).toMatchObject({ exitCode: 1 });
    const failure = workspace.failed('vllm')[0]!.failure!;
    expect(failure).toMatchObject({ type: 'crash', phase, signal: victim === WORKER ? 'SIGKILL' : null });
    expect(failure.message).toContain(message);
    expect(processesOf(workspace.home)).toEqual([]);
    expect([worker, ...engine].filter(({ pid }) => isRunning(pid))).toEqual([]);
  });

test('killed in teardown: the result is kept and flagged, and no process is left', { timeout: 600_000 }, async () => {
  const workspace = await create([{ label: 'short', multiprocessing: true }]);
  const nx = workspace.startNx(['run-many', '-t', 'measure']);
  await waitFor('the teardown', () => phasesOf(workspace).includes('teardown'), START_LIMIT_S);
  const running = processesOf(workspace.home).filter(({ command }) => isOfVllm(command) || isWorker(command));
  kill(running.find(({ command }) => isWorker(command))!.pid, 'SIGKILL');
  expect(await nx).toMatchObject({ exitCode: 0 });
  const [record] = workspace.finished('vllm');
  expect(record!.findings.map(({ code }) => code)).toContain('killed-in-teardown');
  expect(running.some(({ command }) => isOfVllm(command))).toBe(true);
  expect(running.filter(({ pid }) => isRunning(pid))).toEqual([]);
});

test('what vLLM or a CPU cannot do is settled before anything is measured', { timeout: 900_000 }, async () => {
  const workspace = await create([
    { label: 'awq', quantization: 'awq' },
    { label: 'crowd', batch_size: 1000 },
    { label: 'long', new_tokens: 2000, expect: 'failed' },
    { label: 'small-cache', batch_size: 20, kv_cache_memory_bytes: 48 * 2 ** 20 },
    { label: 'other-attention', attention_backend: 'FLASH_ATTN' },
  ]);
  await measure(workspace, 1);
  const failures = new Map(workspace.failed('vllm').map(({ label, failure }) => [label, failure!]));
  expect(failures.get('awq')).toMatchObject({ type: 'unsupported', phase: 'loading' });
  expect(failures.get('crowd')!.message).toContain('batch_size: 1000, but max_num_seqs is');
  expect(failures.get('long')!.message).toBe('prompt_tokens + new_tokens = 2032, but max_model_len is 1024');
  expect(failures.get('small-cache')!.message).toContain('blocks of the KV cache');
  expect(failures.get('other-attention')).toMatchObject({ type: 'invalid-result' });
});

test('memory that is lacking is told as such, in whatever process of vLLM', { timeout: 600_000 }, async () => {
  const lacking = { kv_cache_memory_bytes: 2 ** 44 };
  const workspace = await create([
    { label: 'in-process', ...lacking },
    { label: 'own-process', multiprocessing: true, ...lacking },
  ]);
  workspace.env['NX_STUDY_IGNORE_MEMORY'] = '1';
  await measure(workspace, 1);
  const failures = workspace.failed('vllm').map(({ failure }) => failure);
  expect(failures).toHaveLength(2);
  for (const failure of failures) expect(failure).toMatchObject({ type: 'oom', phase: 'loading' });
  for (const failure of failures) expect(failure!.message).toContain('Available memory on node');
});

test('a typo in an engine key is refused, with what was meant', { timeout: 120_000 }, async () => {
  const workspace = await create([{ label: 'typo', enforce_eagre: false }]);
  const said = await measure(workspace, 1);
  expect(said).toContain('enforce_eagre');
  expect(said).toContain('enforce_eager');
});

/** What vLLM and its libraries left in the home and in the folder for temporary files, sockets included. */
async function left({ home }: Workspace): Promise<string[]> {
  const written = await fastGlob('{user,temporary}/**', { cwd: home, dot: true, onlyFiles: false });
  const unnamed = /^temporary\/[0-9a-f-]{36}$/;
  return written.filter(
    (file) => /vllm|torch|triton|nv|flashinfer|hugging|numba|matplotlib/.test(file) || unnamed.test(file),
  );
}

const isOfVllm = (command: string) => command.startsWith('VLLM::');
const isWorker = (command: string) => command.startsWith('nx-study: vllm.') || command.includes('vllm_worker.measure');

/** Phases of the running measurement so far. */
function phasesOf({ root }: Workspace): string[] {
  const [file] = fastGlob.sync('results/vllm/*/*.partial*/events.jsonl', { cwd: root, absolute: true });
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => (JSON.parse(line) as { phase?: string }).phase ?? []);
}

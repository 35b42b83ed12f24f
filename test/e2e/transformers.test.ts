import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { expect, test } from 'vitest';
import type { OfflineWorkload, Payload } from '../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import { kill, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const TINY = { layers: 2, hidden_size: 64, intermediate_size: 128, heads: 4, kv_heads: 2, vocabulary: 256 };
/** Takes long enough to load that a test can see it; quantising a layer takes longer than reading it. */
const SLOW_TO_LOAD = {
  model: { synthetic: { ...TINY, layers: 12, hidden_size: 512, intermediate_size: 2048, vocabulary: 4096 } },
  quantisation: 'bnb-nf4',
};

const SHORT = {
  model: { synthetic: TINY },
  device: 'cpu',
  threads: 1,
  prompt_tokens: 12,
  new_tokens: 6,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { iterations: 3, min_s: 0, memory_iterations: 1 },
};

const PASSES = ['warming-up', 'measuring', 'prefilling', 'memory'];

type Experiment = { label: string } & Record<string, unknown>;

const create = (experiments: Experiment[], files: Record<string, string> = {}, base = {}): Promise<Workspace> =>
  createWorkspace({
    workers: ['transformers', 'kits'],
    studies: { tiny: JSON.stringify({ worker: 'transformers', base: { ...SHORT, ...base }, experiments }) },
    files,
  });

test('exact lengths in every workload, settings as asked; again nothing starts', async () => {
  const workspace = await create([
    { label: 'plain', workloads: [{}, { batch_size: 3, new_tokens: 4 }] },
    {
      label: 'changed',
      compute_dtype: 'bfloat16',
      attention: 'eager',
      cache: 'static',
      quantisation: 'torchao-int8-weight-only',
    },
    { label: 'flash', attention: 'flash_attention_2', expect: 'failed' },
  ]);
  const run = await workspace.measure();
  expect(run.all).toContain('plain: measured in');
  expect(run.exitCode).toBe(0);
  expect(processesOf(workspace.home)).toEqual([]);

  const plain = await resultOf(workspace, 'plain');
  expect(plain.record.phases.map(({ phase }) => phase)).toEqual([
    'importing',
    'loading',
    'first-call',
    ...PASSES,
    ...PASSES,
    'teardown',
  ]);
  expect(plain.payload.model).toMatchObject({ format: 'config', weights: 'random', storage_dtype: 'bfloat16' });
  const shapes = [
    { batch: 1, produced: 6 },
    { batch: 3, produced: 4 },
  ];
  for (const [index, { batch, produced }] of shapes.entries()) {
    const { generate, prefill } = plain.payload.workloads[index] as OfflineWorkload;
    expect([generate.length, prefill.length]).toEqual([3, 3]);
    for (const { prompt_tokens, new_tokens, token_times_s } of generate) {
      expect(prompt_tokens).toEqual(Array.from({ length: batch }, () => 12));
      expect(new_tokens).toEqual(Array.from({ length: batch }, () => produced));
      expect(token_times_s.map((times) => times.length)).toEqual([produced]);
    }
  }

  const changed = await resultOf(workspace, 'changed');
  expect(changed.payload.settings.effective).toEqual({
    device: 'cpu',
    threads: 1,
    compute_dtype: 'bfloat16',
    attention: 'eager',
    quantisation: 'torchao-int8-weight-only',
    cache: 'static',
    compile: false,
  });
  expect(failureOf(workspace, 'flash')).toMatchObject({
    type: 'unsupported',
    phase: null,
    message: expect.stringContaining('flash_attention_2 needs device cuda'),
  });

  const report = await workspace.command(['tiny:report']);
  expect(report.all).toContain('synthetic-weights');
  expect(report.all).not.toContain('setting-differs');

  const again = await workspace.measure();
  expect(again.exitCode).toBe(0);
  expect(again.all).not.toContain('measured in');
});

test('killed in each phase: typed with the phase, nothing left', async () => {
  const moments = [
    { phase: 'importing', label: 'import', settings: {} },
    { phase: 'loading', label: 'load', settings: SLOW_TO_LOAD },
    { phase: 'warming-up', label: 'warm', settings: { warmup: { min_iterations: 1e6, max_iterations: 1e6 } } },
    { phase: 'measuring', label: 'measure', settings: { measure: { iterations: 1e6 } } },
  ];
  const workspace = await create(moments.map(({ label, settings }) => ({ label, ...settings })));
  const running = workspace.startNx(['run-many', '-t', 'measure']);
  for (const { phase, label } of moments) {
    const worker = await waitFor(phase, () => whileIn(phase, workspace, label), 300);
    kill(worker.pid, 'SIGKILL');
  }
  expect((await running).exitCode).toBe(1);
  expect(processesOf(workspace.home)).toEqual([]);
  for (const { phase, label } of moments)
    expect(failureOf(workspace, label)).toMatchObject({ type: 'crash', signal: 'SIGKILL', phase });
});

test('a prompt that was read before takes as long to read again', async () => {
  const line = 'The quick brown fox jumps over the lazy dog and runs away. '.repeat(60);
  const workspace = await create(
    [{ label: 'fresh' }, { label: 'the-same', prompts: '../prompts.txt' }],
    {
      'studies/assets.yaml': await readFile(join(import.meta.dirname, '../../studies/assets.yaml'), 'utf8'),
      'studies/prompts.txt': `${line}\n`,
    },
    {
      model: 'smollm2-135m-instruct-q4_1',
      prompt_tokens: 256,
      new_tokens: 2,
      measure: { iterations: 2, min_s: 0, memory_iterations: 1 },
    },
  );
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });
  const fastest = async (label: string) => {
    const [{ generate }] = (await resultOf(workspace, label)).payload.workloads as [OfflineWorkload];
    return Math.min(...generate.map(({ token_times_s }) => token_times_s[0]![0]!));
  };
  // A kept cache would leave one token of 256 to read: a tenth of the time.
  expect(await fastest('the-same')).toBeGreaterThan((await fastest('fresh')) / 5);
});

test('a complete result survives a slow exit', async () => {
  const workspace = await create([{ label: 'slow' }]);
  await makeLinger(workspace, 4);
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });
  const { record, directory } = await resultOf(workspace, 'slow');
  expect(record).toMatchObject({ outcome: 'measured', failure: null });
  expect(record.findings.map(({ code }) => code)).not.toContain('killed-in-teardown');
  expect(readFileSync(join(directory, 'worker.log'), 'utf8')).toMatch(/lingered\n$/);
});

test('a complete result survives a kill in teardown, and is flagged', async () => {
  const workspace = await create([{ label: 'slow' }]);
  await makeLinger(workspace, 600);
  const running = workspace.startNx(['run-many', '-t', 'measure']);
  const worker = await waitFor('the teardown', () => whileIn('teardown', workspace, 'slow'), 300);
  kill(worker.pid, 'SIGKILL');
  expect((await running).exitCode).toBe(0);
  const { record } = await resultOf(workspace, 'slow');
  expect(record).toMatchObject({ outcome: 'measured', failure: null });
  expect(record.findings.map(({ code }) => code)).toContain('killed-in-teardown');
  expect(processesOf(workspace.home)).toEqual([]);
});

/** Lets the interpreter take its time once the worker has done its work. */
const makeLinger = ({ edit }: Workspace, seconds: number): Promise<void> =>
  edit(
    'workers/transformers/src/transformers_worker/measure.py',
    'if __name__',
    `import atexit, time\n\natexit.register(lambda: (time.sleep(${seconds}), print('lingered')))\n\nif __name__`,
  );

async function resultOf(workspace: Workspace, label: string) {
  const record = workspace.finished('tiny').find((it) => it.label === label)!;
  const directory = finishedDirectory({ workspaceRoot: workspace.root, study: 'tiny', id: record.id }, record.digest);
  const stored = (await readStored(directory))!;
  return { record, directory, payload: stored.result!.payload as Payload };
}

const failureOf = (workspace: Workspace, label: string) =>
  workspace.failed('tiny').find((record) => record.label === label)!.failure!;

/** The worker of the experiment with that label, once its newest phase is the one. */
function whileIn(phase: string, { root, home }: Workspace, label: string) {
  const [file] = fastGlob.sync(`results/tiny/${label}-*/**/events.jsonl`, { cwd: root, absolute: true });
  const phases = file ? [...readFileSync(file, 'utf8').matchAll(/"phase": ?"([a-z-]+)"/g)] : [];
  return (
    phases.at(-1)?.[1] === phase &&
    processesOf(home).find(({ command }) => command.startsWith(`nx-study: tiny.${label}-`))
  );
}

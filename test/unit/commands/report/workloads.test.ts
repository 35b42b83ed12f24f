import { expect, test } from 'vitest';
import { displayWidth } from '../../../../plugins/nx-study/src/base/layout.ts';
import { callsOf, offline, payloadOf, requestOf, servedOf } from '../../kinds/llm-inference/payload.ts';
import { csvLines } from '../../tables/csv.ts';
import { planOf, workspaceOf } from './workspace.ts';

const kind = 'llm-inference';
const one = callsOf([0.5, 0.51, 0.49, 0.5, 0.52, 0.48, 0.5, 0.51]);
const drifting = callsOf(Array.from({ length: 10 }, (_, index) => 0.5 + index / 20));
const gpu = { name: 'gpu0', source: 'nvml-counter', scope: 'device', joules: 1200, samples: 40, idle_w: 60 };
const energy = {
  status: 'measured',
  window_s: 12,
  window_output_tokens: 600,
  window_prompt_tokens: 2000,
  domains: [gpu],
  idle: { method: 'asleep', window_s: 10, reason: null },
};

/** Two engines, each with three workloads in one process; one of them once more; a server; a failure. */
async function engines() {
  const labels = { 'llama-cpp': {}, transformers: {}, endpoint: {}, broken: {} };
  const workspace = await workspaceOf(planOf(labels, 1, { description: 'Engines on one model' }));
  const { write } = workspace;
  const workloads = [one, { ...offline, order: 2 }, { ...drifting, order: 1, prompt_tokens: 10 }];
  await write({ id: 'llama-cpp-1a2b3c4d', kind, payload: payloadOf(workloads) });
  const measured = workloads.map((workload) => ({ ...workload, energy }));
  const model = { ...payloadOf().model, name: 'tiny', weights: 'random' };
  const unsteady = { ...measured[0], warmup: { ...offline.warmup, converged: false, cv: 0.2 } };
  await write({
    id: 'transformers-1a2b3c4d',
    kind,
    payload: payloadOf([unsteady, measured[1]!], {
      model,
      settings: { asked: { context_size: 512 }, effective: { context_size: 256, threads: 2 } },
    }),
  });
  await write({
    id: 'endpoint-1a2b3c4d',
    kind,
    payload: payloadOf([servedOf([requestOf(), requestOf({ start_s: 11 })], { window: { from_s: 10, to_s: 11.8 } })]),
  });
  await write({
    id: 'broken-1a2b3c4d',
    failure: { type: 'invalid-result', message: '64 new tokens were asked for, but 32 were produced' },
  });
  return workspace;
}

test.each([80, 140, 200])('each workload of a process is a row, at %i columns', async (columns) => {
  const { render } = await engines();
  const text = await render(columns);
  await expect(`${text}\n`).toMatchFileSnapshot(`snapshots/workloads-${columns}.txt`);
  const tooLong = text
    .split('\n')
    .filter((line) => displayWidth(line) > columns && !line.trim().startsWith('results/'));
  expect(tooLong).toEqual([]);
});

test('rows tell the measurement and the workload; measurements are counted once', async () => {
  const { results, render } = await engines();
  const { rows } = await results();
  expect(rows.map(({ label, part }) => `${label} ${part.name} ${part.index + 1}/${part.of}`)).toEqual([
    'llama-cpp 1×10+2 1/3',
    'llama-cpp 2×10+3 2/3',
    'llama-cpp 1×10+2 (2) 3/3',
    'transformers 1×10+2 1/2',
    'transformers 2×10+3 2/2',
    'endpoint closed 2: 10+3 1/1',
    'broken null 1/1',
  ]);
  expect(await render(140)).toContain('4 measurements: 3 measured, 1 failed');
});

test('a line of the CSV for each workload, with what tells it apart and what it may be trusted for', async () => {
  const { results } = await engines();
  const lines = csvLines(await results());
  expect(lines.map(({ id, workload, batch_size }) => [id, workload, batch_size])).toEqual([
    ['llama-cpp-1a2b3c4d', '1×10+2', '1'],
    ['llama-cpp-1a2b3c4d', '2×10+3', '2'],
    ['llama-cpp-1a2b3c4d', '1×10+2 (2)', '1'],
    ['transformers-1a2b3c4d', '1×10+2', '1'],
    ['transformers-1a2b3c4d', '2×10+3', '2'],
    ['endpoint-1a2b3c4d', 'closed 2: 10+3', ''],
    ['broken-1a2b3c4d', '', ''],
  ]);
  expect(lines[2]).toMatchObject({
    state: 'measured',
    prompt_tokens: '10',
    new_tokens: '2',
    workload_order: '1',
    workloads_in_process: '3',
    steady: 'drift-up',
    warmup_converged: 'true',
    engine: 'llama.cpp',
    engine_through: 'node-llama-cpp 3.22.1',
    model: 'smollm2',
    model_weights: 'real',
    'effective.threads': '2',
    e2e_s: '0.725',
    j_per_output_token: '',
    j_per_output_token_reason: 'no_gpu_no_rapl',
    tpot_p95_s: '',
    tpot_p95_s_reason: '10 values, 20 are needed',
  });
  expect(lines[3]).toMatchObject({ model: 'tiny (synthetic)', warmup_converged: 'false', j_per_output_token: '2' });
  expect(lines[6]).toMatchObject({ state: 'failed', failure_type: 'invalid-result', workload: '', e2e_s: '' });
});

test('a stale measurement with several workloads is one measurement in the notes', async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {} }));
  await write({ id: 'normal-1a2b3c4d', code: 'older', kind, payload: payloadOf([one, offline]) });
  const text = await render(140);
  expect(text).toContain('1 measurement stale (normal-1a2b3c4d)');
  expect(text).toContain('1 measurement: 1 stale');
});

test('a single workload needs no column of its own on screen', async () => {
  const { write, render } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  for (const id of ['normal-1a2b3c4d', 'lognormal-1a2b3c4d']) await write({ id, kind, payload: payloadOf([one]) });
  const text = await render(200);
  expect(text).not.toMatch(/^measurement .*workload/m);
  expect(text).toMatch(/steady +warmed up/);
});

test("a fact's name is no metric's", async () => {
  const { write, results } = await workspaceOf(planOf({ normal: {}, lognormal: {} }));
  await write({ id: 'normal-1a2b3c4d', kind, payload: payloadOf([one]) });
  await write({ id: 'lognormal-1a2b3c4d', kind: 'values', payload: { batch_size: 7 } });
  const [inference, values] = csvLines(await results());
  expect(inference).toMatchObject({ batch_size: '1', 'metric.batch_size': '' });
  expect(values).toMatchObject({ batch_size: '', 'metric.batch_size': '7' });
});

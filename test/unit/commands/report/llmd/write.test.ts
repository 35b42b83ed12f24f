import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callsOf, offline, payloadOf, requestOf, servedOf } from '../../../kinds/llm-inference/payload.ts';
import { planOf } from '../workspace.ts';
import { writeBenchmarkReports } from '../../../../../plugins/nx-study/src/commands/report/llmd/write.ts';
import { closed, gpuMachine, onGpus, open, written } from './written.ts';
import type { Report } from '../../../../helpers/llmd.ts';

const reportOf = async (payload: object, record: object = {}): Promise<Report> =>
  (await written({ one: { payload, record } })).reports[0];
const aggregateOf = async (workload: object): Promise<Report> =>
  (await reportOf(payloadOf([workload]))).results.request_performance.aggregate;

test('the numbers of a server: statistics of the successful requests, counts of all, rates of the whole span', async () => {
  const { requests, latency, throughput } = await aggregateOf(closed);
  expect(requests).toEqual({ total: 13, failures: 1, incomplete: 1 });
  expect(latency.request_latency).toMatchObject({ units: 's', min: 0.6, max: 1.6 });
  expect(latency.request_latency.mean).toBeCloseTo(1.1, 12);
  expect(latency.request_latency.p50).toBeCloseTo(1.1, 12);
  // √(Σ (i − 5)² / 10) / 10 for i = 0 … 10
  expect(latency.request_latency.stddev).toBeCloseTo(Math.sqrt(110 / 10) / 10, 12);
  expect(latency.time_to_first_token.units).toBe('s');
  expect(latency.time_to_first_token.mean).toBeCloseTo(0.15, 12);
  expect(latency.time_per_output_token).toMatchObject({ units: 's/token' });
  // (0.5 − TTFT) / 2 tokens
  expect(latency.time_per_output_token.mean).toBeCloseTo(0.175, 12);
  // From 10 to 20 + 1.6 s: 11 requests with 3 tokens each.
  expect(throughput.output_token_rate).toEqual({ units: 'tokens/s', mean: expect.closeTo(33 / 11.6, 12) });
  expect(throughput.request_rate).toEqual({ units: 'queries/s', mean: expect.closeTo(11 / 11.6, 12) });
});

test('a percentile of too few values and the spread of a single one are left out, not 0', async () => {
  const { latency } = await aggregateOf(closed);
  expect(latency.request_latency).toHaveProperty('p90');
  expect(latency.request_latency).not.toHaveProperty('p99');
  const single = await aggregateOf(servedOf([requestOf()]));
  expect(Object.keys(single.latency.request_latency).toSorted()).toEqual(['max', 'mean', 'min', 'p50', 'units']);
});

test('where every request failed there are counts, and no latencies or rates', async () => {
  const failed = requestOf({ error: { type: 'timeout', message: 'none' }, end_s: null, chunk_times_s: [] });
  expect(await aggregateOf(servedOf([failed]))).toEqual({ requests: { total: 1, failures: 1, incomplete: 0 } });
});

test('without a server a call of several sequences is no request', async () => {
  const { requests, latency, throughput } = await aggregateOf(offline);
  expect(requests).toBeUndefined();
  expect(latency).not.toHaveProperty('request_latency');
  // Four sequences: 0.1, 0.25, 0.2, 0.2
  expect(latency.time_to_first_token.mean).toBeCloseTo(0.1875, 12);
  // Two calls with 6 tokens, in 0.5 and 0.6 s.
  expect(throughput.output_token_rate).toMatchObject({ units: 'tokens/s', mean: expect.closeTo(11, 12), max: 12 });
  const alone = await aggregateOf(callsOf([1, 2, 3]));
  expect(alone.latency.request_latency).toMatchObject({ units: 's', mean: 2, p50: 2, stddev: 1 });
});

test('what was asked for stands in the load, and what was not asked for is left out', async () => {
  const loadOf = async (workload: object) => (await reportOf(payloadOf([workload]))).scenario.load.standardized;
  const length = (value: number) => ({ distribution: 'fixed', value });
  const worker = { tool: 'nx-study ideal-point', tool_version: 'unknown', source: 'unknown', stage: 0 };
  expect(await loadOf(closed)).toEqual({
    ...worker,
    input_seq_len: length(10),
    output_seq_len: length(3),
    concurrency: 2,
  });
  expect(await loadOf(open)).toEqual({ ...worker, input_seq_len: length(10), rate_qps: 2.5 });
  expect(await loadOf(offline)).toEqual({ ...worker, input_seq_len: length(10), output_seq_len: length(3) });
  const asked_lengths = { prompt_tokens: { uniform: [1, 20] }, new_tokens: 3 };
  expect(await loadOf({ ...closed, asked_lengths })).toEqual({ ...worker, output_seq_len: length(3), concurrency: 2 });
  // The prompts of a conversation grow.
  const turns = { count: 4, think_s: 0, history: 'server' };
  expect(await loadOf({ ...closed, turns })).toEqual({ ...worker, output_seq_len: length(3), concurrency: 2 });
  // Each request for embeddings has four texts of 10 tokens.
  const embeddings = { count: 4, dimension: 8 };
  const nothing = {
    chunk_times_s: [],
    new_tokens: null,
    counted_by: null,
    first_chunk_tokens: null,
    finish_reason: null,
  };
  const usage = { prompt_tokens: 40, completion_tokens: null };
  const asked = servedOf([requestOf({ ...nothing, usage, embeddings })], {
    new_tokens: null,
    token_count: {},
    embeddings: { inputs: 4 },
  });
  expect(await loadOf(asked)).toEqual({ ...worker, input_seq_len: length(40), concurrency: 2 });
});

test.each([
  [{ prompts: null }, 'random'],
  [{ prompts: 'data/prompts.txt' }, 'sampled'],
  [{ prompts: null, dataset: { file: 'chats.jsonl', form: 'messages' } }, 'sampled'],
  [{}, 'unknown'],
])('%j: the source of the prompts is %s', async (configuration, source) => {
  const { scenario } = await reportOf(payloadOf([closed]), { configuration });
  expect(scenario.load.standardized.source).toBe(source);
});

test('the engine is an inference engine only where its accelerators and their use are known', async () => {
  const engineOf = async (payload: object, machine: object) =>
    (await reportOf(payload, { machine })).scenario.stack[0].standardized;
  const known = { tool: 'llama.cpp', tool_version: 'b1234', model: { name: 'smollm2' } };
  expect(await engineOf(onGpus, gpuMachine)).toEqual({
    ...known,
    kind: 'inference_engine',
    role: 'replica',
    replicas: 1,
    accelerator: { model: 'Example GPU', count: 2, parallelism: { tp: 2, pp: 1 } },
  });
  const generic = { ...known, kind: 'generic' };
  expect(await engineOf(payloadOf([offline]), gpuMachine)).toEqual(generic);
  expect(await engineOf(onGpus, { cpu: 'Example CPU', accelerators: [] })).toEqual(generic);
  const mixed = [...gpuMachine.accelerators, { ...gpuMachine.accelerators[0], model: 'Another GPU' }];
  expect(await engineOf(onGpus, { ...gpuMachine, accelerators: mixed })).toEqual(generic);
});

test('the machine is a component of its own, with the whole description', async () => {
  const { stack, load } = (await reportOf(onGpus, { machine: gpuMachine })).scenario;
  expect(stack[1]).toMatchObject({
    metadata: { label: 'host', cfg_id: expect.stringMatching(/^[\da-f]{64}$/) },
    standardized: { kind: 'generic', tool: 'Debian 13', tool_version: '6.12' },
    native: { config: gpuMachine },
  });
  expect(load.standardized.tool_version).toBe('0.9.0');
});

test('the run has digest, times and what weakens the numbers', async () => {
  const warnings = [{ code: 'slow-disk', message: 'the disk was slow' }];
  const { reports } = await written({
    one: { payload: payloadOf([closed], { warnings }), record: { findings: [{ code: 'busy', message: 'Busy.' }] } },
  });
  const { run, results } = reports[0];
  expect(run).toMatchObject({
    uid: expect.stringMatching(/^senate-beta-prior\/one-1a2b3c4d\/[\da-f]{64}\/2026-03-01T10:00:00Z$/),
    eid: 'senate-beta-prior',
    time: { start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:00:36Z', duration: 'PT36.250S' },
    keywords: expect.arrayContaining(['busy', 'slow-disk']),
  });
  expect(run.description).toMatch(/What weakens the numbers: .*Busy\. .*the disk was slow\./);
  const { findings, metrics } = results.observability.nx_study;
  expect(findings).toContainEqual(warnings[0]);
  expect(metrics.rss_peak_bytes).toMatchObject({ value: 300_000_000, unit: 'bytes' });
  expect(metrics.process_vram_peak_bytes).toMatchObject({ reason: 'no GPU' });
});

test('each workload has a file; what is not measured is named', async () => {
  const plan = planOf({ two: {}, failed: {}, pending: {}, posterior: {}, old: {} });
  const { files, lines, reports } = await written(
    {
      two: { payload: payloadOf([closed, { ...open, order: 1 }]) },
      failed: { failure: { type: 'oom' } },
      posterior: { kind: 'values', payload: { load_ms: 5 } },
      old: { code: 'earlier', payload: payloadOf([closed]) },
    },
    plan,
  );
  expect(files).toEqual(['llm-d/two-1a2b3c4d-1.yaml', 'llm-d/two-1a2b3c4d-2.yaml']);
  expect(new Set(reports.map(({ run }) => run.uid)).size).toBe(2);
  expect(reports.map(({ scenario }) => scenario.load.standardized.stage)).toEqual([0, 1]);
  expect(lines[0]).toBe('llm-d Benchmark Reports: 2 files in report/llm-d');
  expect(lines[1]).toBe(
    'Left out of them: 1 failed (failed-1a2b3c4d); 1 pending (pending-1a2b3c4d); 1 of kind values (posterior-1a2b3c4d); 1 stale (old-1a2b3c4d)',
  );
});

test('a file of an earlier report does not stay beside those of the next', async () => {
  const { workspaceRoot, write, again } = await written(
    { one: { payload: payloadOf([closed]) } },
    planOf({ one: {}, two: {} }),
  );
  await write({ id: 'two-1a2b3c4d', kind: 'llm-inference', payload: payloadOf([open, { ...closed, order: 1 }]) });
  const { files } = await again();
  expect((await readdir(join(workspaceRoot, 'report/llm-d'))).map((name) => `llm-d/${name}`).toSorted()).toEqual(
    files.toSorted(),
  );
  expect(files).toHaveLength(3);
});

test('the same measurement of several machines has a file for each', async () => {
  const { workspaceRoot, results } = await written({ one: { payload: payloadOf([closed]) } });
  const found = await results();
  const elsewhere = found.rows.map((row) => ({ ...row, state: 'stale' as const, stored: { ...row.stored! } }));
  const write = async (rows: typeof found.rows) => writeBenchmarkReports(workspaceRoot, 'report', { ...found, rows });
  const measured = elsewhere.map((row) => ({ ...row, state: 'measured' as const }));
  expect((await write([...found.rows, ...measured])).files).toEqual([
    'llm-d/one-1a2b3c4d.yaml',
    'llm-d/one-1a2b3c4d~2.yaml',
  ]);
  const { files, lines } = await write([...found.rows, ...elsewhere]);
  expect(files).toEqual(['llm-d/one-1a2b3c4d.yaml']);
  expect(lines[1]).toBe('Left out of them: 1 stale (one-1a2b3c4d)');
});

test('a report outside of the workspace has its files there', async () => {
  const { workspaceRoot, results } = await written({ one: { payload: payloadOf([closed]) } });
  const elsewhere = join(workspaceRoot, 'elsewhere/report');
  const { files } = await writeBenchmarkReports(join(workspaceRoot, 'inner'), elsewhere, await results());
  expect(await readdir(join(elsewhere, 'llm-d'))).toEqual(files.map((file) => file.slice('llm-d/'.length)));
  expect(files).toHaveLength(1);
});

test('without a measured language model nothing is written, and that is the text', async () => {
  const { files, lines } = await written({ one: { kind: 'values', payload: { load_ms: 5 } } });
  expect(files).toEqual([]);
  expect(lines[0]).toContain('none, as no measured workload is of kind llm-inference');
});

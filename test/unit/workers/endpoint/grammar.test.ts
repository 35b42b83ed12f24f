import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';

const quick = {
  model: 'm',
  prompt_tokens: 32,
  new_tokens: 8,
  warmup: { min_iterations: 0, max_iterations: 0, min_s: 0 },
  measure: { requests: 6, min_s: 0, max_s: 60 },
};

test('a ladder in one process: constant and bursty arrivals, a trace, a limit of requests under way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-ladder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'day.jsonl');
  const lines = [
    { at_s: 0, prompt_tokens: 5, new_tokens: 3 },
    { at_s: 0.1, prompt: 'two words', new_tokens: 1 },
    { at_s: 0.4, prompt_tokens: 9, new_tokens: 4 },
  ];
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  const server = await startFakeServer();
  const behaviour = 'first=20,gap=5';
  const measured = await measureEndpoint({
    ...quick,
    url: server.url(behaviour),
    api: 'completions',
    prompt_form: 'text',
    order: 'as-written',
    measure: { requests: 6, min_s: 0 },
    workloads: [
      { load: { mode: 'open', rate_per_s: 30, arrival_cv: 0 } },
      { load: { mode: 'open', rate_per_s: 30, arrival_cv: 2, ramp_s: 0.2, max_in_flight: 1 } },
      { load: { mode: 'replay', file, speed: 2 } },
      { load: { mode: 'closed', concurrency: 2, think_s: 0.05 } },
    ],
  });
  expect(measured.failure).toBeNull();
  const workloads = measured.payload!.workloads as ServedWorkload[];
  expect(workloads.map(({ order }) => order)).toEqual([0, 1, 2, 3]);
  const [constant, , trace] = workloads as [ServedWorkload, ServedWorkload, ServedWorkload];
  const due = ({ requests }: ServedWorkload) => requests.map(({ scheduled_s }) => scheduled_s!);
  const gaps = due(constant).map((time_s, index, all) => time_s - (all[index - 1] ?? time_s - 1 / 30));
  for (const gap_s of gaps) expect(gap_s).toBeCloseTo(1 / 30, 5);
  // The log tells what the server read, in the order of arrival.
  const log = await server.log(behaviour);
  const replayed = log.filter(({ body }) => [1, 3, 4].includes(body['max_tokens'] as number)).slice(-3);
  expect(trace.requests.map(({ new_tokens, asked_tokens }) => [new_tokens, asked_tokens])).toEqual([
    [3, 3],
    [1, 1],
    [4, 4],
  ]);
  expect(replayed.map(({ prompt }) => prompt.length)).toEqual([5, 2, 9]);
  expect(trace).toMatchObject({
    mode: 'open-loop',
    settling: [],
    load: { mode: 'replay', file: 'day.jsonl', speed: 2 },
  });
  expect(due(trace)[2]! - due(trace)[0]!).toBeCloseTo(0.2, 5);
  const most = measured.workloads.map(({ metrics }) => metrics.find(({ name }) => name === 'in_flight_max')!.value);
  expect(most[1]).toBe(1);
  expect(measured.workloads.map(({ name }) => name!.split(':')[0])).toEqual([
    'open 30/s, cv 0',
    'open 30/s, cv 2, at most 1',
    'replay day.jsonl ×2',
    'closed 2, think 0.05 s',
  ]);
});

test('a server that falls behind ends its rung, and those above are skipped: a result of its own', async () => {
  const server = await startFakeServer();
  // Some eight requests a second.
  const url = server.url('first=100,gap=5,slots=1');
  const measured = await measureEndpoint({
    ...quick,
    url,
    new_tokens: 4,
    order: 'as-written',
    stop_when: { overloaded_s: 1 },
    measure: { requests: 500, min_s: 0, max_s: 40 },
    workloads: [60, 120].map((rate_per_s) => ({ load: { mode: 'open', rate_per_s } })),
  });
  expect(measured.failure).toBeNull();
  expect(measured.payload!.skipped).toMatchObject([
    { index: 1, rate_per_s: 120, reason: 'the server was overloaded by 60 requests/s' },
  ]);
  const [workload] = measured.payload!.workloads as ServedWorkload[];
  expect(workload!.stopped_by).toBe('overloaded');
  expect(workload!.requests.length).toBeLessThan(500);
  expect(workload!.requests.every(({ error }) => error === null)).toBe(true);
  expect(measured.workloads.map(({ findings }) => findings.map(({ code }) => code).includes('overloaded'))).toEqual([
    true,
  ]);
});

test('a trace that is none is refused before anything is asked', async () => {
  const { failure } = await measureEndpoint({
    ...quick,
    url: 'http://127.0.0.1:9/v1',
    load: { mode: 'replay', file: import.meta.filename },
  });
  expect(failure).toMatchObject({ type: 'unsupported', message: expect.stringContaining('line 1: it is no JSON') });
});

test.each([
  [{ mode: 'open', rate_per_s: 1, arrival_cv: -1 }, 'arrival_cv'],
  [{ mode: 'open', rate_per_s: 1, concurrency: 2 }, 'concurrency'],
  [{ mode: 'closed', concurrency: 1, arrival_cv: 0 }, 'arrival_cv'],
  [{ mode: 'closed' }, 'concurrency'],
  [{ mode: 'replay' }, 'file'],
  [{ mode: 'ramp' }, 'mode'],
])('the load %j is no configuration', async (load, named) => {
  await expect(measureEndpoint({ ...quick, url: 'http://127.0.0.1:9/v1', load })).rejects.toThrow(named);
});

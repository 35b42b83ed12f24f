import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ServedWorkload } from '../../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import type { JsonObject } from '../../../../../plugins/nx-study/src/base/json.ts';
import { measureEndpoint } from '../../../../helpers/endpoint.ts';
import type { Measured } from '../../../../helpers/endpoint.ts';
import { canBuildExactServer, startExactServer } from '../../../../helpers/exact-server.ts';
import { startFakeServer } from '../../../../helpers/fake-server.ts';
import { temporaryFolder } from '../../../machine/helpers.ts';

const settings = {
  model: 'm',
  prompt_tokens: 16,
  new_tokens: 8,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
};
const LIMIT = { timeout: 60_000 };
const needs = 'needs Linux and a C compiler';

const workloadIn = ({ payload, failure }: Measured): ServedWorkload => {
  expect(failure).toBeNull();
  return payload!.workloads[0] as ServedWorkload;
};
const valueIn = ({ workloads }: Measured, name: string) =>
  workloads[0]!.metrics.find((metric) => metric.name === name)!.value!;

test('one thread and three send the same requests at the same times', LIMIT, async () => {
  const server = await startFakeServer();
  const file = join(temporaryFolder(), 'trace.jsonl');
  const lines = Array.from({ length: 40 }, (_, at) => ({
    at_s: at / 50 + (at % 7) / 1000,
    prompt: `p${at}`,
    new_tokens: 4 + (at % 5),
  }));
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const measure = async (client_threads: number, load: JsonObject & { mode: string }) => {
    const behaviour = `first=10,gap=5,n=${client_threads}-${load.mode}`;
    const measured = await measureEndpoint({
      ...settings,
      url: server.url(behaviour),
      prompt_form: 'text',
      client_threads,
      load,
      measure: { requests: 40, min_s: 0, tail: 'drain' },
    });
    const { requests, client } = workloadIn(measured);
    expect(client!['threads']).toBe(client_threads);
    // A late client may send two of them in another order.
    const inTurn = requests.toSorted((a, b) => a.scheduled_s! - b.scheduled_s!);
    const seen = (await server.log(behaviour)).slice(-requests.length);
    return {
      due: inTurn.map(({ scheduled_s }) => scheduled_s! - inTurn[0]!.scheduled_s!),
      asked: inTurn.map(({ asked_tokens }) => asked_tokens),
      prompts: seen.map(({ prompt }) => prompt.join(' ')).toSorted(),
    };
  };
  const replay = { mode: 'replay', file };
  const open = { mode: 'open', rate_per_s: 50, ramp_s: 0.1 };
  const measured = [measure(1, replay), measure(3, replay), measure(1, open), measure(3, open)] as const;
  const [replayed, replayedByThree, arrived, arrivedByThree] = await Promise.all(measured);
  for (const [one, three] of [
    [replayed, replayedByThree],
    [arrived, arrivedByThree],
  ] as const) {
    expect(three.due).toHaveLength(40);
    for (const [index, due_s] of three.due.entries()) expect(due_s).toBeCloseTo(one.due[index]!, 5);
    expect(three.asked).toEqual(one.asked);
  }
  expect(replayedByThree.prompts).toEqual(replayed.prompts);
  expect(replayedByThree.prompts).toEqual(lines.map(({ prompt }) => prompt).toSorted());
});

test.skipIf(!canBuildExactServer)(
  `users of three threads: each time, the number under way and the window (${needs})`,
  LIMIT,
  async () => {
    const server = await startExactServer();
    const measured = await measureEndpoint({
      ...settings,
      url: server.url('first=100,gap=10'),
      client_threads: 3,
      load: { mode: 'closed', concurrency: 20 },
      measure: { requests: 100, min_s: 0, max_s: 60 },
    });
    const { requests, settling, client, window } = workloadIn(measured);
    const stats = await server.stats();
    const late_s = 0.05 + 2 * client!.max_s! + stats.late_max_ms / 1000;
    expect(requests).toHaveLength(100);
    expect(client!['each']).toHaveLength(4);
    for (const { chunk_times_s, new_tokens, error } of requests) {
      expect({ error, new_tokens, chunks: chunk_times_s.length }).toEqual({ error: null, new_tokens: 8, chunks: 8 });
      for (const [index, time_s] of chunk_times_s.entries()) expect(time_s).toBeGreaterThan(0.0999 + 0.01 * index);
    }
    const starts_s = requests.map(({ start_s }) => start_s);
    expect(starts_s).toEqual(starts_s.toSorted((a, b) => a - b));
    expect(valueIn(measured, 'ttft_s')).toBeLessThan(0.1 + late_s);
    expect(stats.most_in_flight).toBe(20);
    expect(valueIn(measured, 'in_flight_max')).toBeLessThanOrEqual(20);
    // Between an answer of 170 ms and the next request a late client has nothing under way.
    expect(valueIn(measured, 'in_flight_mean')).toBeGreaterThan((20 * 0.17) / (0.17 + late_s));
    expect(valueIn(measured, 'connections_new')).toBe(0);
    // Each user had begun when the window does.
    const { from_s } = window!;
    const before = [...settling, ...requests].filter(({ start_s }) => start_s <= from_s + 1e-6);
    expect(before.length).toBeGreaterThanOrEqual(20);
    expect([...settling, ...requests].some(({ start_s }) => Math.abs(start_s - from_s) < 1e-5)).toBe(true);
  },
);

test.skipIf(!canBuildExactServer)(`max_in_flight is of all threads together (${needs})`, LIMIT, async () => {
  const server = await startExactServer();
  const measured = await measureEndpoint({
    ...settings,
    url: server.url('first=100,gap=10'),
    client_threads: 2,
    load: { mode: 'open', rate_per_s: 200, max_in_flight: 5 },
    measure: { requests: 30, min_s: 0, max_s: 60 },
  });
  const { requests } = workloadIn(measured);
  expect((await server.stats()).most_in_flight).toBe(5);
  expect(valueIn(measured, 'in_flight_max')).toBeLessThanOrEqual(5);
  expect(requests.filter(({ waited_s }) => waited_s > 0).length).toBeGreaterThan(15);
  for (const { start_s, scheduled_s, waited_s } of requests)
    expect(start_s - scheduled_s! - waited_s).toBeGreaterThan(-1e-5);
});

test.skipIf(!canBuildExactServer)(`SIGTERM ends all threads and their connections (${needs})`, LIMIT, async () => {
  const server = await startExactServer();
  const { payload } = await measureEndpoint(
    {
      ...settings,
      url: server.url('first=100,gap=10'),
      client_threads: 3,
      load: { mode: 'closed', concurrency: 9 },
      measure: { requests: 10_000, min_s: 0, max_s: 60 },
    },
    {},
    async (worker) => {
      while ((await server.stats()).most_in_flight < 9) await sleep(50);
      worker.kill('SIGTERM');
    },
  );
  expect(payload).toBeNull();
  // What was under way shows once more, then nothing does.
  while ((await server.stats()).most_in_flight > 0) await sleep(20);
});

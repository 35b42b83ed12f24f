import { expect, test } from 'vitest';
import type { Workload } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import { canBuildExactServer, startExactServer } from '../../../helpers/exact-server.ts';

// First token after 100 ms, then a chunk every 10 ms. What is late is the server by its own account, or the client by its own.
const TOKENS = 16;
const settings = {
  model: 'm',
  prompt_tokens: 16,
  new_tokens: TOKENS,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const valueOf = ({ metrics }: Workload, name: string) => metrics.find((metric) => metric.name === name)!.value!;

async function measureExactly(perChunk: number, load: JsonObject, requests: number) {
  const server = await startExactServer();
  const { payload, workloads, failure } = await measureEndpoint({
    ...settings,
    url: server.url(`first=100,gap=10,per-chunk=${perChunk}`),
    load,
    measure: { requests, min_s: 0, max_s: 60 },
  });
  expect(failure).toBeNull();
  const [workload, part] = [payload!.workloads[0] as ServedWorkload, workloads[0]!];
  const stats = await server.stats();
  const late_s = 0.05 + 2 * workload.client!.max_s! + stats.late_max_ms / 1000;
  const e2e_s = 0.1 + 0.01 * (Math.ceil(TOKENS / perChunk) - 1);
  return { workload, part, stats, late_s, e2e_s };
}

/** Nothing comes before its time, nothing is lost, and what is late is explained. */
function expectTimes({ workload, part, late_s, e2e_s }: Awaited<ReturnType<typeof measureExactly>>, perChunk: number) {
  for (const { chunk_times_s, end_s, new_tokens, first_chunk_tokens, error } of workload.requests) {
    expect({ error, new_tokens, first_chunk_tokens }).toEqual({
      error: null,
      new_tokens: TOKENS,
      first_chunk_tokens: perChunk,
    });
    expect(chunk_times_s).toHaveLength(Math.ceil(TOKENS / perChunk));
    for (const [index, time_s] of chunk_times_s.entries()) expect(time_s).toBeGreaterThan(0.0999 + 0.01 * index);
    expect(end_s).toBe(chunk_times_s.at(-1));
  }
  expect(valueOf(part, 'ttft_s')).toBeLessThan(0.1 + late_s);
  expect(valueOf(part, 'e2e_s')).toBeLessThan(e2e_s + late_s);
  // By all tokens after the first chunk, however many that had. Chunks that a busy machine read at once tell no time.
  const spans_s = workload.requests.map(({ chunk_times_s }) => chunk_times_s.at(-1)! - chunk_times_s[0]!);
  const told_s = spans_s.filter((span_s) => span_s > 0);
  expect(valueOf(part, 'tpot_mean_s')).toBeCloseTo(mean(told_s) / (TOKENS - perChunk), 6);
}

const needs = 'needs Linux and a C compiler';

test.skipIf(!canBuildExactServer).each([
  [1, 1, 4],
  [64, 1, 160],
  [8, 2, 24],
  [8, 3, 24],
  [8, 4, 24],
])(`%d users, %d tokens a chunk (${needs})`, { timeout: 60_000 }, async (concurrency, perChunk, requests) => {
  const measured = await measureExactly(perChunk, { mode: 'closed', concurrency }, requests);
  expectTimes(measured, perChunk);
  const { part, stats, e2e_s, workload } = measured;
  expect(valueOf(part, 'connections_new')).toBe(0);
  expect(stats.most_in_flight).toBe(concurrency);
  expect(valueOf(part, 'in_flight_max')).toBeLessThanOrEqual(concurrency);
  expect(workload.requests).toHaveLength(requests);
  // No more than users can get; within the window, whatever else the machine does.
  expect(valueOf(part, 'output_tok_s')).toBeLessThan(1.05 * ((concurrency * TOKENS) / e2e_s));
  const reached = (valueOf(part, 'in_flight_mean') * TOKENS) / valueOf(part, 'e2e_mean_s');
  expect(valueOf(part, 'output_tok_s')).toBeGreaterThan(0.7 * reached);
});

test.skipIf(!canBuildExactServer)(`50 arrivals a second (${needs})`, { timeout: 60_000 }, async () => {
  const measured = await measureExactly(1, { mode: 'open', rate_per_s: 50, arrival_cv: 0 }, 100);
  expectTimes(measured, 1);
  const { part, workload, late_s } = measured;
  expect(valueOf(part, 'offered_per_s')).toBeCloseTo(50, 0);
  const due = workload.requests.map(({ scheduled_s }) => scheduled_s!);
  for (const [index, time_s] of due.slice(1).entries()) expect(time_s - due[index]!).toBeCloseTo(0.02, 5);
  for (const { start_s, scheduled_s } of workload.requests) expect(start_s).toBeGreaterThanOrEqual(scheduled_s! - 1e-5);
  expect(valueOf(part, 'start_lag_s')).toBeLessThan(late_s);
  // Only requests that a stop of the machine has held up, and that come together after it, need further ones.
  expect(valueOf(part, 'connections_new')).toBeLessThanOrEqual(late_s < 0.1 ? 0 : 50 * late_s);
});

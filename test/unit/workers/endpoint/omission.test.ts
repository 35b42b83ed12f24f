import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';
import type { FakeServer } from '../../../helpers/fake-server.ts';

// What is stopped for two seconds makes requests wait, which a clock that starts with sending does not see where the client is
// stopped (coordinated omission). Constant arrivals, so that it is known how many are due meanwhile.
const RATE = 20;
const STOP_S = 2;
const settings = {
  model: 'm',
  prompt_tokens: 8,
  new_tokens: 2,
  load: { mode: 'open', rate_per_s: RATE, arrival_cv: 0 },
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { requests: 6 * RATE, min_s: 0, max_s: 60 },
};
const LIMIT = { timeout: 60_000 };

/** Stops a process while the measured requests are sent. */
async function stopped(server: FakeServer, behaviour: string, which: 'client' | 'server', client_threads = 1) {
  const { payload, workloads, warnings, failure } = await measureEndpoint(
    { ...settings, url: server.url(behaviour), client_threads },
    {},
    async (worker) => {
      // First call, warm-up, settling, and some that are measured.
      while ((await server.log(behaviour)).length < 1.5 * RATE) await sleep(20);
      const pid = which === 'client' ? worker.pid! : server.pid;
      kill(pid, 'SIGSTOP');
      await sleep(1000 * STOP_S);
      kill(pid, 'SIGCONT');
    },
  );
  expect(failure).toBeNull();
  const value = (name: string) => workloads[0]!.metrics.find((metric) => metric.name === name)!.value!;
  const { requests } = payload!.workloads[0] as ServedWorkload;
  const late = requests.filter(({ start_s, scheduled_s }) => start_s - scheduled_s! > 0.5).length;
  return { value, late, codes: warnings.map(({ code }) => code), findings: workloads[0]!.findings };
}

/** A third of all requests was due in the stop: a tenth waited for more than 1.4 s of it, as 0.6 s have a tenth of them. */
function expectWaits(value: (name: string) => number): void {
  for (const series of ['ttft_due', 'e2e_due']) {
    expect(value(`${series}_p90_s`)).toBeGreaterThan(0.5 * STOP_S);
    expect(value(`${series}_p99_s`)).toBeGreaterThan(0.9 * STOP_S);
    // A busy machine makes it longer, but never a multiple.
    expect(value(`${series}_p99_s`)).toBeLessThan(STOP_S + 4);
  }
}

test.each([1, 2])(
  'a client of threads: %d that is stopped for 2 s: latencies from the schedule have it, those from sending do not',
  LIMIT,
  async (threads) => {
    const { value, late, codes } = await stopped(await startFakeServer(), 'first=20,gap=5', 'client', threads);
    expectWaits(value);
    // Due in the first 1.5 s, less what an unlucky moment takes.
    expect(late).toBeGreaterThanOrEqual(1.5 * RATE - 3);
    expect(value('start_lag_p99_s')).toBeGreaterThan(0.9 * STOP_S);
    // Only those that were under way when it was stopped have it, too.
    expect(value('ttft_p90_s')).toBeLessThan(value('ttft_due_p90_s') - 0.5);
    expect(value('offered_per_s')).toBeCloseTo(RATE, 0);
    expect(codes).toContain('late-starts');
  },
);

test('a server that is stalled for 2 s: requests go on, and all latencies have it', LIMIT, async () => {
  const { value } = await stopped(await startFakeServer(), 'first=20,gap=5', 'server');
  expectWaits(value);
  expect(value('ttft_p99_s')).toBeGreaterThan(0.9 * STOP_S);
  // It was sent on while nothing came.
  expect(value('in_flight_max')).toBeGreaterThan(STOP_S * RATE - 5);
  expect(value('start_lag_s')).toBeLessThan(0.1);
});

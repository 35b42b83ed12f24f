import { expect, test } from 'vitest';
import { kindOf } from '../../../../plugins/nx-study/src/kinds/index.ts';
import type { Fact, Metric, Workload } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import type { ServedRequest, ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { groupBy } from '../../../../plugins/nx-study/src/base/group-by.ts';
import { median } from '../../../../plugins/nx-study/src/base/quantile.ts';
import { measureEndpoint } from '../../../helpers/endpoint.ts';
import type { Measured } from '../../../helpers/endpoint.ts';
import { startFakeServer } from '../../../helpers/fake-server.ts';
import type { Seen } from '../../../helpers/fake-server.ts';

// Others may keep the machine busy, so what is measured is held against the server's own log: what is left is the client's
// delay. It is never early, and late by no more than this and what it says of itself.
const LATE_S = 0.06;
const lateOf = ({ client }: ServedWorkload) => LATE_S + 2 * (client?.max_s ?? 0);

// Three measurements at once, on a busy machine.
const LIMIT = { timeout: 120_000 };

const quick = {
  model: 'm',
  prompt_tokens: 32,
  new_tokens: 8,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { requests: 12, min_s: 0, max_s: 60 },
};
const closed = (concurrency: number) => ({ mode: 'closed', concurrency });
const open = (rate_per_s: number) => ({ mode: 'open', rate_per_s });

const metricOf = ({ metrics }: Workload, name: string) => metrics.find((metric) => metric.name === name)!;
const valueOf = (part: Workload, name: string) => metricOf(part, name).value!;
const workloadsOf = ({ payload }: Measured) => payload!.workloads as ServedWorkload[];

function expectWithin(value: number, from: number, to: number): void {
  expect(value).toBeGreaterThanOrEqual(from);
  expect(value).toBeLessThanOrEqual(to);
}

interface Pair {
  request: ServedRequest;
  seen: Seen;
  isMeasured: boolean;
}

/**
 * What the server saw of a workload's requests: after the first call come warm-up, settling and series of each in turn, the
 * latter two in the order of their starts, then those that kept the load.
 */
function pairsOf(workloads: ServedWorkload[], index: number, log: Seen[]): Pair[] {
  const own = workloads[index]!;
  const rounds = (one: ServedWorkload) => one.warmup.samples_s.length * (one.concurrency ?? 1);
  const before = workloads.filter(({ order }) => order < own.order);
  const skipped = before.reduce(
    (sum, one) => sum + rounds(one) + one.settling.length + one.requests.length + one.tail_requests!,
    1,
  );
  const from = skipped + rounds(own);
  return [
    ...own.settling.map((request) => ({ request, isMeasured: false })),
    ...own.requests.map((request) => ({ request, isMeasured: true })),
  ]
    .sort((a, b) => a.request.start_s - b.request.start_s)
    .map((one, place) => ({ ...one, seen: log[from + place]! }));
}

const firstOf = (one: Seen) => one.writes[0]!.at_s - one.received_s;
const lastOf = (one: Seen) => one.writes.at(-1)!.at_s - one.received_s;
const laterTokens = (one: Seen) => one.writes.slice(1).reduce((sum, { tokens }) => sum + tokens, 0);

/** Tokens a second that the server wrote in the window of a workload. */
function rateOf({ window }: ServedWorkload, pairs: Pair[]): number {
  // Its clock less the client's: no request arrives before it was sent.
  const ahead_s = Math.min(...pairs.map(({ request, seen }) => seen.received_s - request.start_s));
  const { from_s, to_s } = window!;
  const within = pairs
    .flatMap(({ seen }) => seen.writes)
    .filter(({ at_s }) => at_s - ahead_s > from_s && at_s - ahead_s <= to_s);
  return within.reduce((sum, { tokens }) => sum + tokens, 0) / (to_s - from_s);
}

/** Gaps of chunks are gaps of tokens only where a chunk has one. */
function expectItl({ value, reason }: Metric, perChunk: number, late_s: number): void {
  expect(value === null).toBe(perChunk > 1);
  expect(reason === null).toBe(perChunk === 1);
  expectWithin(value ?? 0.1, 0.1 - late_s, 0.1 + late_s);
}

test(
  '1, 2 and 4 tokens a chunk, closed and open loop: times, rates and counts are those of the server',
  LIMIT,
  async () => {
    const server = await startFakeServer();
    await Promise.all(
      [1, 2, 4].map(async (perChunk) => {
        const behaviour = `first=200,gap=100,per-chunk=${perChunk},usage=running`;
        const workloads = [{ load: closed(4) }, { load: open(8) }];
        const measured = await measureEndpoint({
          ...quick,
          url: server.url(behaviour),
          new_tokens: perChunk === 1 ? 4 : 8,
          workloads,
          measure: { ...quick.measure, requests: 8 },
        });
        expect(measured.failure).toBeNull();
        const log = await server.log(behaviour);
        for (const [index, part] of measured.workloads.entries()) {
          const pairs = pairsOf(workloadsOf(measured), index, log);
          const seen = pairs.filter(({ isMeasured }) => isMeasured).map((pair) => pair.seen);
          const late_s = lateOf(workloadsOf(measured)[index]!);
          const [ttft_s, e2e_s] = [median(seen.map(firstOf)), median(seen.map(lastOf))];
          expectWithin(valueOf(part, 'ttft_s'), ttft_s, ttft_s + late_s);
          expectWithin(valueOf(part, 'e2e_s'), e2e_s, e2e_s + late_s);
          expect(valueOf(part, 'requests_successful')).toBe(8);
          expect(valueOf(part, 'requests_errored')).toBe(0);
          expect(valueOf(part, 'requests_incomplete')).toBe(0);
          // Within a tenth, and a chunk for each edge.
          const truth = rateOf(workloadsOf(measured)[index]!, pairs);
          const edge = (4 * perChunk) / valueOf(part, 'window_s');
          expectWithin(valueOf(part, 'output_tok_s'), 0.9 * truth - edge, 1.1 * truth + edge);
          expectItl(metricOf(part, 'itl_s'), perChunk, late_s);
          const tpot_s = median(seen.map((one) => (lastOf(one) - firstOf(one)) / laterTokens(one)));
          expectWithin(valueOf(part, 'tpot_s'), tpot_s - late_s / 4, tpot_s + late_s / 4);
        }
      }),
    );
  },
);

/** From a user's request to the next one: each user has a connection, and is never idle. */
function cycleOf(log: Seen[]): number {
  const received = [...groupBy(log, ({ connection }) => connection).values()];
  return median(
    received.flatMap((of) => of.slice(1).map(({ received_s }, index) => received_s - of[index]!.received_s)),
  );
}

test('the drain of a closed loop is not in its rates: 8 users with 12 and with 80 requests', LIMIT, async () => {
  const server = await startFakeServer();
  const counts = [12, 80];
  const measured = await Promise.all(
    counts.map((requests) =>
      measureEndpoint({
        ...quick,
        url: server.url(`first=200,gap=50,requests=${requests}`),
        new_tokens: 4,
        load: closed(8),
        measure: { ...quick.measure, requests },
      }),
    ),
  );
  for (const [index, { workloads, failure }] of measured.entries()) {
    expect(failure).toBeNull();
    const log = await server.log(`first=200,gap=50,requests=${counts[index]}`);
    const cycle_s = cycleOf(log.slice(-8 - counts[index]!));
    // What the drain makes of 12 requests is three quarters, or less.
    const part = workloads[0]!;
    expectWithin(valueOf(part, 'output_tok_s'), 0.8 * ((8 * 4) / cycle_s), 1.2 * ((8 * 4) / cycle_s));
    expectWithin(valueOf(part, 'requests_per_s'), 0.8 * (8 / cycle_s), 1.2 * (8 / cycle_s));
    expect(part.findings.map(({ code }) => code).includes('window-short')).toBe(counts[index] === 12);
  }
  // Twelve requests in the time of sixteen.
  const part = measured[0]!.workloads[0]!;
  expect(valueOf(part, 'output_tok_s_whole')).toBeLessThan(0.8 * valueOf(part, 'output_tok_s'));
});

test(
  'a server that keeps prompts has none of an earlier measurement: another load, or the same one again',
  LIMIT,
  async () => {
    const server = await startFakeServer();
    const behaviour = 'first=200,known=10,gap=10,cached=1';
    const salts: unknown[] = [];
    const tails: number[] = [];
    const servers: { id: string; facts: Fact[] }[] = [];
    for (const concurrency of [1, 2, 2]) {
      const measured = await measureEndpoint({
        ...quick,
        url: server.url(behaviour),
        new_tokens: 2,
        load: closed(concurrency),
        measure: { ...quick.measure, requests: 4 },
      });
      expectWithin(valueOf(measured.workloads[0]!, 'ttft_min_s'), 0.195, Infinity);
      expect(valueOf(measured.workloads[0]!, 'cached_prompt_percent')).toBe(0);
      salts.push(measured.payload!.prompt_salt);
      tails.push(workloadsOf(measured)[0]!.tail_requests!);
      servers.push({ id: `number ${servers.length + 1}`, facts: measured.workloads[0]!.facts });
      expect(measured.payload!.engine.told).toMatchObject({ 'models max_model_len': 4096 });
      const { readings, names } = workloadsOf(measured)[0]!.server_metrics!;
      expect(names.prefix_hits).toBe('vllm:prefix_cache_hits_total');
      expect([readings[0], readings.at(-1)].map((reading) => reading!.values.prefix_hits)).toEqual([0, 0]);
      await server.tell({ version: '2.0.0' });
    }
    expect(new Set(salts).size).toBe(3);
    // It was started anew after the first one.
    const changes = kindOf('llm-inference').across!(servers);
    expect(changes.map((findings) => findings.map(({ code }) => code))).toEqual(servers.map(() => ['server-changed']));
    expect(changes[0]![0]!.message).toContain('version version "1.0.0" (number 1) or "2.0.0" (number 2, number 3)');
    const log = await server.log(behaviour);
    // First call, warm-up, settling and four measured ones, and those that kept the load for the last ones.
    expect(tails[0]).toBe(0);
    expect(log).toHaveLength(1 + 1 + 4 + 2 * (1 + 2 + 2 + 4) + tails[1]! + tails[2]!);
    expect(log.filter(({ is_known }) => is_known)).toEqual([]);
    expect(new Set(log.map(({ prompt }) => prompt.length))).toEqual(new Set([32]));
  },
);

test('errors are counted, and are in no time and no rate', LIMIT, async () => {
  const server = await startFakeServer();
  // An answer that a busy machine reads in one piece would have no time of a first token: the whole takes half a second.
  const behaviour = 'fail-every=4,gap=70';
  const { workloads, payload } = await measureEndpoint({ ...quick, url: server.url(behaviour), load: closed(2) });
  // One that only kept the load may have been broken off before its first write: it did not end.
  const hasFailed = ({ writes, ended_s }: Seen) => writes.length === 0 && ended_s !== null;
  const failed = (await server.log(behaviour)).slice(-12).filter(hasFailed).length;
  expect(failed).toBe(3);
  expect(valueOf(workloads[0]!, 'requests_errored')).toBe(failed);
  expect(valueOf(workloads[0]!, 'requests_successful')).toBe(12 - failed);
  expect(valueOf(workloads[0]!, 'ttft_n')).toBe(12 - failed);
  const errors = (payload!.workloads[0] as ServedWorkload).requests.flatMap(({ error }) => error ?? []);
  expect(errors.map(({ type }) => type)).toEqual(Array.from({ length: failed }, () => 'http-status'));
});

test('each of 270 users keeps its connection', LIMIT, async () => {
  const server = await startFakeServer();
  const behaviour = 'first=200';
  const measured = await measureEndpoint({
    ...quick,
    url: server.url(behaviour),
    new_tokens: 1,
    load: closed(270),
    measure: { ...quick.measure, requests: 540 },
  });
  expect(measured.failure).toBeNull();
  expect(valueOf(measured.workloads[0]!, 'connections_new')).toBe(0);
  const log = await server.log(behaviour);
  expect(log).toHaveLength(1 + 270 + 270 + 540 + workloadsOf(measured)[0]!.tail_requests!);
  expect(new Set(log.map(({ connection }) => connection)).size).toBe(270);
});

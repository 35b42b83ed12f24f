import { expect, test } from 'vitest';
import { evaluateGates, gateName, limitText } from '../../../../plugins/nx-study/src/kinds/gates.ts';
import { NOT_JUDGED } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { evidenceOf, kind, metricIn, payloadOf, requestOf, servedOf, valueIn } from './payload.ts';

type Limits = Record<string, number>;

function judged(workload: object, gates: Limits, slo: Limits = {}) {
  const part = kind.workloads(evidenceOf(payloadOf([workload])), { ...NOT_JUDGED, gates, slo })[0]!;
  return { part, results: evaluateGates(kind.gates, part.metrics, gates) };
}

const verdicts = (workload: object, gates: Limits) => judged(workload, gates).results.map(({ verdict }) => verdict);

const times = (from: number, to: number, length: number) =>
  Array.from({ length }, (_, index) => from + ((to - from) * index) / Math.max(1, length - 1));

const failed = (start_s: number) =>
  requestOf({ start_s, chunk_times_s: [], end_s: null, new_tokens: null, error: { type: 'timeout', message: 'm' } });

const incomplete = (start_s: number) => requestOf({ start_s, incomplete: { type: 'length', message: 'm' } });

/** 50 requests/s are due, at most 8 are under way, and the server does 10 a second: each waits before it is sent. */
const queued = Array.from({ length: 1000 }, (_, index) => {
  const scheduled_s = 10 + index / 50;
  const start_s = Math.max(scheduled_s, 10 + Math.floor(index / 8) * 0.8);
  const waited_s = start_s - scheduled_s;
  return requestOf({ scheduled_s, start_s, waited_s, chunk_times_s: [0.2, 0.5, 0.8], end_s: 0.8, done_s: 0.8 });
});
const open = { mode: 'open', rate_per_s: 50, arrival_cv: 1, ramp_s: 0, max_in_flight: 8 };
const replay = { mode: 'replay', file: 'day.jsonl', speed: 1, max_in_flight: 8 };
const arriving = (load: object) =>
  servedOf(queued, { mode: 'open-loop', concurrency: null, rate_per_s: 50, load, window: { from_s: 10, to_s: 29.98 } });

test.each([open, replay])(
  'latencies of arrivals ($mode) are judged from the schedule, as the limits for requests are',
  (load) => {
    const gates = { ttft_p95_s: 1, ttft_due_p95_s: 1, e2e_s: 2, tpot_s: 1 };
    const { part, results } = judged(arriving(load), gates, { ttft_s: 1 });
    expect(valueIn(part, 'ttft_p95_s')).toBeCloseTo(0.2, 9);
    expect(valueIn(part, 'ttft_due_p95_s')).toBeCloseTo(75.65, 1);
    expect(valueIn(part, 'slo_attainment')).toBeLessThan(0.02);
    expect(results.map(({ name, metric, verdict }) => [name, metric, verdict])).toEqual([
      ['ttft_p95_s', 'ttft_due_p95_s', 'FAIL'],
      ['tpot_s', 'tpot_s', 'PASS'],
      ['e2e_s', 'e2e_due_s', 'FAIL'],
      ['ttft_due_p95_s', 'ttft_due_p95_s', 'FAIL'],
    ]);
    expect(results.map(limitText)).toEqual([
      'ttft_p95_s < 1 (of ttft_due_p95_s)',
      'tpot_s < 1',
      'e2e_s < 2 (of e2e_due_s)',
      'ttft_due_p95_s < 1',
    ]);
    expect(gateName(results[0]!)).toBe('ttft_p95_s (of ttft_due_p95_s)');
    expect(results[0]!.reason).toMatch(/^ttft_due_p95_s is 75\.\d+, must be < 1$/);
  },
);

test('latencies of users who wait for answers are judged from sending', () => {
  const { results } = judged(servedOf(times(0, 10, 60).map((start_s) => requestOf({ start_s }))), {
    ttft_p95_s: 1,
    e2e_due_s: 1,
  });
  expect(results).toMatchObject([
    { metric: 'ttft_p95_s', verdict: 'PASS', counted: null },
    { metric: 'e2e_s', verdict: 'PASS', counted: null },
  ]);
  expect(results.map(limitText)).toEqual(['ttft_p95_s < 1', 'e2e_due_s < 1 (of e2e_s)']);
});

test('a request that failed or is incomplete is slower than any other: it can not make a percentile good', () => {
  // Two of five time out, one of ten is cut short.
  const requests = times(0, 20, 200).map((start_s, index) =>
    index % 5 < 2 ? failed(start_s) : index % 10 === 4 ? incomplete(start_s) : requestOf({ start_s }),
  );
  const { part, results } = judged(servedOf(requests), { ttft_p95_s: 1, ttft_s: 1, e2e_p90_s: 1 });
  expect(valueIn(part, 'ttft_p95_s')).toBeCloseTo(0.2, 9);
  const counted = '100 of 200 requests failed or are incomplete, and count as slower than any other';
  expect(results.map(({ name, verdict, counted: what }) => [name, verdict, what])).toEqual([
    ['ttft_s', 'UNDECIDED', counted],
    ['ttft_p95_s', 'FAIL', counted],
    ['e2e_p90_s', 'FAIL', counted],
  ]);
  expect(results[0]!.reason).toBe(
    `ttft_s lies between 0.2000 and more than any time, and 1 is between them; ${counted}`,
  );
  expect(results[1]!.reason).toBe(`ttft_p95_s is 0.2000, must be < 1; ${counted}`);
  expect(metricIn(part, 'requests_incomplete')!.main).toBe(true);
});

test('the bounds are order statistics of all requests, failed ones behind the others', () => {
  // Of p95 and 100 values: ranks 91 and 99, by P(B ≤ 90) = 0.028, P(B ≤ 91) = 0.063, P(B ≤ 97) = 0.882, P(B ≤ 98) = 0.963.
  const of = (bad: number) => {
    const requests = times(0.101, 0.2, 100).map((ttft_s, index) =>
      index < bad ? failed(index) : requestOf({ start_s: index, chunk_times_s: [ttft_s, 0.4, 0.5] }),
    );
    return metricIn(judged(servedOf(requests), { ttft_p95_s: 1 }).part, 'ttft_p95_s')!.bounds!;
  };
  expect(of(0).low).toBeCloseTo(0.191, 9);
  expect(of(0).high).toBeCloseTo(0.199, 9);
  expect(of(0).counted).toBeUndefined();
  expect(of(1).low).toBeCloseTo(0.192, 9);
  expect(of(1).high).toBeCloseTo(0.2, 9);
  expect(of(2).high).toBe(Infinity);
  expect([of(9).low, of(10).low]).toEqual([expect.closeTo(0.2, 9), Infinity]);
});

test('a time that nobody knows may be any: neither met nor missed', () => {
  const unstreamed = times(0, 10, 60).map((start_s) => requestOf({ start_s, chunk_times_s: [0.5], end_s: 0.5 }));
  const { part, results } = judged(servedOf(unstreamed), { ttft_p95_s: 1, tpot_s: 0.1, e2e_p95_s: 1 });
  expect(metricIn(part, 'ttft_p95_s')).toMatchObject({
    value: null,
    reason: 'every response came as a single chunk: the server did not stream',
  });
  expect(results.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['ttft_p95_s', 'UNDECIDED'],
    ['tpot_s', 'UNDECIDED'],
    ['e2e_p95_s', 'PASS'],
  ]);
  expect(results[0]!.reason).toContain('the time of 60 of 60 requests is not known, and may be any');
});

test('an answer with one token has no time per token, and no place among them', () => {
  const single = requestOf({ chunk_times_s: [0.2], end_s: 0.2, new_tokens: 1 });
  const requests = times(0, 10, 20).map((start_s, index) =>
    index < 10 ? requestOf({ start_s }) : { ...single, start_s },
  );
  const { part, results } = judged(servedOf(requests, { length: 'at-most' }), { tpot_s: 0.2 });
  expect(valueIn(part, 'tpot_s')).toBeCloseTo(0.15, 9);
  expect(results).toMatchObject([{ verdict: 'PASS', counted: null }]);
});

test('where no answer has a time per token, a limit on it is undecided', () => {
  const embedded = requestOf({
    embeddings: { count: 1, dimension: 8 },
    chunk_times_s: [],
    new_tokens: null,
    usage: null,
  });
  const workload = servedOf([embedded], { new_tokens: null, embeddings: { inputs: 1 }, token_count: {} });
  expect(judged(workload, { tpot_p95_s: 0.2 }).results).toMatchObject([
    { verdict: 'UNDECIDED', value: null, reason: 'embeddings were asked for, so nothing was generated' },
  ]);
});

test('a time per token that is known between two ends passes or fails by the worse one', () => {
  // 10 tokens in 9 chunks from 0.1 s to 0.9 s: a token took 0.8 s / 9 to 0.8 s / 8.
  const chunk_times_s = Array.from({ length: 9 }, (_, index) => 0.1 * (index + 1));
  const unsure = { chunk_times_s, end_s: 0.9, new_tokens: 10, first_chunk_tokens: null, usage: null };
  const workload = servedOf(
    times(0, 20, 20).map((start_s) => requestOf({ start_s, ...unsure })),
    { new_tokens: 10 },
  );
  const of = (tpot_s: number) => verdicts(workload, { tpot_s });
  expect([of(0.101), of(0.095), of(0.088)]).toEqual([['PASS'], ['UNDECIDED'], ['FAIL']]);
});

test('beside requests that failed, times that nobody knows leave the share of good ones open', () => {
  const requests = [
    ...times(0, 10, 90).map((start_s) => requestOf({ start_s, new_tokens: null, usage: null })),
    ...times(10, 11, 10).map(failed),
  ];
  const { part, results } = judged(servedOf(requests), { slo_attainment: 0.5 }, { tpot_s: 0.2 });
  expect(metricIn(part, 'slo_attainment')).toMatchObject({
    value: null,
    reason:
      '90 of 100 requests are undetermined, and others of their kind are not: the share lies between 0.000 and 0.900',
  });
  expect(results).toMatchObject([{ verdict: 'UNDECIDED' }]);
});

test('shares of requests have bounds of the binomial distribution: few requests leave a limit undecided', () => {
  const some = (good: number, bad: number) =>
    servedOf(
      times(0, 20, good + bad).map((start_s, index) => (index < bad ? failed(start_s) : requestOf({ start_s }))),
    );
  // A server of which 1 % fail has an error among 20 in 18 % of all measurements, and none among 268 in 7 %.
  const errors = (good: number, bad: number) => verdicts(some(good, bad), { error_percent: 1 });
  expect([errors(19, 1), errors(18, 2), errors(268, 0), errors(299, 0)]).toEqual([
    ['UNDECIDED'],
    ['FAIL'],
    ['UNDECIDED'],
    ['PASS'],
  ]);
  // As the p95 of their times: of 58 requests it is not known well enough, of 59 it is.
  const gates = { ttft_p95_s: 1, slo_attainment: 0.95 };
  const both = (good: number, bad: number) =>
    judged(some(good, bad), gates, { ttft_s: 1 }).results.map(({ verdict }) => verdict);
  expect([both(58, 0), both(59, 0), both(57, 3), both(14, 6)]).toEqual([
    ['UNDECIDED', 'UNDECIDED'],
    ['PASS', 'PASS'],
    ['UNDECIDED', 'UNDECIDED'],
    ['FAIL', 'FAIL'],
  ]);
});

import { expect, test } from 'vitest';
import { evaluateGates } from '../../../../plugins/nx-study/src/kinds/gates.ts';
import { NOT_JUDGED } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { evidenceOf, kind, metricIn, payloadOf, requestOf, servedOf, valueIn } from './payload.ts';

/** A request of 10 tokens, one a chunk: the first after `ttft_s`, all after `e2e_s`. */
const request = (start_s: number, ttft_s: number, e2e_s: number, changes: object = {}) =>
  requestOf({
    start_s,
    chunk_times_s: Array.from({ length: 10 }, (_, index) => (ttft_s * (9 - index) + e2e_s * index) / 9),
    end_s: e2e_s,
    new_tokens: 10,
    usage: { prompt_tokens: 12, completion_tokens: 10 },
    ...changes,
  });

const failed = (start_s: number) =>
  request(start_s, 0.1, 0.2, {
    error: { type: 'timeout', message: 'no answer' },
    end_s: null,
    chunk_times_s: [],
    new_tokens: null,
  });

function judged(
  requests: object[],
  judging: { slo?: Record<string, number>; gates?: Record<string, number> },
  changes = {},
) {
  const workload = servedOf(requests, { new_tokens: 10, ...changes });
  return kind.workloads(evidenceOf(payloadOf([workload])), { ...NOT_JUDGED, ...judging })[0]!;
}

test('without limits there is nothing to meet', () => {
  const { metrics } = judged([request(0, 0.1, 1)], {});
  expect(metrics.filter(({ name }) => /slo|goodput/.test(name))).toEqual([]);
});

test('a request meets all limits or none; one that failed met none', () => {
  const requests = [request(0, 0.1, 1), request(0, 0.6, 1), request(1, 0.1, 3), failed(2)];
  const part = judged(requests, { slo: { ttft_s: 0.5, e2e_s: 2 } }, { window: { from_s: 0, to_s: 4 } });
  expect(valueIn(part, 'slo_attainment')).toBe(1 / 4);
  expect(valueIn(part, 'slo_attainment_ttft')).toBe(2 / 4);
  expect(valueIn(part, 'slo_attainment_e2e')).toBe(2 / 4);
  expect(valueIn(part, 'slo_undetermined')).toBe(0);
  // One request of 1 s and 10 tokens within 4 s.
  expect(valueIn(part, 'goodput_per_s')).toBe(1 / 4);
  expect(valueIn(part, 'goodput_tok_s')).toBe(10 / 4);
  expect(valueIn(part, 'slo_attainment_low')!).toBeLessThan(1 / 4);
  expect(metricIn(part, 'goodput_per_s')!.first).toBe(1);
});

test('no good request is a goodput of 0, not an unknown one', () => {
  const part = judged([request(0, 0.9, 1)], { slo: { ttft_s: 0.5 } }, { window: { from_s: 0, to_s: 1 } });
  expect([valueIn(part, 'slo_attainment'), valueIn(part, 'goodput_per_s')]).toEqual([0, 0]);
});

test('times count from the schedule where there is one: a late client hides no waiting', () => {
  const late = request(10, 0.1, 1, { scheduled_s: 9.5 });
  const loop = { mode: 'open-loop', rate_per_s: 1, concurrency: null };
  expect(valueIn(judged([late], { slo: { ttft_s: 0.5 } }, loop), 'slo_attainment')).toBe(0);
  expect(valueIn(judged([late], { slo: { ttft_s: 0.7 } }, loop), 'slo_attainment')).toBe(1);
});

test('what is not known is in no share, and leaves the goodput without a value', () => {
  const single = request(0, 0.1, 0.1, { chunk_times_s: [0.1], new_tokens: 1, usage: null, first_chunk_tokens: 1 });
  const options = { length: 'at-most', window: { from_s: 0, to_s: 2 } };
  const part = judged([single, request(0, 0.1, 1)], { slo: { tpot_s: 0.2 } }, options);
  expect(valueIn(part, 'slo_attainment')).toBe(1);
  expect(valueIn(part, 'slo_undetermined')).toBe(1);
  expect(metricIn(part, 'goodput_per_s')).toMatchObject({ value: null, reason: '1 of 2 requests could not be judged' });
});

test('an answer that came at once beside streamed ones was held up: its first token is late, its rate unknown', () => {
  const heldUp = request(0, 1, 1, { chunk_times_s: Array.from({ length: 10 }, () => 1) });
  const requests = [heldUp, request(0, 0.1, 1)];
  const ttft = judged(requests, { slo: { ttft_s: 0.5 } });
  expect([valueIn(ttft, 'slo_attainment'), valueIn(ttft, 'slo_undetermined')]).toEqual([0.5, 0]);
  const tpot = judged(requests, { slo: { tpot_s: 0.2 } });
  expect([valueIn(tpot, 'slo_attainment'), valueIn(tpot, 'slo_undetermined')]).toEqual([1, 1]);
});

test('a limit on a percentile is met, missed or undecided by its bounds', () => {
  const requests = Array.from({ length: 60 }, (_, index) => request(index, 0.1 + index / 1000, 1));
  const verdicts = (gates: Record<string, number>, among = requests) =>
    evaluateGates(kind.gates, judged(among, { gates }).metrics, gates).map(({ verdict, reason }) => [verdict, reason]);
  expect(verdicts({ ttft_p95_s: 0.2 })).toEqual([['PASS', null]]);
  expect(verdicts({ ttft_p95_s: 0.12 })[0]![0]).toBe('FAIL');
  expect(verdicts({ ttft_p95_s: 0.158 })[0]![0]).toBe('UNDECIDED');
  expect(verdicts({ ttft_p95_s: 0.2 }, requests.slice(0, 50))).toEqual([
    ['UNDECIDED', 'ttft_p95_s: 50 values allow no upper bound; 59 are needed'],
  ]);
  // Too few for a p99, but enough to know that it is missed.
  expect(verdicts({ ttft_p99_s: 0.1 })[0]![0]).toBe('FAIL');
});

test('a share of requests, and of errors, is judged by its bounds as well', () => {
  const all = Array.from({ length: 100 }, (_, index) => request(index, 0.1, 1));
  const verdict = (requests: object[], gates: Record<string, number>) =>
    evaluateGates(kind.gates, judged(requests, { gates, slo: { ttft_s: 0.5 } }).metrics, gates)[0]!.verdict;
  expect(verdict(all, { slo_attainment: 0.95 })).toBe('PASS');
  expect(verdict(all.slice(0, 20), { slo_attainment: 0.95 })).toBe('UNDECIDED');
  expect(
    verdict([...all.slice(0, 50), ...all.slice(0, 50).map((_, index) => failed(index))], { slo_attainment: 0.95 }),
  ).toBe('FAIL');
  expect(verdict(all, { error_percent: 5 })).toBe('PASS');
  expect(verdict(all, { error_percent: 1 })).toBe('UNDECIDED');
  expect(verdict([...all.slice(0, 5), failed(6), failed(7)], { error_percent: 1 })).toBe('FAIL');
});

test('a time per token that is not known exactly is judged by what it can be at least and at most', () => {
  // 10 tokens in 9 chunks from 0.1 s to 0.9 s: the first held 1 or 2, so a token took 0.8 s / 9 to 0.8 s / 8.
  const unknown = request(0, 0.1, 0.9, {
    chunk_times_s: Array.from({ length: 9 }, (_, index) => 0.1 * (index + 1)),
    first_chunk_tokens: null,
  });
  const of = (tpot_s: number) => {
    const part = judged([unknown], { slo: { tpot_s } }, { window: { from_s: 0, to_s: 1 } });
    return [valueIn(part, 'slo_attainment'), valueIn(part, 'slo_undetermined')];
  };
  expect(of(0.101)).toEqual([1, 0]);
  expect(of(0.088)).toEqual([0, 0]);
  expect(of(0.095)).toEqual([null, 1]);
});

/** Of 10 tokens in 9 chunks, `token_s` apart: the first held 1 or 2. */
const uncounted = (start_s: number, token_s: number, changes: object = {}) =>
  request(start_s, 0.1, 0.1 + 8 * token_s, {
    chunk_times_s: Array.from({ length: 9 }, (_, index) => 0.1 + index * token_s),
    first_chunk_tokens: null,
    ...changes,
  });

test('where only those are known that missed clearly, their share is none of all: its bounds are', () => {
  // 8 / 9 of 0.052 s is within the limit, 0.052 s is not.
  const requests = [
    ...Array.from({ length: 80 }, (_, index) => uncounted(index, 0.052)),
    ...Array.from({ length: 20 }, (_, index) => uncounted(index, 0.2)),
  ];
  const limits = { slo: { tpot_s: 0.05 }, gates: { slo_attainment: 0.7 } };
  const part = judged(requests, limits);
  expect(metricIn(part, 'slo_attainment')).toMatchObject({
    value: null,
    reason: expect.stringContaining('80 of 100 requests are undetermined'),
  });
  expect(valueIn(part, 'slo_undetermined')).toBe(80);
  expect(valueIn(part, 'slo_attainment_low')).toBe(0);
  expect(valueIn(part, 'slo_attainment_high')).toBeCloseTo(0.867, 3);
  const verdict = (slo_attainment: number) => evaluateGates(kind.gates, part.metrics, { slo_attainment })[0]!.verdict;
  expect(verdict(0.7)).toBe('UNDECIDED');
  expect(verdict(0.95)).toBe('FAIL');
  const several = judged(requests, { slo: { tpot_s: 0.05, e2e_s: 10 } });
  expect([valueIn(several, 'slo_attainment_tpot'), valueIn(several, 'slo_attainment_e2e')]).toEqual([null, 1]);
});

test('times that nobody knows do not make a share of those alone that missed another limit', () => {
  const nobody = { new_tokens: null, usage: null };
  const requests = [
    ...Array.from({ length: 95 }, (_, index) => uncounted(index, 0.01, nobody)),
    ...Array.from({ length: 5 }, (_, index) => uncounted(index, 0.5, nobody)),
  ];
  const part = judged(requests, { slo: { tpot_s: 0.05, e2e_s: 2 } });
  expect(valueIn(part, 'slo_attainment')).toBeNull();
  expect(valueIn(part, 'slo_attainment_low')).toBe(0);
  expect(valueIn(part, 'slo_attainment_high')).toBeGreaterThan(0.95);
});

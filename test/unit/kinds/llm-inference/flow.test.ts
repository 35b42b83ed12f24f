import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrivals } from '../../../../workers/endpoint/src/load/arrivals.ts';
import {
  codesIn,
  factIn,
  metricIn,
  payloadOf,
  refusalsOf,
  requestOf,
  servedOf,
  valueIn,
  workloadOf,
  workloadsOf,
} from './payload.ts';

/** Due, sent and over at these times. */
function request(scheduled_s: number | null, start_s: number, over_s: number, changes: object = {}) {
  const end_s = over_s - start_s;
  const chunk_times_s = [end_s / 4, end_s / 2, end_s];
  return requestOf({ scheduled_s, start_s, chunk_times_s, end_s, done_s: end_s, ...changes });
}
const open = { mode: 'open-loop', concurrency: null, rate_per_s: 2, window: { from_s: 10, to_s: 14 } };

test('what came, was sent and ended within the window, and how many were under way', () => {
  const requests = [
    request(10.5, 10.5, 12),
    request(11, 11, 13),
    request(11.5, 13, 15, { waited_s: 1.5 }),
    request(13.5, 13.5, 14.5, { error: { type: 'timeout', message: 'late' } }),
  ];
  const settling = [request(9, 9, 11)];
  const part = workloadOf(servedOf(requests, { ...open, settling }));
  // 1 + 1.5 + 2 + 1 + 0.5 request seconds of 4 s.
  expect(valueIn(part, 'in_flight_mean')).toBeCloseTo(6 / 4, 9);
  expect(valueIn(part, 'in_flight_max')).toBe(2);
  expect(valueIn(part, 'offered_per_s')).toBe(4 / 4);
  expect(valueIn(part, 'sent_per_s')).toBe(4 / 4);
  // One of them before it was settled, none after an error.
  expect(valueIn(part, 'served_per_s')).toBe(3 / 4);
  // Waiting for others is no delay of the client.
  expect(valueIn(part, 'start_lag_max_s')).toBe(0);
  expect(valueIn(part, 'ttft_due_max_s')).toBeCloseTo(1.5 + 0.5, 9);
});

test('without a window, a schedule or a known end there is a reason', () => {
  const closed = workloadOf(servedOf([request(null, 10, 11)], { window: { from_s: 10, to_s: 11 } }));
  expect(metricIn(closed, 'offered_per_s')).toMatchObject({ value: null, reason: 'a closed loop has no schedule' });
  expect(valueIn(closed, 'in_flight_max')).toBe(1);
  const older = workloadOf(servedOf([requestOf()]));
  for (const name of ['in_flight_max', 'sent_per_s', 'served_per_s', 'client_lag_p99_s', 'connections_new'])
    expect(metricIn(older, name)).toMatchObject({ value: null, reason: expect.any(String) });
  const lost = request(10, 10, 11, { done_s: null, end_s: null, error: { type: 'timeout', message: 'late' } });
  const part = workloadOf(servedOf([request(10.5, 10.5, 12), lost], open));
  expect(metricIn(part, 'served_per_s')!.reason).toBe('1 of 2 requests have no known end, as after an error');
});

test('requests that had to open a connection are counted, and a finding where others had not', () => {
  const of = (...reused: boolean[]) =>
    workloadOf(servedOf(reused.map((connection_reused) => requestOf({ connection_reused }))));
  expect([of(true, true), of(true, false), of(false, false)].map((part) => valueIn(part, 'connections_new'))).toEqual([
    0, 1, 2,
  ]);
  expect(of(true, false).findings.find(({ code }) => code === 'new-connections')!.message).toMatch(/^1 of 2 requests/);
  for (const alike of [of(true, true), of(false, false)]) expect(codesIn(alike)).not.toContain('new-connections');
});

/** Arrivals every 0.1 s of a server that takes one every so many seconds. */
const queue = (count: number, service_s: number) =>
  Array.from({ length: count }, (_, index) => {
    const due_s = 10 + index / 10;
    return request(due_s, due_s, Math.max(due_s + 0.3, 10 + (index + 1) * service_s));
  });

test('a server that falls behind further and further is overloaded; one that keeps up, or is slow alone, is not', () => {
  const loaded = (requests: object[], changes: object = {}) =>
    workloadOf(servedOf(requests, { ...open, rate_per_s: 10, ...changes }));
  const behind = loaded(queue(100, 0.3));
  expect(behind.findings.find(({ code }) => code === 'overloaded')!.message).toMatch(
    /^the server fell behind further and further: 10\.0 requests\/s were asked, 3\.33 served, and 66 were under way/,
  );
  for (const fine of [loaded(queue(100, 0.1)), loaded(queue(100, 0)), loaded(queue(9, 0.3))])
    expect(codesIn(fine)).not.toContain('overloaded');
  expect(codesIn(loaded(queue(100, 0.3), { mode: 'closed-loop', concurrency: 9, rate_per_s: null }))).not.toContain(
    'overloaded',
  );
});

/** Poisson arrivals from 0 on, each answered after so many seconds, measured from `from_s` to `to_s`. */
function steady(
  seed: number,
  { rate_per_s, request_s, from_s, to_s }: Record<'rate_per_s' | 'request_s' | 'from_s' | 'to_s', number>,
) {
  const all = [];
  for (const due_s of arrivals({ rate_per_s, cv: 1, ramp_s: 0 }, { seed, workload: 0, part: 'arrival' })) {
    if (due_s > to_s) break;
    all.push(request(due_s, due_s, due_s + request_s));
  }
  const settling = all.filter(({ scheduled_s }) => scheduled_s! <= from_s);
  const window = { from_s, to_s };
  return { ...servedOf(all.slice(settling.length), { ...open, rate_per_s, window, settling_from_s: 0 }), settling };
}

test('a server on which nothing waits is not overloaded, however long its requests and its settling take', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom(2, 10, 40),
      fc.double({ min: 0.1, max: 20, noNaN: true }),
      fc.double({ min: 0.5, max: 30, noNaN: true }),
      (seed, rate_per_s, request_s, from_s) => {
        const served = steady(seed, { rate_per_s, request_s, from_s, to_s: from_s + 30 });
        const part = workloadOf(served);
        expect(codesIn(part)).not.toContain('overloaded');
        const early = served.settling.filter(({ scheduled_s }, index) => index === 0 || scheduled_s! <= from_s / 2);
        const isLate = early.some(({ scheduled_s }) => scheduled_s! + request_s > from_s);
        expect(codesIn(part).includes('not-settled')).toBe(isLate);
      },
    ),
    // Always the same series, as four standard deviations happen by chance; of the example the first stretch is low.
    { seed: 1, numRuns: 150, examples: [[834808637, 2, 2.7439657941027473, 0.5]] },
  );
});

test('a rate of served requests is of all that ended within the window, those of settling among them', () => {
  const all = queue(200, 0.3);
  const settling = all.slice(0, 50);
  const window = { from_s: 15, to_s: 29.9 };
  const part = workloadOf(servedOf(all.slice(50), { ...open, rate_per_s: 10, settling, window }));
  expect(part.findings.find(({ code }) => code === 'overloaded')!.message).toMatch(
    /10\.0 requests\/s were asked, 3\.36 served/,
  );
});

test('how many were under way at the end is told also where the load was never up', () => {
  // Due every 0.1 s, one served a second: the first half of settling ends after the last arrival.
  const all = queue(60, 1);
  const changes = { ...open, rate_per_s: 10, stopped_by: 'overloaded', window: { from_s: 12, to_s: 15.9 } };
  const stopped = { ...servedOf(all.slice(20), { ...changes, settling_from_s: 10 }), settling: all.slice(0, 20) };
  const { findings } = workloadOf(stopped);
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['not-settled', 'overloaded']));
  // 59 came before the last one, and 5 of them had ended.
  expect(findings.find(({ code }) => code === 'overloaded')!.message).toContain('and 54 were under way');
});

test('a series that was stopped for that says so, and how many workloads were skipped', () => {
  const stopped = servedOf(queue(20, 0.3), { ...open, rate_per_s: 10, stopped_by: 'overloaded' });
  const skipped = [{ index: 1, after: 0, reason: 'the server was overloaded by 10 requests/s', rate_per_s: 20 }];
  const part = workloadOf(stopped, { skipped });
  expect(part.findings.find(({ code }) => code === 'overloaded')!.message).toMatch(
    /; 1 workload with a load that is no lower was skipped$/,
  );
  expect(factIn(part, 'stopped_by')).toBe('overloaded');
  expect(factIn(part, 'skipped')).toBe(1);
  // What was left out after another load is none of this one.
  const [other, one] = workloadsOf([stopped, stopped], { skipped: [{ ...skipped[0], index: 1, after: 2 }] });
  expect([other, one].map((each) => factIn(each!, 'skipped'))).toEqual([null, 1]);
});

test('loads have names that tell them apart', () => {
  const name = (load: object, changes: object = {}) => workloadOf(servedOf([requestOf()], { load, ...changes })).name;
  const none = { max_in_flight: null };
  expect(name({ mode: 'closed', concurrency: 4, think_s: 2, ramp_s: null }, { concurrency: 4 })).toMatch(
    /^closed 4, think 2 s: /,
  );
  expect(name({ mode: 'open', rate_per_s: 2, arrival_cv: 1, ramp_s: 0, ...none }, open)).toMatch(/^open 2\/s: /);
  expect(name({ mode: 'open', rate_per_s: 2, arrival_cv: 0, ramp_s: 0, max_in_flight: 8 }, open)).toMatch(
    /^open 2\/s, cv 0, at most 8: /,
  );
  expect(name({ mode: 'replay', file: 'day.jsonl', speed: 2, ...none }, open)).toMatch(/^replay day\.jsonl ×2: /);
  // Texts of a file that nobody counted.
  expect(name({ mode: 'replay', file: 'day.jsonl', speed: 1, ...none }, { ...open, prompt_tokens: null })).toMatch(
    /^replay day\.jsonl: texts\+/,
  );
});

test('requests of a trace ask for lengths of their own', () => {
  const asked = requestOf({ asked_tokens: 3 });
  expect(refusalsOf(payloadOf([servedOf([asked], { new_tokens: 9 })]))).toEqual([]);
  expect(refusalsOf(payloadOf([servedOf([{ ...asked, asked_tokens: 5 }], { new_tokens: 3 })]))).toHaveLength(1);
});

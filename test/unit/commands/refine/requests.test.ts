import { expect, test } from 'vitest';
import { requestsToDecide } from '../../../../plugins/nx-study/src/commands/refine/requests.ts';
import { proportionBounds } from '../../../../plugins/nx-study/src/analysis/proportion.ts';
import type { GateResult } from '../../../../plugins/nx-study/src/kinds/gates.ts';
import type { Metric } from '../../../../plugins/nx-study/src/kinds/kind.ts';

const decide = (name: string, [low, value, high]: (number | null)[], threshold: number, requests: number) =>
  requestsToDecide(
    { metric: name, threshold } as GateResult,
    { name, value, bounds: { low, high, reason: null } } as Metric,
    requests,
  );

test('a bound that is not known needs so many requests that it exists: 299 for a p99', () => {
  expect(decide('ttft_p99_s', [0.1, 0.2, null], 1, 60)).toBe(300);
  expect(decide('ttft_p95_s', [0.1, 0.2, null], 1, 20)).toBe(59);
});

test('a known bound comes nearer to the value with the root of the number of requests', () => {
  // Twice as far as the limit: four times as many.
  expect(decide('ttft_p90_s', [0.5, 1, 1.4], 1.2, 100)).toBe(400);
  expect(decide('ttft_s', [0.6, 1, 1.4], 0.9, 100)).toBe(1600);
});

test('a share is decided by its own bound', () => {
  const needed = decide('slo_attainment', [0.8, 0.98, 0.995], 0.95, 50)!;
  expect(proportionBounds(0.98 * needed, needed).low).toBeGreaterThan(0.95);
  expect(proportionBounds(0.98 * (needed - 11), needed - 11).low).toBeLessThan(0.95);
  // No error so far: as many as for a p99.
  expect(decide('error_percent', [0, 0, 4], 1, 60)).toBe(300);
});

test('a value that needs more requests itself', () => {
  expect(decide('ttft_p99_s', [0.1, null, null], 1, 40)).toBe(300);
});

test('requests that failed count for the value, too; no number decides what they leave open without end', () => {
  const metric = (value: number, high: number) =>
    ({
      name: 'ttft_p90_s',
      value: 0.5,
      bounds: { low: 0.6, high, reason: null, counted: { what: '', value } },
    }) as Metric;
  const gate = { metric: 'ttft_p90_s', threshold: 1.2 } as GateResult;
  expect(requestsToDecide(gate, metric(1, 1.4), 100)).toBe(400);
  expect(requestsToDecide(gate, metric(1, Infinity), 100)).toBeNull();
  expect(requestsToDecide(gate, metric(Infinity, Infinity), 100)).toBeNull();
  expect(decide('tpot_p95_s', [null, null, null], 1, 20)).toBeNull();
});

test('a value at its limit, or without a number that could be reached: none', () => {
  expect(decide('ttft_p90_s', [0.5, 1, 1.4], 1, 100)).toBeNull();
  expect(decide('ttft_p90_s', [0.5, 1, 1.4], 1.0001, 100)).toBeNull();
  expect(decide('slo_attainment', [null, null, null], 1, 100)).toBeNull();
});

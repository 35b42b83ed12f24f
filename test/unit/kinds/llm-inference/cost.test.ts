import { expect, test } from 'vitest';
import { NOT_JUDGED } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import type { Judging } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import {
  callsOf,
  evidenceOf,
  kind,
  metricIn,
  offline,
  payloadOf,
  requestOf,
  servedOf,
  valueIn,
  workloadOf,
} from './payload.ts';

const price = { per_hour: 3.6, currency: 'USD' };
const of = (workload: object, judging: Judging = { ...NOT_JUDGED, price }) =>
  kind.workloads(evidenceOf(payloadOf([workload])), judging)[0]!;

test('a million tokens at 1,000 tok/s take 1,000 s', () => {
  // Two new tokens in 2 ms.
  const part = of(callsOf([0.002, 0.002]));
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo(1000, 6);
  expect(metricIn(part, 'cost_per_million_tokens')).toMatchObject({
    value: expect.closeTo(1, 6),
    unit: 'USD',
    main: true,
    better: 'lower',
  });
});

test('no price, no cost; no rate, the reason of the rate', () => {
  expect(metricIn(of(offline, NOT_JUDGED), 'cost_per_million_tokens')).toBeUndefined();
  const none = of(servedOf([requestOf({ new_tokens: null, usage: null })], { window: null }));
  expect(metricIn(none, 'output_tok_s')!.value).toBeNull();
  expect(metricIn(none, 'cost_per_million_tokens')).toMatchObject({
    value: null,
    reason: metricIn(none, 'output_tok_s')!.reason,
  });
});

test('the rate of one user is the inverse of the time per token', () => {
  const served = workloadOf(servedOf([requestOf({ chunk_times_s: [0.1, 0.15, 0.2], end_s: 0.2 })]));
  expect(valueIn(served, 'per_user_tok_s')).toBeCloseTo(1 / valueIn(served, 'tpot_s')!, 9);
  const engine = workloadOf(callsOf([0.4, 0.4]));
  expect(valueIn(engine, 'per_user_tok_s')).toBeCloseTo(1 / valueIn(engine, 'tpot_s')!, 9);
});

test('a batch of an engine: all its tokens share the price, and each sequence is a user', () => {
  const part = of(offline);
  // Six tokens in 0.5 s and in 0.6 s; between two tokens of a sequence 0.15, 0.125, 0.1 and 0.2 s.
  expect(valueIn(part, 'output_tok_s')).toBeCloseTo(11, 9);
  expect(valueIn(part, 'cost_per_million_tokens')).toBeCloseTo(3.6 / (3600 * 11) / 1e-6, 6);
  expect(valueIn(part, 'per_user_tok_s')).toBeCloseTo((1 / 0.15 + 8) / 2, 9);
});

test('sequences in step share one list of times: one of them gets its part of the rate of the batch', () => {
  const inStep = {
    ...offline,
    generate: [{ start_s: 5, prompt_tokens: [10, 10], new_tokens: [3, 3], token_times_s: [[0.1, 0.2, 0.3]] }],
  };
  const part = of(inStep);
  expect(valueIn(part, 'decode_tok_s')).toBeCloseTo(20, 9);
  expect(valueIn(part, 'per_user_tok_s')).toBeCloseTo(10, 9);
  expect(valueIn(part, 'cost_per_million_tokens')).toBeCloseTo(3.6 / (3600 * 20) / 1e-6, 6);
});

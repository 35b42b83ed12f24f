import { expect, test } from 'vitest';
import { z } from 'zod';
import { kindOf } from '../../../plugins/nx-study/src/kinds/index.ts';
import { unitOf } from '../../../plugins/nx-study/src/kinds/values/units.ts';
import { partOf, resultOf } from './evidence.ts';

const values = kindOf('values');

test('every number is a metric, in the order of the payload', () => {
  const payload = { load_ms: 12.5, energy_j: null, ratio: 2, reasons: { energy_j: 'no counter on this machine' } };
  const { metrics } = partOf('values', { result: resultOf('values', payload), derived: null });
  expect(metrics.map(({ name, label, unit, value, reason }) => ({ name, label, unit, value, reason }))).toEqual([
    { name: 'load_ms', label: 'load', unit: 'ms', value: 12.5, reason: null },
    { name: 'energy_j', label: 'energy', unit: 'J', value: null, reason: 'no counter on this machine' },
    { name: 'ratio', label: 'ratio', unit: '', value: 2, reason: null },
  ]);
  expect(metrics.every(({ main }) => main)).toBe(true);
});

test('null without a reason says so', () => {
  const result = resultOf('values', { load_ms: null });
  expect(partOf('values', { result, derived: null }).metrics[0]?.reason).toBe('null, without a reason');
});

test.each([
  ['load_s', 'load', 's'],
  ['time_to_first_token_ms', 'time to first token', 'ms'],
  ['decode_tokens_per_s', 'decode', 'tokens/s'],
  ['requests_per_s', 'requests', '1/s'],
  ['energy_j_per_token', 'energy', 'J/token'],
  ['power_w', 'power', 'W'],
  ['hits_percent', 'hits', '%'],
  ['errors_count', 'errors', ''],
  ['latency_min', 'latency min', ''],
  ['s', 's', ''],
  ['speed', 'speed', ''],
])('%s is %s in %s', (name, label, unit) => {
  expect(unitOf(name)).toEqual({ label, unit });
});

test('refuses what is no number', () => {
  expect(values.payload.safeParse({ a_s: 1, b_s: null }).success).toBe(true);
  expect(values.payload.safeParse({ a_s: '1' }).success).toBe(false);
  expect(values.payload.safeParse({ a_s: [1] }).success).toBe(false);
  expect(values.payload.safeParse({ a_s: Number.NaN }).success).toBe(false);
  expect(values.payload.safeParse({ reasons: { a_s: 1 } }).success).toBe(false);
});

test('has no metrics without a result', () => {
  expect(partOf('values', { result: null, derived: null }).metrics).toEqual([]);
});

test('a name of 120 characters is taken, a longer one refused with the limit, and not repeated', () => {
  expect(values.payload.safeParse({ ['a'.repeat(120)]: 1 }).success).toBe(true);
  const { error } = values.payload.safeParse({ ['b'.repeat(5000)]: 1 });
  const message = z.prettifyError(error!);
  expect(message).toContain('a name has 120 characters at most; "bbb');
  expect(message).toContain('has 5,000');
  expect(message.length).toBeLessThan(200);
});

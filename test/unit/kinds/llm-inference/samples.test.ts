import { expect, test } from 'vitest';
import { groupBy } from '../../../../plugins/nx-study/src/base/group-by.ts';
import { quantile } from '../../../../plugins/nx-study/src/base/quantile.ts';
import type { Sample } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { evidenceOf, kind, offline, payloadOf, requestOf, servedOf, valueIn, workloadOf } from './payload.ts';

const samplesOf = (workload: object): Sample[] => kind.samples!(evidenceOf(payloadOf([workload])));

const valuesOf = (samples: readonly Sample[], name: string): number[] =>
  samples.flatMap(({ quantities }) => quantities.filter((one) => one.name === name).map(({ value }) => value));

const medianOf = (samples: readonly Sample[], sample: string, name: string): number =>
  quantile(
    valuesOf(
      samples.filter((one) => one.sample === sample),
      name,
    ).toSorted((a, b) => a - b),
    0.5,
  );

test('calls, sequences, prefill passes and warm-up calls of an engine, whose medians are the metrics', () => {
  const samples = samplesOf(offline);
  const counts = groupBy(samples, ({ sample }) => sample);
  expect(Object.fromEntries([...counts].map(([name, of]) => [name, of.length]))).toEqual({
    'warm-up': 4,
    iteration: 2,
    sequence: 4,
    prefill: 2,
  });
  const part = workloadOf(offline);
  expect(medianOf(samples, 'iteration', 'e2e_s')).toBe(valueIn(part, 'e2e_s'));
  expect(medianOf(samples, 'sequence', 'ttft_s')).toBe(valueIn(part, 'ttft_s'));
  expect(medianOf(samples, 'sequence', 'tpot_s')).toBe(valueIn(part, 'tpot_s'));
  expect(medianOf(samples, 'prefill', 'prefill_s')).toBe(valueIn(part, 'prefill_s'));
  expect(samples.find(({ sample }) => sample === 'sequence')).toMatchObject({
    workload: '2×10+3',
    item: '0',
    index: 0,
  });
});

test('requests with how they ended; one that failed has no latency, and one that came at once no time per token', () => {
  const error = { type: 'timeout', message: 'too slow' };
  const requests = [
    requestOf(),
    requestOf({ start_s: 11, chunk_times_s: [0.4, 0.5, 0.6] }),
    requestOf({ start_s: 12, chunk_times_s: [], end_s: null, new_tokens: null, error }),
    requestOf({ start_s: 13, chunk_times_s: [0.5, 0.5, 0.5] }),
    requestOf({ start_s: 14, incomplete: { type: 'length', message: '2 of 3' } }),
  ];
  const workload = servedOf(requests);
  const samples = samplesOf(workload).filter(({ sample }) => sample === 'request');
  expect(samples.map(({ status }) => status)).toEqual([
    'successful',
    'successful',
    'error: timeout',
    'successful',
    'incomplete: length',
  ]);
  expect(valuesOf(samples, 'ttft_s')).toEqual([0.2, 0.4, 0.5]);
  expect(valuesOf(samples, 'tpot_s')).toHaveLength(2);
  expect(valuesOf(samples, 'e2e_s')).toHaveLength(3);
  const part = workloadOf(workload);
  expect(medianOf(samples, 'request', 'ttft_s')).toBe(valueIn(part, 'ttft_s'));
  expect(medianOf(samples, 'request', 'tpot_s')).toBe(valueIn(part, 'tpot_s'));
  expect(medianOf(samples, 'request', 'e2e_s')).toBe(valueIn(part, 'e2e_s'));
});

test('a result that can not be read has no samples', () => {
  expect(kind.samples!(evidenceOf({}))).toEqual([]);
});

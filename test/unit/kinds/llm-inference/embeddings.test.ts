import { expect, test } from 'vitest';
import { NOT_JUDGED } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { codesIn, evidenceOf, kind, metricIn, payloadOf, refusalsOf, requestOf, servedOf, valueIn } from './payload.ts';

/** Two texts of 10 tokens together, 12 as the server counts them, after 0.5 s. */
const embedding = (start_s: number, changes: object = {}) =>
  requestOf({
    start_s,
    chunk_times_s: [],
    end_s: 0.5,
    done_s: 0.5,
    new_tokens: null,
    counted_by: null,
    first_chunk_tokens: null,
    usage: { prompt_tokens: 12, completion_tokens: null },
    finish_reason: null,
    embeddings: { count: 2, dimension: 8 },
    ...changes,
  });

const workloadOf = (requests: object[]) =>
  servedOf(requests, {
    new_tokens: null,
    token_count: {},
    embeddings: { inputs: 2 },
    window: { from_s: 0, to_s: 2 },
  });

const partOf = (requests: object[], judging: object = {}) =>
  kind.workloads(evidenceOf(payloadOf([workloadOf(requests)])), { ...NOT_JUDGED, ...judging })[0]!;

const all = [0, 0.5, 1, 1.5].map((start_s) => embedding(start_s));

test('rates count the tokens that the server read, and the texts; what a generated answer has is missing with the reason', () => {
  expect(refusalsOf(payloadOf([workloadOf(all)]))).toEqual([]);
  const part = partOf(all);
  expect(part.name).toBe('closed 2: 2×10 embedded');
  expect(valueIn(part, 'requests_per_s')).toBe(2);
  expect(valueIn(part, 'input_tok_s')).toBe(24);
  expect(valueIn(part, 'inputs_per_s')).toBe(4);
  expect(valueIn(part, 'input_tok_s_whole')).toBe(24);
  expect(valueIn(part, 'e2e_s')).toBe(0.5);
  for (const name of ['output_tok_s', 'total_tok_s_whole', 'ttft_s', 'tpot_s', 'itl_s', 'ntpot_s', 'per_user_tok_s'])
    expect(metricIn(part, name)).toMatchObject({ value: null, main: false, reason: /nothing was generated/ });
  expect(metricIn(part, 'input_tok_s')).toMatchObject({ main: true, first: 1 });
  expect(codesIn(part)).toEqual([]);
});

test('a server that tells no usage is believed by the tokens sent; without either there is no rate of them', () => {
  expect(valueIn(partOf(all.map((one) => ({ ...one, usage: null }))), 'input_tok_s')).toBe(20);
  const unknown = partOf(all.map((one) => ({ ...one, usage: null, prompt_tokens: null })));
  expect(valueIn(unknown, 'input_tok_s')).toBeNull();
  expect(valueIn(unknown, 'inputs_per_s')).toBe(4);
});

test('limits: the whole duration is judged, times of tokens are undetermined, and goodput has no new tokens', () => {
  const slow = [...all.slice(0, 3), embedding(1.5, { end_s: 0.9, done_s: 0.9 })];
  const part = partOf(slow, { slo: { e2e_s: 0.6 } });
  expect(valueIn(part, 'slo_attainment')).toBe(3 / 4);
  expect(metricIn(part, 'goodput_tok_s')).toMatchObject({ value: null, reason: /nothing was generated/ });
  expect(valueIn(partOf(all, { slo: { e2e_s: 0.1 } }), 'goodput_per_s')).toBe(0);
  expect(metricIn(partOf(all, { slo: { e2e_s: 0.1 } }), 'goodput_tok_s')?.value).toBeNull();
  expect(valueIn(partOf(all, { slo: { ttft_s: 1 } }), 'slo_undetermined')).toBe(4);
});

test('a price is one of tokens that were read', () => {
  const part = partOf(all, { price: { per_hour: 0.864, currency: 'USD' } });
  expect(valueIn(part, 'cost_per_million_tokens')).toBeCloseTo(10, 9);
  expect(metricIn(part, 'cost_per_million_tokens')?.description).toMatch(/million tokens of texts .* input_tok_s/);
});

test('responses without all vectors are incomplete, and a series of them is no result', () => {
  const incomplete = { type: 'embeddings', message: '2 embeddings were asked for, but 1 came' };
  const fewer = embedding(0, { embeddings: { count: 1, dimension: 8 }, incomplete });
  expect(codesIn(partOf([...all, fewer]))).toEqual(['incomplete-requests']);
  expect(refusalsOf(payloadOf([workloadOf([fewer])]))).toEqual([
    expect.stringContaining('2 embeddings were asked for'),
  ]);
});

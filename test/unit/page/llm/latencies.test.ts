import { expect, test } from 'vitest';
import { payloadOf, requestOf, servedOf } from '../../kinds/llm-inference/payload.ts';
import { countOf, drawingsOf } from '../../../helpers/svg.ts';
import { batchOf, pageOf, repeated } from './study.ts';

test('a curve for each experiment in each panel: one process, never all pooled', async () => {
  const { section } = await pageOf({
    a: { payloads: repeated({ ttft_s: 1 }) },
    b: { payloads: repeated({ ttft_s: 2 }) },
  });
  const latencies = section('latencies');
  expect(drawingsOf(latencies)).toHaveLength(4);
  expect(countOf(latencies, 'line')).toBe(8);
  // Of five tokens four gaps, in six calls.
  expect(latencies.text).toContain('ITL, s: a, 24 values, median 0.0500');
  // Of the repetitions at 0.99, 1 and 1.01 s the one in the middle, with its six calls.
  expect(latencies.text).toContain('a, 6 values, median 1; b, 6 values, median 2');
});

test('percentiles over processes with intervals; those that no process has enough values for are left out', async () => {
  const { section } = await pageOf({ a: { payloads: repeated({ calls: 12 }) } });
  expect(section('latencies').text).toContain('0.1000 ± 0.0025');
  expect(section('latencies').text).toContain('TTFT p90');
  expect(section('latencies').text).not.toContain('TTFT p99');
});

test('too few calls for curves are said, beside the table', async () => {
  const single = await pageOf({ a: { payloads: [payloadOf([batchOf({ calls: 1 })])] } });
  expect(drawingsOf(single.section('latencies'))).toEqual([]);
  expect(single.words('latencies')).toContain('no process has 5 calls or requests with a time');
  const { section, words } = await pageOf({ a: { payloads: [payloadOf([batchOf({ calls: 4 })])] } });
  expect(drawingsOf(section('latencies')).map(({ title }) => title)).toEqual(['How latencies are distributed: ITL']);
  for (const label of ['TTFT', 'TPOT', 'e2e'])
    expect(words('latencies')).toContain(`No curve of ${label}: no process has 5 values.`);
});

test('where a server sends no single tokens, the reason stands in place of their gaps', async () => {
  const requests = [0, 1, 2, 3, 4].map((index) => requestOf({ start_s: index, first_chunk_tokens: null }));
  const { words } = await pageOf({ a: { payloads: [payloadOf([servedOf(requests)])] } });
  expect(words('latencies')).toMatch(
    /No curve of ITL: chunks are not single tokens here, or they could not be counted/,
  );
});

test('in an open loop latencies count from when a request was due', async () => {
  const requests = [0, 1, 2, 3, 4].map((index) => requestOf({ scheduled_s: 10 * index, start_s: 10 * index + 2 }));
  const open = servedOf(requests, { mode: 'open-loop', concurrency: null, rate_per_s: 0.1 });
  const { section } = await pageOf({ a: { payloads: [payloadOf([open])] } });
  // The first chunk comes 0.2 s after a start that is 2 s late.
  expect(section('latencies').text).toContain('a, 5 values, median 2.20');
  expect(section('latencies').text).toMatch(/<td data-v="2\.2\d*">2\.2/);
});

test('warm-up calls are no part of it', async () => {
  const { section } = await pageOf({ a: { payloads: [payloadOf([batchOf({ calls: 5 })])] } });
  expect(section('latencies').text).toMatch(/e2e, s: a, 5 values/);
});

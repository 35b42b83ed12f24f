import { expect, test } from 'vitest';
import { comparedMetrics } from '../../../plugins/nx-study/src/comparisons/metrics.ts';
import { planOf, workspaceOf } from '../commands/report/workspace.ts';
import { offline, payloadOf, requestOf, servedOf } from '../kinds/llm-inference/payload.ts';

/** Names of the metrics by which two measurements of language models are compared. */
async function comparedOf(workloads: object[], chosen: string[] | null = null): Promise<string[]> {
  const { write, results } = await workspaceOf(planOf({ a: {}, b: {} }));
  for (const [index, label] of ['a', 'b'].entries())
    await write({ id: `${label}-1a2b3c4d`, kind: 'llm-inference', payload: payloadOf([workloads[index]!]) });
  return comparedMetrics((await results()).rows, {}, chosen).map(({ name }) => name);
}

const requests = (count: number) => Array.from({ length: count }, (_, index) => requestOf({ start_s: index }));
const window = { from_s: 0, to_s: 50 };

test('an engine is judged first by how fast it decodes, then by the time to the first token', async () => {
  const names = await comparedOf([offline, offline]);
  expect(names.slice(0, 4)).toEqual(['decode_tok_s', 'ttft_s', 'prefill_tok_s', 'tpot_s']);
});

test('a server by what it carries and by the slowest first tokens, where there are enough requests for these', async () => {
  const many = servedOf(requests(100), { window });
  const few = servedOf(requests(20), { window });
  expect((await comparedOf([few, many])).slice(0, 4)).toEqual(['output_tok_s', 'ttft_p99_s', 'ttft_s', 'tpot_s']);
  expect((await comparedOf([few, few])).slice(0, 3)).toEqual(['output_tok_s', 'ttft_s', 'tpot_s']);
});

test('in an open loop, where arrivals decide the throughput, by the latencies from when requests were due', async () => {
  const due = Array.from({ length: 100 }, (_, index) => requestOf({ scheduled_s: index, start_s: index }));
  const open = servedOf(due, { mode: 'open-loop', concurrency: null, rate_per_s: 1, window });
  expect((await comparedOf([open, open])).slice(0, 3)).toEqual(['ttft_due_p99_s', 'output_tok_s', 'ttft_due_s']);
});

test('chosen metrics keep the order in which they were chosen', async () => {
  expect(await comparedOf([offline, offline], ['tpot_s', 'decode_tok_s'])).toEqual(['tpot_s', 'decode_tok_s']);
});

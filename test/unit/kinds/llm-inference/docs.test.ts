import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { evaluateGates } from '../../../../plugins/nx-study/src/kinds/gates.ts';
import { NOT_JUDGED } from '../../../../plugins/nx-study/src/kinds/kind.ts';
import { blocksOf, pages, readPage } from '../../../helpers/docs.ts';
import { codesIn, evidenceOf, kind, offline, payloadOf, refusalsOf, requestOf, servedOf, valueIn } from './payload.ts';

const page = 'docs/llm-inference.md';
const text = readPage(page);
const section = text.split('\n## Metrics\n')[1]!.split('\n## What a worker writes\n')[0]!;
const payload = blocksOf(page)
  .filter(({ language, files }) => language === 'json' && files.length === 0)
  .map((block) => JSON.parse(block.text) as object)[0]!;

test('the payload of the page is a sound one', () => {
  expect(refusalsOf(payload)).toEqual([]);
  const [part] = kind.workloads(evidenceOf(payload));
  expect(codesIn(part!)).toEqual([]);
  expect(part?.name).toBe('1×128+3');
  expect(valueIn(part!, 'load_s')).toBeCloseTo(1.07, 9);
  expect(valueIn(part!, 'prefill_tok_s')).toBeCloseTo(128 / 0.69, 9);
  expect(part?.metrics.filter(({ reason }) => reason?.includes('without a reason'))).toEqual([]);
});

test('the metrics of the page are the ones that there are', () => {
  const domains = [{ name: 'gpu0', source: 'nvml-counter', scope: 'device', joules: 1, samples: 2, idle_w: 1 }];
  const energy = {
    status: 'measured',
    window_s: 10,
    window_output_tokens: 1,
    window_prompt_tokens: 1,
    domains,
    idle: { method: 'asleep', window_s: 10, reason: null },
  };
  const memory = { ...offline.memory, pss_peak_bytes: 1 };
  const price = { per_hour: 1, currency: 'USD' };
  const judging = { gates: {}, slo: { ttft_s: 1, tpot_s: 1, e2e_s: 1 }, price, peak: null };
  const vectors = { embeddings: { count: 1, dimension: 8 }, chunk_times_s: [], new_tokens: null, usage: null };
  const embedded = servedOf([requestOf(vectors)], { new_tokens: null, embeddings: { inputs: 1 }, token_count: {} });
  const parts = [{ ...offline, energy, memory }, servedOf([requestOf()]), embedded].flatMap((workload) =>
    kind.workloads(evidenceOf(payloadOf([workload])), judging),
  );
  const known = new Set(parts.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
  const rows = [...section.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell]) => cell!);
  const named = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  const served = [...section.matchAll(/`(\w+_(?:s|tok_s|percent|per_token|errored|incomplete))`/g)].map(
    ([, name]) => name!,
  );
  expect(served.filter((name) => !known.has(name) && !NOT_METRICS.has(name))).toEqual([]);
});

const NOT_METRICS = new Set(['token_times_s', 'window_s', 'ready_s', 'ttft_p90_s', '_p90_s', '_p95_s', '_p99_s']);

interface Study {
  worker?: string;
  base?: { api?: string; measure?: { requests?: number } };
  report?: { slo?: Record<string, number> };
  gates?: Record<string, number>;
}

test('studies of servers in the docs ask for as many requests as their gates need', () => {
  const studies = pages
    .flatMap(blocksOf)
    .flatMap(({ language, text: yaml }) => (language === 'yaml' ? [parse(yaml) as Study] : []))
    .filter(({ worker, gates }) => worker === 'endpoint' && gates !== undefined);
  expect(studies.length).toBeGreaterThan(1);
  for (const { base = {}, report = {}, gates = {} } of studies) {
    const requests = Array.from({ length: base.measure?.requests ?? 20 }, (_, index) =>
      requestOf({ start_s: index, chunk_times_s: [1e-3, 2e-3, 3e-3], end_s: 3e-3, done_s: 3e-3 }),
    );
    const judging = { ...NOT_JUDGED, gates, slo: report.slo ?? {} };
    const [part] = kind.workloads(evidenceOf(payloadOf([servedOf(requests)])), judging);
    const verdicts = evaluateGates(kind.gates, part!.metrics, gates).map(({ name, verdict }) => [name, verdict]);
    expect(verdicts).toEqual(Object.keys(gates).map((name) => [name, 'PASS']));
  }
});

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { codesIn, evidenceOf, kind, offline, workloadOf, refusalsOf, requestOf, servedOf, valueIn } from './payload.ts';

const readme = await readFile(new URL('../../../../workers/README.md', import.meta.url), 'utf8');
const section = readme.split('\n## llm-inference\n')[1]!.split('\n## ')[0]!;
const payload = JSON.parse(/```json\n(.*?)```/s.exec(section)![1]!) as object;

test('the payload of the README is a sound one', () => {
  expect(refusalsOf(payload)).toEqual([]);
  const [part] = kind.workloads(evidenceOf(payload));
  expect(codesIn(part!)).toEqual([]);
  expect(part?.name).toBe('1×128+3');
  expect(valueIn(part!, 'load_s')).toBeCloseTo(1.07, 9);
  expect(valueIn(part!, 'prefill_tok_s')).toBeCloseTo(128 / 0.69, 9);
  expect(part?.metrics.filter(({ reason }) => reason?.includes('without a reason'))).toEqual([]);
});

test('the metrics of the README are the ones that there are', () => {
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
  const parts = [workloadOf({ ...offline, energy, memory }), workloadOf(servedOf([requestOf()]))];
  const known = new Set(parts.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
  const rows = [...section.matchAll(/^\| (`.*?) +\|/gm)].map(([, cell]) => cell!);
  const named = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  const served = [...section.matchAll(/`(\w+_(?:s|tok_s|percent|errored|incomplete))`/g)].map(([, name]) => name!);
  expect(served.filter((name) => !known.has(name) && !NOT_METRICS.has(name))).toEqual([]);
});

const NOT_METRICS = new Set(['token_times_s', 'window_s', 'ready_s', 'ttft_p90_s', '_p90_s']);

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLoads } from '../../../../plugins/nx-study/src/commands/refine/study-change.ts';
import type { LoadPath } from '../../../../plugins/nx-study/src/page/llm/ladders.ts';
import { makePlan } from '../../../../plugins/nx-study/src/study/make.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';

const workers = await readWorkers(join(import.meta.dirname, '../../../..'));
const FILE = 'studies/s/study.yaml';
const base = 'worker: endpoint\nbase: {url: "http://127.0.0.1:1/v1", model: m, load: {mode: closed}}\n';

/** @param wanted - label of an experiment → loads. */
async function change(text: string, wanted: Record<string, number[]>, path: LoadPath = 'load.concurrency') {
  const { plan, issues } = await makePlan(FILE, text, workers);
  expect(issues).toEqual([]);
  const all = Object.entries(wanted).map(([label, loads]) => {
    const like = plan!.experiments.find((one) => one.label === label)!;
    expect(like).toBeDefined();
    return { like, path, loads };
  });
  return withLoads({ file: FILE, text, plan: plan! }, all, workers);
}

test('values of the axis, in their order, where each combination gets them', async () => {
  const text = `${base}sweep:\n  load.concurrency: [8, 16] # users\n`;
  expect(await change(text, { 'concurrency-8': [10, 13] })).toEqual({
    text: text.replace('[8, 16]', '[8, 10, 13, 16]'),
    isSameLadder: true,
  });
  const lines = `${base}sweep:\n  load.concurrency:\n    - 8 # few\n    - 16\n  model: [a, b]\n`;
  const wanted = { 'concurrency-8-a': [12], 'concurrency-8-b': [12] };
  expect((await change(lines, wanted))?.text).toBe(lines.replace('    - 16\n', '    - 12\n    - 16\n'));
});

test('explicit experiments, where combinations get different loads; variants by their names', async () => {
  const text = `${base}sweep: {load.concurrency: [8, 16]}\nvariants:\n  kv:\n    small: {new_tokens: 16}\n    large: {new_tokens: 64}\n`;
  expect(await change(text, { 'concurrency-8-small': [12], 'concurrency-16-large': [32] })).toEqual({
    text: `${text}experiments:\n  - { variants: { kv: small }, load.concurrency: 12 }\n  - { variants: { kv: large }, load.concurrency: 32 }\n`,
    isSameLadder: true,
  });
});

test('an experiment with the default of the load says its mode, too', async () => {
  const text = `${base.replace(', load: {mode: closed}', '')}experiments:\n  - {label: one, new_tokens: 64}\n  - {new_tokens: 16}\n`;
  expect(await change(text, { one: [2] })).toEqual({
    text: `${text}  - { new_tokens: 64, load: { mode: closed, concurrency: 2 } }\n`,
    isSameLadder: true,
  });
});

test('more explicit experiments behind those that there are', async () => {
  const text = `${base}experiments:\n  - load.concurrency: 8\n    new_tokens: 64\n  - {load.concurrency: 16, new_tokens: 64} # many\ngates: {ttft_s: 1}\n`;
  expect(await change(text, { 'concurrency-8-new-tokens-64': [12] })).toEqual({
    text: text.replace('# many\n', '# many\n  - { load.concurrency: 12, new_tokens: 64 }\n'),
    isSameLadder: true,
  });
});

test('rates as an axis of maps; and an axis where nothing varies yet', async () => {
  const maps = `${base.replace(', load: {mode: closed}', '')}sweep:\n  load:\n    - {mode: open, rate_per_s: 2}\n    - {mode: open, rate_per_s: 4}\n`;
  const found = await change(maps, { 'load-open-2': [3] }, 'load.rate_per_s');
  expect(found?.text).toContain('rate_per_s: 2}\n    - { mode: open, rate_per_s: 3 }\n    - {mode: open');
  const text = base.replace('{mode: closed}', '{mode: closed, concurrency: 4}');
  expect((await change(text, { base: [8] }))?.text).toBe(`${text}sweep:\n  load.concurrency: [4, 8]\n`);
  const unset = base.replace(', load: {mode: closed}', '');
  expect((await change(unset, { base: [2] }))?.text).toBe(
    `${unset}sweep:\n  load: [{ mode: closed, concurrency: 1 }, { mode: closed, concurrency: 2 }]\n`,
  );
});

test('loads that the worker refuses are no change, and neither is a file that is none', async () => {
  expect(await change(`${base}sweep: {load.concurrency: [8, 16]}\n`, { 'concurrency-8': [0] })).toBeNull();
  const shared = `${base}sweep: {load.concurrency: &n [8, 16], new_tokens: *n}\n`;
  // An anchor: the other axis would get the value, too.
  expect((await change(shared, { 'concurrency-8-new-tokens-8': [12] }))?.text).toBe(
    `${shared}experiments:\n  - { load.concurrency: 12, new_tokens: 8 }\n`,
  );
});

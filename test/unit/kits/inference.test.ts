import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findProgram } from '../../../plugins/nx-study/src/machine/program.ts';
import { Unsupported, WorkerError } from '../../../workers/kits/node/index.ts';
import type { Request } from '../../../workers/kits/node/index.ts';
import { compileCacheFolder } from '../../../workers/kits/node/inference/index.ts';
import { callsWithin, Passes } from '../../../workers/kits/node/inference/passes.ts';
import { promptsOfDataset } from '../../../workers/kits/node/inference/prompts.ts';
import { makeFolder, measured, remembering } from './engine.ts';
import { quick, request } from './workers.ts';

const shape = { batch_size: 2, prompt_tokens: 8, new_tokens: 4 };

it('calls the engine in order, and resets it before every call', async () => {
  const { engine, calls } = remembering();
  const { phases } = await measured(engine, shape);
  const first = ['import', 'read', 'context for 1'];
  const generate = (times: number) => Array<string>(times).fill('generate 2x8+4');
  expect(calls.filter((call) => call !== 'reset')).toEqual([
    ...first,
    ...generate(1 + 2 + 3), // first call, warm-up, measuring
    ...Array<string>(3).fill('prefill 2x8'),
    ...generate(1), // memory
  ]);
  const passes = calls.slice(first.length);
  expect(passes.filter((_, index) => index % 2 === 0)).toEqual(Array(passes.length / 2).fill('reset'));
  expect(phases).toEqual(['importing', 'loading', 'first-call', 'warming-up', 'measuring', 'prefilling', 'memory']);
});

it('prompts are unique, of exact length, and seeded', async () => {
  const promptsOf = async (seed: number) => {
    const { engine, prompts } = remembering();
    await measured(engine, { ...shape, workloads: [{}, { batch_size: 3 }] }, { seed });
    return prompts.map(String);
  };
  const first = await promptsOf(1);
  expect(first.every((prompt) => prompt.split(',').length === 8)).toBe(true);
  expect(new Set(first).size).toBe(first.length);
  expect(await promptsOf(1)).toEqual(first);
  expect(new Set([...first, ...(await promptsOf(2))]).size).toBe(2 * first.length);
});

it('reports what was measured, and what was asked for', async () => {
  const { payload, workloads, closing } = await measured(remembering().engine, {
    ...shape,
    threads: 3,
    device: 'auto',
  });
  const [workload] = workloads;
  expect(workload!.generate.map(({ new_tokens, prompt_tokens }) => [...new_tokens, ...prompt_tokens])).toEqual(
    Array.from({ length: 3 }, () => [4, 4, 8, 8]),
  );
  expect(workload!.prefill.map(({ elapsed_s }) => elapsed_s)).toEqual([0.25, 0.25, 0.25]);
  const starts = [...workload!.generate, ...workload!.prefill].map(({ start_s }) => start_s);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  expect(workload!.energy).toEqual({ status: 'unavailable', reason: 'not asked for' });
  expect(payload.settings.asked).toEqual({ threads: 3, device: 'auto', start: 'warm' });
  expect(payload.load).toMatchObject({ cold: null, page_cache: 'not-local', compile_cache: 'none' });
  expect(closing).toHaveLength(1);
});

it('every null has a reason', async () => {
  const { payload, workloads } = await measured(remembering().engine, shape);
  const nulls = (object: object, path: string) =>
    Object.entries(object).flatMap(([name, value]) => (value === null ? [`${path}.${name}`] : []));
  expect(Object.keys(payload.reasons).sort()).toEqual(
    [...nulls(payload.load, 'load'), ...nulls(workloads[0]!.memory, 'workloads.0.memory')].sort(),
  );
});

it('workloads share one load and run in seeded order', async () => {
  const { engine, calls } = remembering();
  const workloads = [{ new_tokens: 2 }, { prompt_tokens: 16 }, { batch_size: 5, new_tokens: 1 }];
  const measurement = await measured(engine, { ...shape, workloads }, { seed: 2 });
  expect(calls.filter((call) => call === 'read')).toHaveLength(1);
  expect(measurement.workloads.map(({ order }) => order)).toEqual([1, 2, 0]);
  expect(measurement.workloads.map((it) => [it.batch_size, it.prompt_tokens, it.new_tokens])).toEqual([
    [2, 8, 2],
    [2, 16, 4],
    [5, 8, 1],
  ]);
  // The first call has the shape of the first workload that runs.
  expect([...new Set(calls.filter((call) => call.startsWith('generate')))]).toEqual([
    'generate 5x8+1',
    'generate 2x8+2',
    'generate 2x16+4',
  ]);
});

it('tokens are those that the engine counted, and the kind refuses others than asked', async () => {
  const short = remembering({
    generate: async () => ({ tokenTimes_s: [[0.1], [0.1, 0.2]], newTokens: [1, 2], promptTokens: [8, 8] }),
  });
  await expect(measured(short.engine, { ...shape, new_tokens: 2 })).rejects.toThrow(/2 .*asked for, but .*1/);
  const truncated = remembering({
    generate: async () => ({ tokenTimes_s: [[0.1, 0.2]], newTokens: [2, 2], promptTokens: [8, 7] }),
  });
  await expect(measured(truncated.engine, { ...shape, new_tokens: 2 })).rejects.toThrow(/8 .*asked for, but .*7/);
});

it('no warm-up, no prefill, no memory pass', async () => {
  const { engine } = remembering({ prefillMethod: null });
  const { payload, workloads, phases } = await measured(engine, {
    ...shape,
    warmup: { ...quick().warmup, max_iterations: 0 },
    measure: { ...quick().measure, memory_iterations: 0 },
  });
  expect(workloads[0]).toMatchObject({
    warmup: { samples_s: [], converged: null, target_cv: null, cv: null },
    prefill: [],
    prefill_method: null,
    memory: { rss_peak_bytes: null },
  });
  expect(payload.reasons['workloads.0.memory.rss_peak_bytes']).toBe('no memory pass was asked for');
  expect(payload.reasons['workloads.0.prefill']).toMatch(/without generating/);
  expect(phases).not.toContain('prefilling');
});

it('the cap ends measuring and prefilling', async () => {
  const { engine } = remembering();
  const slow = remembering({
    generate: (...call) => sleep(20).then(() => engine.generate(...call)),
    prefill: (...call) => sleep(20).then(() => engine.prefill!(...call)),
  });
  const measure = { iterations: 1000, min_s: 0, max_s: 0.2, memory_iterations: 1 };
  const { workloads, events } = await measured(slow.engine, { ...shape, measure });
  expect(workloads[0]!.stopped_by).toBe('max_s');
  expect(workloads[0]!.generate.length).toBeLessThanOrEqual(10);
  expect(workloads[0]!.prefill.length).toBeLessThanOrEqual(10);
  // A second has not passed.
  expect(events.filter(({ event }) => event === 'progress')).toMatchObject([
    { done: 1, total: 1000, unit: 'iterations' },
  ]);
});

it('takes the prompts of a file in order, from the first in every pass', async () => {
  const lines = Array.from({ length: 20 }, (_, line) =>
    Array.from({ length: 10 }, (_, word) => 10 * line + word).join(' '),
  );
  const prompts = join(makeFolder(), 'prompts.txt');
  writeFileSync(prompts, `${[lines[0], '', ...lines.slice(1)].join('\r\n')}\n`);
  const { engine, prompts: seen } = remembering();
  const { events } = await measured(engine, { ...shape, prompts });
  const cut = (line: string) => line.split(' ').slice(0, 8).map(Number);
  expect(seen.slice(2, 6)).toEqual(lines.slice(0, 4).map(cut)); // warm-up
  expect(seen.slice(6, 12)).toEqual(lines.slice(0, 6).map(cut));
  expect(events.filter(({ event }) => event === 'warning')).toEqual([]);
});

it('says once that a file has too few prompts', async () => {
  const prompts = join(makeFolder(), 'prompts.txt');
  writeFileSync(prompts, '1 2 3 4 5 6 7 8\n');
  const { events } = await measured(remembering().engine, { ...shape, prompts });
  expect(events.filter(({ event }) => event === 'warning')).toMatchObject([{ code: 'prompts-repeat' }]);
});

it.each([
  ['1 2 3 4 5 6 7 8\n\n1 2 3\n', /prompts.txt, line 3: it has 3 tokens, and prompt_tokens asks for 8/],
  ['\n \n', /prompts.txt: it has no prompt/],
  [Buffer.from([0xff, 0xfe, 0x31]), /prompts.txt, line 1: it is not UTF-8/],
])('refuses a file that is no prompts (%#)', async (text, message) => {
  const prompts = join(makeFolder(), 'prompts.txt');
  writeFileSync(prompts, text);
  const measurement = measured(remembering().engine, { ...shape, prompts });
  await expect(measurement).rejects.toThrow(message);
  await expect(measurement).rejects.toBeInstanceOf(Unsupported);
});

it('refuses a vocabulary without ordinary tokens, and text for an engine that cannot read it', async () => {
  await expect(measured(remembering({ allowedIds: () => [] }).engine)).rejects.toBeInstanceOf(WorkerError);
  const { encode, ...deaf } = remembering().engine;
  expect(encode).toBeDefined();
  await expect(measured(deaf, { prompts: '/prompts.txt' })).rejects.toThrow(/can't read prompts from a file/);
});

const warningsIn = (events: { event: string; code?: string }[]) => events.filter(({ event }) => event === 'warning');

const datasetOf = (form: string, entries: unknown[], order = 'as-written') => {
  const file = join(makeFolder(), 'texts.jsonl');
  writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return { file, form, order };
};

it('texts of a dataset are cut or repeated to the exact length', async () => {
  const texts = Array.from({ length: 6 }, (_, line) => Array.from({ length: 10 }, (_, word) => 10 * line + word));
  const { engine, prompts } = remembering();
  const dataset = datasetOf('prompt', [...texts.map((words) => words.join(' ')), { prompt: '1 2 3', answer: '4' }]);
  const { raw, events } = await measured(engine, { ...shape, dataset });
  // The first call and two of warm-up, a batch of two each.
  expect(prompts.slice(6, 12)).toEqual(texts.map((words) => words.slice(0, 8)));
  expect(warningsIn(events)).toMatchObject([
    {
      code: 'prompts-lengthened',
      message: 'texts.jsonl: 1 of 7 entries have fewer than 8 tokens, and are repeated to that length',
    },
  ]);
  expect((raw['settings'] as { asked: object }).asked).not.toHaveProperty('dataset');
  const short = remembering();
  await measured(short.engine, { ...shape, dataset: datasetOf('prompt', ['1 2 3']) });
  expect(short.prompts[0]).toEqual([1, 2, 3, 1, 2, 3, 1, 2]);
});

it('an entry takes the memory of its own tokens, however long prompts are', () => {
  const { file } = datasetOf('prompt', Array<string>(300).fill('1 2 3'));
  const held = () => process.memoryUsage().arrayBuffers;
  const before = held();
  const reading = { engine: remembering().engine, seed: 1, longest: 100_000, warn: () => {} };
  const prompts = promptsOfDataset({ file, form: 'prompt', order: 'as-written' }, reading);
  expect(held() - before).toBeLessThan(10e6);
  expect(prompts({ index: 0, batchSize: 1, promptTokens: 7, newTokens: 1 }, 'generate', 299)).toEqual([
    [1, 2, 3, 1, 2, 3, 1],
  ]);
});

it('a short dataset repeats in its seeded order, which is that of the Python kit', async () => {
  const texts = Array.from({ length: 4 }, (_, number) => Array<number>(8).fill(number).join(' '));
  const { engine, prompts } = remembering();
  const { events } = await measured(engine, { ...shape, dataset: datasetOf('prompt', texts, 'seeded') }, { seed: 7 });
  expect(prompts.slice(6, 12).map(([first]) => first)).toEqual([2, 0, 3, 1, 2, 0]);
  expect(warningsIn(events).map(({ code }) => code)).toEqual(['prompts-repeat']);
});

it('conversations are written by the chat template', async () => {
  const chat = [
    { role: 'user', content: '10 11' },
    { role: 'assistant', content: '12' },
  ];
  const entries = [[...chat, { role: 'user', content: '13' }], [{ role: 'assistant', content: '14' }], chat];
  const { engine, prompts } = remembering();
  const { events } = await measured(engine, { ...shape, dataset: datasetOf('messages', entries) });
  expect(prompts.slice(0, 2)).toEqual([
    [2, 10, 11, 3, 12, 2, 13, 3],
    [2, 10, 11, 3, 2, 10, 11, 3],
  ]);
  expect(warningsIn(events).map(({ code }) => code)).toEqual([
    'dataset-skipped',
    'prompts-lengthened',
    'prompts-repeat',
  ]);
});

it('prompts and a dataset together are refused before anything is loaded', async () => {
  const { engine, calls } = remembering();
  const both = measured(engine, { ...shape, dataset: datasetOf('prompt', ['1']), prompts: 'x.txt' });
  await expect(both).rejects.toThrow('dataset: `prompts` is set, too: leave one of them out');
  expect(calls).toEqual([]);
});

it('entries that the engine can not take are named', async () => {
  const { chatText, ...plain } = remembering().engine;
  expect(chatText).toBeDefined();
  const chat = datasetOf('messages', [[{ role: 'user', content: '1' }]]);
  const measuring = (dataset: object) => measured(plain, { ...shape, dataset });
  await expect(measuring(chat)).rejects.toThrow("texts.jsonl, line 1: remembering can't write conversations");
  const empty = datasetOf('prompt', ['1', ' ']);
  await expect(measuring(empty)).rejects.toThrow('texts.jsonl, line 2: the tokenizer makes no token');
  const none = measuring({ ...chat, file: '/none.jsonl' });
  await expect(none).rejects.toThrow("/none.jsonl: it can't be read (ENOENT");
  await expect(none).rejects.toBeInstanceOf(Unsupported);
});

it('knows the model by the request and by its files', async () => {
  const model = join(makeFolder(), 'model');
  mkdirSync(join(model, 'deep'), { recursive: true });
  writeFileSync(join(model, 'deep/weights.bin'), Buffer.alloc(1000));
  writeFileSync(join(model, 'config.json'), Buffer.alloc(24));
  const asset = { name: 'small', path: model, sha256: 'f'.repeat(64), bytes: 1024, licence: null };
  const { payload } = await measured(remembering({ modelFiles: [model] }).engine, {}, { assets: { model: asset } });
  expect(payload.model).toMatchObject({ name: 'small', sha256: asset.sha256, file_bytes: 1024, parameters: null });
  expect(payload.load).toMatchObject({ page_cache: 'filled', cold: findProgram('fincore') === null ? null : false });
});

it.each([
  ['warm', 'kept'],
  ['cold', 'empty'],
])('the compile cache of a %s start is %s the second time', async (start, state) => {
  const asked = request({ configuration: quick({ start }), cache_dir: makeFolder() }) as unknown as Request;
  for (const expected of ['empty', state]) {
    const compileCache = compileCacheFolder(asked);
    const { payload } = await measured(remembering({ compileCache }).engine, { start });
    expect(payload.load.compile_cache).toBe(expected);
    mkdirSync(join(compileCache, 'kernel'), { recursive: true });
    writeFileSync(join(compileCache, 'kernel/code.so'), '1');
  }
  const other = { ...asked, configuration: quick({ start, threads: 2 }) };
  expect(compileCacheFolder(other) === compileCacheFolder(asked)).toBe(start === 'cold');
});

it('prompts made ahead are the same ones', async () => {
  const { engine, prompts } = remembering();
  const made: string[] = [];
  const passes = new Passes(
    engine,
    (_, pass, iteration) => {
      made.push(`${pass} ${iteration}`);
      return [[iteration]];
    },
    { index: 0, batchSize: 1, promptTokens: 1, newTokens: 4 },
  );
  passes.prepare('energy', 2);
  expect(made).toEqual(['energy 0', 'energy 1']);
  for (const iteration of [0, 1, 2]) await passes.call('energy', iteration);
  expect(made.slice(2)).toEqual(['energy 2']);
  expect(prompts).toEqual([[0], [1], [2]]);
});

it('so many prompts are made ahead as the fastest call needs, but never endlessly many', () => {
  const calls = (...durations_s: number[]) =>
    durations_s.map((elapsed_s) => ({
      start_s: 0,
      elapsed_s,
      promptTokens: [1],
      generated: { tokenTimes_s: [[0]], newTokens: [1] },
    }));
  expect(callsWithin(10, calls(3, 4))).toBe(4);
  expect(callsWithin(10, calls(0.000001))).toBe(1000);
  expect(callsWithin(10, calls(0))).toBe(1000);
});

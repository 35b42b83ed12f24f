import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import fastGlob from 'fast-glob';
import { expect, test } from 'vitest';
import { prepareEnvironment } from '../../plugins/nx-study/src/environment/prepare.ts';
import { findProgram } from '../../plugins/nx-study/src/machine/program.ts';
import type { OfflineWorkload, Payload } from '../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { readResults } from '../../plugins/nx-study/src/api/read.ts';
import type { Results } from '../../plugins/nx-study/src/api/types.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { readWorker } from '../../plugins/nx-study/src/worker/read.ts';
import { assetPath } from '../helpers/llama-server.ts';
import { kill, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const MODEL = 'smollm2-135m-instruct-q4_1';
const repository = join(import.meta.dirname, '../..');

/** SmolLM2, few and short calls. */
const quick = {
  model: MODEL,
  threads: 1,
  prompt_tokens: 24,
  new_tokens: 8,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { iterations: 2, min_s: 0, memory_iterations: 1 },
  energy: null,
};

async function create(experiments: object[], files: Record<string, string> = {}, base = {}): Promise<Workspace> {
  const study = JSON.stringify({ worker: 'llama-cpp', base: { ...quick, ...base }, experiments });
  return createWorkspace({
    workers: ['llama-cpp', 'kits'],
    studies: { local: study },
    files: { 'studies/assets.yaml': await readFile(join(repository, 'studies/assets.yaml'), 'utf8'), ...files },
  });
}

async function payloadOf(workspace: Workspace, label: string): Promise<Payload> {
  const record = workspace.finished('local').find((it) => it.label === label)!;
  return (await readStored(directoryOf(workspace, record)))!.result!.payload as Payload;
}

const directoryOf = ({ root }: Workspace, { id, digest }: MeasurementRecord) =>
  finishedDirectory({ workspaceRoot: root, study: 'local', id }, digest);

/** Without npm, environment, cache folder or model: what is cached must need none. */
const withoutAnything = ({ shellOnly }: Workspace) => ({ PATH: shellOnly, NX_STUDY_CACHE_DIR: '/nonexistent' });

test('a real model: measured with all its settings, once', async () => {
  const workspace = await create([
    { label: 'plain' },
    { label: 'batches', workloads: [{ batch_size: 3 }, { prompt_tokens: 40, new_tokens: 4 }] },
    { label: 'settings', kv_cache_key: 'q8_0', kv_cache_value: 'q4_0', mmap: false, context_size: 300, start: 'cold' },
    { label: 'refused', kv_cache_value: 'q8_0', flash_attention: false, expect: 'failed' },
    { label: 'metal', device: 'metal', expect: 'failed' },
  ]);
  const first = await workspace.nx(['run-many', '-t', 'measure']);
  expect(first.all).toContain('llama.cpp reads a quantised value cache only through flash attention');
  expect(first).toMatchObject({ exitCode: 0 });
  expect(workspace.failed('local')).toMatchObject([
    { label: 'metal', failure: { type: 'unsupported', message: expect.stringContaining('starts on the CPU') } },
    { label: 'refused', failure: { type: 'unsupported', phase: null } },
  ]);

  const plain = await payloadOf(workspace, 'plain');
  expect(plain).toMatchObject({
    engine: { name: 'llama.cpp', through: 'node-llama-cpp 3.22.1', build: { type: 'prebuilt' } },
    model: { name: MODEL, format: 'gguf', weights: 'real', weights_format: 'q4_1', parameters: 134_515_008 },
    settings: {
      asked: { threads: 1, device: 'auto', kv_cache_value: 'f16', context_size: null },
      effective: { threads: 1, gpu_layers: 0, mmap: true, context_size: 256, kv_cache_key: 'f16' },
    },
    load: {
      page_cache: 'filled',
      cold: findProgram('fincore') === null ? null : false,
      import_s: expect.any(Number),
      context_s: expect.any(Number),
    },
    workloads: [{ prefill_method: 'forward', stopped_by: 'enough', warmup: { converged: null } }],
  });
  expect(plain.engine.build['system_info']).toContain('CPU');
  expectWork((await readResults('local', { workspaceRoot: workspace.root })).measurements);
  const { settings, load } = await payloadOf(workspace, 'settings');
  expect(settings.asked).toMatchObject({ context_size: 300 });
  expect(settings.effective).toMatchObject({
    kv_cache_key: 'q8_0',
    kv_cache_value: 'q4_0',
    flash_attention: true,
    mmap: false,
    context_size: 512,
  });
  expect(load.page_cache).toBe('evicted');
  const { workloads } = await payloadOf(workspace, 'batches');
  expect(new Set(workloads.map(({ order }) => order))).toEqual(new Set([0, 1]));
  expectExact(workloads[0] as OfflineWorkload, { sequences: 3, prompt: 24, produced: 8 });
  expectExact(workloads[1] as OfflineWorkload, { sequences: 1, prompt: 40, produced: 4 });

  const report = await workspace.command(['local:report']);
  expect(report.all).toContain('batches');
  expect(report.all).not.toContain('setting-differs');
  const again = await workspace.nx(['run-many', '-t', 'measure'], { env: withoutAnything(workspace) });
  expect(again).toMatchObject({ exitCode: 0 });
  await rm(join(workspace.root, '.nx'), { recursive: true });
  const reused = await workspace.nx(['run-many', '-t', 'measure'], { env: withoutAnything(workspace) });
  expect(reused).toMatchObject({ exitCode: 0 });
  expect(reused.all.match(/reused from the records on disk/g)).toHaveLength(3);
});

/** Of SmolLM2: 134,515,008 weights, of which the output has 28,311,552; 30 layers, in each 9 heads of 64 for keys and values. */
function expectWork(measurements: Results['measurements']) {
  const { values, metrics } = measurements.find(({ label }) => label === 'plain')!;
  const [weights, output, attended] = [134_515_008, 28_311_552, 30 * 9 * 2 * 64];
  // The second of 8 new tokens sees 24 + 1, the last one that is read 24 + 7.
  expect(values['decode_flop_per_token']).toBe(2 * (weights + attended * 28));
  expect(values['prefill_flop_per_token']).toBeCloseTo(2 * (weights - output + output / 24 + attended * 12.5), 3);
  expect(values['decode_flop_per_s']).toBeCloseTo(values['decode_flop_per_token']! * values['decode_tok_s']!, -3);
  for (const share of ['prefill_mfu_percent', 'decode_mfu_percent', 'decode_mbu_percent'])
    expect(metrics.find(({ name }) => name === share)).toMatchObject({
      value: null,
      reason: expect.stringContaining('give `report.peak` in study.yaml'),
    });
}

function expectExact(
  { generate, prefill }: OfflineWorkload,
  asked: Record<'sequences' | 'prompt' | 'produced', number>,
) {
  const all = (value: number) => Array.from({ length: asked.sequences }, () => value);
  expect(generate).toHaveLength(2);
  for (const { prompt_tokens, new_tokens, token_times_s } of generate) {
    expect(prompt_tokens).toEqual(all(asked.prompt));
    expect(new_tokens).toEqual(all(asked.produced));
    expect(token_times_s).toEqual([[...token_times_s[0]!].sort((a, b) => a - b)]);
    expect(token_times_s[0]).toHaveLength(asked.produced);
  }
  expect(prefill.map(({ prompt_tokens }) => prompt_tokens)).toEqual([all(asked.prompt), all(asked.prompt)]);
}

// Left to itself the model says nothing to this: its first token is the end of the sequence.
const SILENCING = 'Question: what is two plus two? Answer: four.';

test('an end of sequence ends nothing, and the tokens are those that the binding generates', async () => {
  const workspace = await create([{ label: 'ends', prompts: '../prompts.txt', prompt_tokens: 8, new_tokens: 16 }], {
    'studies/prompts.txt': `${SILENCING}\n`,
  });
  expect(await workspace.nx(['run-many', '-t', 'measure'])).toMatchObject({ exitCode: 0 });
  const [workload] = (await payloadOf(workspace, 'ends')).workloads as OfflineWorkload[];
  expectExact(workload!, { sequences: 1, prompt: 8, produced: 16 });

  const { decoder, forced, free } = await generatedTwice(workspace);
  expect(forced).toHaveLength(16);
  expect(decoder).toEqual(forced);
  expect(free.length).toBeLessThan(16);
});

/** Tokens after the silencing prompt: by the worker's decoder, and by the binding itself with its end obeyed or not. */
async function generatedTwice({ root, write }: Workspace): Promise<Record<'decoder' | 'forced' | 'free', number[]>> {
  const worker = await readWorker(repository, 'llama-cpp');
  const { modules } = await prepareEnvironment({ workspaceRoot: repository, worker, variant: 'cpu' });
  const script = `
    import { createRequire } from 'node:module';
    import { Decoder } from './workers/llama-cpp/src/decoder.ts';
    const [modules, modelPath, text] = process.argv.slice(2);
    const { getLlama } = await import(createRequire(modules + '/from.js').resolve('node-llama-cpp'));
    const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: 'error' });
    const model = await llama.loadModel({ modelPath });
    const context = await model.createContext({ contextSize: 256, threads: 1 });
    const prompt = model.tokenize(text).slice(0, 8);

    const decoder = new Decoder(llama, model, context);
    let tokens = await decoder.start([prompt]);
    const decoded = [...tokens];
    while (decoded.length < 16) decoded.push(...(tokens = await decoder.step(tokens)));
    decoder.reset();

    const sequence = context.getSequence();
    const evaluated = async (yieldEogToken) => {
      const tokens = [];
      await sequence.clearHistory();
      for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken }))
        if (tokens.push(token) === 16) break;
      return tokens;
    };
    console.log(JSON.stringify({ decoder: decoded, forced: await evaluated(true), free: await evaluated(false) }));
    decoder.dispose();
    await llama.dispose();
  `;
  await write('twice.mjs', script);
  const args = [modules!, await assetPath(MODEL), SILENCING];
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const { stdout } = await execa(process.execPath, ['--import', tsx, join(root, 'twice.mjs'), ...args]);
  return JSON.parse(stdout) as Record<'decoder' | 'forced' | 'free', number[]>;
}

const CHAT = [
  { role: 'user', content: 'Why is the sky blue?' },
  { role: 'assistant', content: 'Because.' },
  { role: 'user', content: 'No, really?' },
];

test('prompts of a dataset: texts, and conversations as the chat template of the model writes them', async () => {
  const dataset = (form: string) => ({ file: `../${form}.jsonl`, form });
  const workspace = await create(
    [
      { label: 'texts', dataset: dataset('prompt') },
      { label: 'chats', dataset: dataset('messages') },
      { label: 'both', dataset: dataset('prompt'), prompts: '../prompt.jsonl', expect: 'failed' },
    ],
    { 'studies/prompt.jsonl': '"Why is the sky blue?"\n', 'studies/messages.jsonl': `${JSON.stringify(CHAT)}\n` },
  );
  const measured = await workspace.nx(['run-many', '-t', 'measure']);
  expect(measured.all).toContain('dataset: `prompts` is set, too: leave one of them out');
  expect(measured).toMatchObject({ exitCode: 0 });
  for (const label of ['texts', 'chats'])
    expectExact((await payloadOf(workspace, label)).workloads[0] as OfflineWorkload, {
      sequences: 1,
      prompt: 24,
      produced: 8,
    });
  // The text has 6 tokens, the conversation more than 24.
  const warnings = (label: string) =>
    workspace
      .finished('local')
      .find((it) => it.label === label)!
      .findings.map(({ code }) => code);
  expect(warnings('texts')).toContain('prompts-lengthened');
  expect(warnings('chats')).not.toContain('prompts-lengthened');

  await workspace.write('studies/prompt.jsonl', '"Why is grass green?"\n');
  const again = await workspace.nx(['run-many', '-t', 'measure']);
  expect(again).toMatchObject({ exitCode: 0 });
  expect(workspace.finished('local').filter(({ label }) => label === 'texts')).toHaveLength(2);
  expect(workspace.finished('local').filter(({ label }) => label === 'chats')).toHaveLength(1);

  const written =
    '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' +
    '<|im_start|>user\nWhy is the sky blue?<|im_end|>\n<|im_start|>assistant\nBecause.<|im_end|>\n' +
    '<|im_start|>user\nNo, really?<|im_end|>\n<|im_start|>assistant\n';
  expect(await chatTextIn(workspace)).toBe(written);
});

/** The conversation as the worker writes it with the model's own template. */
async function chatTextIn({ root, write }: Workspace): Promise<string> {
  const worker = await readWorker(repository, 'llama-cpp');
  const { modules } = await prepareEnvironment({ workspaceRoot: repository, worker, variant: 'cpu' });
  const script = `
    import { createRequire } from 'node:module';
    import { chatTextOf } from './workers/llama-cpp/src/chat.ts';
    const [modules, modelPath] = process.argv.slice(2);
    const { getLlama } = await import(createRequire(modules + '/from.js').resolve('node-llama-cpp'));
    const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: 'error' });
    const model = await llama.loadModel({ modelPath });
    console.log(JSON.stringify(chatTextOf(model, ${JSON.stringify(CHAT)}, modules)));
    await llama.dispose();
  `;
  await write('chat.mjs', script);
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const args = ['--import', tsx, join(root, 'chat.mjs'), modules!, await assetPath(MODEL)];
  const { stdout } = await execa(process.execPath, args);
  return JSON.parse(stdout) as string;
}

test('a prompt that was read before takes as long to read again', async () => {
  const line = 'The quick brown fox jumps over the lazy dog and runs away. '.repeat(8);
  const workspace = await create(
    [{ label: 'fresh' }, { label: 'the-same', prompts: '../prompts.txt' }],
    { 'studies/prompts.txt': `${line}\n` },
    { prompt_tokens: 64, new_tokens: 1, measure: { iterations: 3, min_s: 0, memory_iterations: 1 } },
  );
  expect(await workspace.nx(['run-many', '-t', 'measure'])).toMatchObject({ exitCode: 0 });
  const fastest = async (label: string) => {
    const [{ generate }] = (await payloadOf(workspace, label)).workloads as [OfflineWorkload];
    return Math.min(...generate.map(({ token_times_s }) => token_times_s[0]![0]!));
  };
  // A kept cache would leave one token of 64 to read.
  expect(await fastest('the-same')).toBeGreaterThan((await fastest('fresh')) / 8);
});

test('files that are no model are refused with their path, and not tried again', async () => {
  const workspace = await create([]);
  const whole = readFileSync(await assetPath(MODEL));
  const files = { cut: whole.subarray(0, 50_000_000), text: Buffer.from('This is no model.\n') };
  const path = (name: string) => join(workspace.home, `${name}.gguf`);
  for (const [name, content] of Object.entries(files)) writeFileSync(path(name), content);
  const experiments = Object.keys(files).map((label) => ({ label, model: path(label) }));
  await workspace.write('studies/local/study.yaml', JSON.stringify({ worker: 'llama-cpp', base: quick, experiments }));
  expect(await workspace.nx(['run-many', '-t', 'measure'])).toMatchObject({ exitCode: 1 });
  expect(await workspace.nx(['run-many', '-t', 'measure'])).toMatchObject({ exitCode: 1 });
  const failed = workspace.failed('local').map(({ label, failure }) => ({ label, ...failure }));
  expect(failed).toHaveLength(2);
  for (const { label, type, message } of failed) {
    expect(type).toBe('unsupported');
    expect(message).toContain(path(label));
  }
});

test('killed while it loads, warms up, measures: typed with the phase, nothing is left, and it runs again', async () => {
  const workspace = await create(
    [{ label: 'long' }],
    {},
    { warmup: { min_iterations: 3, max_iterations: 3 }, measure: { iterations: 5, min_s: 30, memory_iterations: 1 } },
  );
  const phases = ['loading', 'warming-up', 'measuring'];
  for (const phase of phases) {
    const nx = workspace.startNx(['run-many', '-t', 'measure']);
    const worker = await waitFor(`the phase ${phase}`, () => workerIn(workspace, phase), 300);
    kill(worker, 'SIGKILL');
    const { exitCode, all } = await nx;
    expect(exitCode).toBe(1);
    expect(all).toContain(phase);
    await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, 10);
  }
  expect(workspace.failed('local').map(({ failure }) => failure)).toMatchObject(
    phases.map((phase) => ({ type: 'crash', signal: 'SIGKILL', phase })),
  );
});

// Preloaded into the worker, and into what it starts. Its exit blocks the whole process, as a driver may that frees memory.
const SLOW_EXIT = `
process.on('exit', () => {
  if (!process.title.startsWith('nx-study: local.')) return;
  const wait_s = process.title.includes('.killed') ? 600 : 3;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * wait_s);
});
`;

test('a complete result survives an exit that takes long, and a kill in it, which is flagged', async () => {
  const workspace = await create([{ label: 'slow' }, { label: 'killed', new_tokens: 4 }], {
    'workers/llama-cpp/slow-exit.mjs': SLOW_EXIT,
  });
  await workspace.edit('workers/llama-cpp/worker.json', '"{tsx}",', '"{tsx}", "--import", "{worker}/slow-exit.mjs",');
  await workspace.edit('workers/llama-cpp/worker.json', '"src/**/*.ts",', '"slow-exit.mjs", "src/**/*.ts",');
  const nx = workspace.startNx(['run-many', '-t', 'measure']);
  kill(await waitFor('the teardown', () => workerIn(workspace, 'teardown', 'killed'), 300), 'SIGKILL');
  expect(await nx).toMatchObject({ exitCode: 0 });
  expect(processesOf(workspace.home)).toEqual([]);

  const [killed, slow] = workspace.finished('local').toSorted((a, b) => (a.label < b.label ? -1 : 1));
  expect(killed!.findings.map(({ code }) => code)).toContain('killed-in-teardown');
  expect(slow!.findings.map(({ code }) => code)).not.toContain('killed-in-teardown');
  for (const { label } of [killed!, slow!]) expect((await payloadOf(workspace, label)).workloads).toHaveLength(1);
  const { mtimeMs } = statSync(join(directoryOf(workspace, slow!), 'result.json'));
  expect(Date.parse(slow!.ended_at!) - mtimeMs).toBeGreaterThan(2900);
});

/** The process id of the worker, when it has reached the phase. */
function workerIn({ home, root }: Workspace, phase: string, label = ''): number | null {
  const events = fastGlob.sync(`results/local/${label}*/*.partial*/events.jsonl`, { cwd: root, absolute: true });
  if (!events.some((file) => readFileSync(file, 'utf8').includes(`"phase":"${phase}"`))) return null;
  return processesOf(home).find(({ command }) => command.startsWith(`nx-study: local.${label}`))?.pid ?? null;
}

import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { beforeAll, expect, test } from 'vitest';
import { readResults } from '../../plugins/nx-study/src/api/read.ts';
import { formatNumber } from '../../plugins/nx-study/src/base/numbers.ts';
import type { Payload, ServedRequest, ServedWorkload } from '../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import { measureEndpoint } from '../helpers/endpoint.ts';
import { assetPath, serverPython, serverScript, startLlamaServer } from '../helpers/llama-server.ts';
import { writePlans } from '../helpers/plans.ts';
import { kill, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { treeOf } from '../helpers/tree.ts';
import { tokenizerOfGguf } from '../helpers/tokenizer.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const MODEL = 'smollm2-135m-instruct-q4_1';
const STUDY = 'studies/served/study.yaml';
/** The client was late, by itself or by others. */
const LATE: ReadonlySet<string> = new Set(['client-saturated', 'client-delayed']);
const repository = join(import.meta.dirname, '../..');

let python: string;
beforeAll(async () => {
  python = await serverPython();
});

interface Experiment {
  label: string;
  [setting: string]: unknown;
}

/** llama.cpp's server with SmolLM2, started by the worker; few and short requests. */
const quick = () => ({
  model: 'smollm2',
  server: {
    command: [python, '{script}', '{model}', '{port}'],
    assets: { model: MODEL },
    files: { script: '../serve.py' },
  },
  prompt_tokens: 24,
  new_tokens: 8,
  warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
  measure: { requests: 6, min_s: 0 },
});

async function create(experiments: Experiment[], files: Record<string, string> = {}): Promise<Workspace> {
  const study = JSON.stringify({ worker: 'endpoint', base: quick(), experiments });
  return createWorkspace({
    workers: ['endpoint', 'kits'],
    studies: { served: study },
    files: {
      'studies/assets.yaml': await readFile(join(repository, 'studies/assets.yaml'), 'utf8'),
      'studies/serve.py': await readFile(serverScript, 'utf8'),
      ...files,
    },
  });
}

async function resultOf(workspace: Workspace, label: string) {
  const record = workspace.finished('served').find((it) => it.label === label)!;
  const directory = finishedDirectory({ workspaceRoot: workspace.root, study: 'served', id: record.id }, record.digest);
  const stored = (await readStored(directory))!;
  const payload = stored.result!.payload as Payload;
  return { record, directory, payload, workloads: payload.workloads as ServedWorkload[] };
}

const failureOf = (workspace: Workspace, label: string) =>
  workspace.failed('served').find((record) => record.label === label)!.failure!;

const codes = ({ findings }: { findings: { code: string }[] }) => findings.map(({ code }) => code);

/** The most requests that were under way at once. */
const mostAtOnce = (requests: ServedRequest[]) =>
  Math.max(
    ...requests.map(
      ({ start_s: at }) => requests.filter(({ start_s, end_s }) => start_s <= at && at < start_s + end_s!).length,
    ),
  );

/** The fastest one: what else runs on the machine makes others slower. */
const ttft = ({ requests }: ServedWorkload) => Math.min(...requests.map(({ chunk_times_s }) => chunk_times_s[0]!));

test('a server is started, measured in closed and open loops, and gone afterwards; again nothing starts', async () => {
  const workspace = await create([
    {
      label: 'loops',
      workloads: [
        {},
        { load: { mode: 'closed', concurrency: 2 }, new_tokens: 12 },
        { load: { mode: 'open', rate_per_s: 8 } },
      ],
    },
  ]);
  const run = await workspace.measure();
  expect(run.all).toContain('loops: measured in');
  expect(run.exitCode).toBe(0);
  expect(processesOf(workspace.home)).toEqual([]);

  const { record, directory, payload, workloads } = await resultOf(workspace, 'loops');
  expect(record.phases.map(({ phase }) => phase)).toEqual([
    'importing',
    'loading',
    'first-call',
    ...workloads.flatMap(() => ['warming-up', 'measuring']),
    'teardown',
  ]);
  expect(codes(record)).not.toContain('failed-requests');
  expect(codes(record)).not.toContain('foreign-load');
  for (const { server_metrics } of workloads) {
    expect(server_metrics).toMatchObject({ engine: 'llama.cpp' });
    // A busy machine answers some too late.
    expect(server_metrics!.failed).toBeLessThan(server_metrics!.readings.length);
    const [first, last] = [server_metrics!.readings[0]!.values, server_metrics!.readings.at(-1)!.values];
    // What is broken off at the end counts no more.
    expect(last.generated_tokens! - first.generated_tokens!).toBeGreaterThanOrEqual(6 * 8);
    expect(last.running).toBeLessThanOrEqual(2);
  }
  expect(payload.engine).toMatchObject({ name: 'llamacpp', build: { origin: 'started by the worker' } });
  expect(payload.load).toMatchObject({ ready_s: expect.any(Number), first_call_s: expect.any(Number) });
  expect(existsSync(join(directory, 'server.log'))).toBe(true);

  const [one, two, open] = workloads as [ServedWorkload, ServedWorkload, ServedWorkload];
  expect(new Set(workloads.map(({ order }) => order))).toEqual(new Set([0, 1, 2]));
  expect(workloads.map(({ mode }) => mode)).toEqual(['closed-loop', 'closed-loop', 'open-loop']);
  for (const { requests, new_tokens, token_count } of workloads) {
    expect(token_count).toEqual({ 'server-usage': 6 });
    expect(requests).toHaveLength(6);
    for (const request of requests) {
      expect(request).toMatchObject({ error: null, prompt_tokens: 24, new_tokens, finish_reason: 'length' });
      expect(request.usage).toMatchObject({ prompt_tokens: 24, completion_tokens: new_tokens, cached_tokens: 0 });
    }
  }
  expect(mostAtOnce(one.requests)).toBe(1);
  expect(mostAtOnce(two.requests)).toBe(2);
  expect(open.requests.every(({ scheduled_s, start_s }) => start_s > scheduled_s! - 0.002)).toBe(true);

  const report = await workspace.command(['served:report']);
  expect(report.all).toContain('closed 2: 24+12');
  const again = await workspace.nx(['run-many', '-t', 'measure'], { env: { PATH: workspace.shellOnly } });
  expect(again).toMatchObject({ exitCode: 0 });
  expect(again.all).toContain('Nx read the output from the cache');
});

test('a ladder: the report says what the raw samples say, and another limit measures nothing again', async () => {
  const workloads = [1, 2, 4].map((concurrency) => ({ load: { mode: 'closed', concurrency } }));
  const measure = { requests: 8, min_s: 0 };
  const workspace = await create([{ label: 'ladder', workloads, measure, telemetry: { period_s: 0.2 } }]);
  await writePlans(workspace, 'served');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });
  const rungs = (await resultOf(workspace, 'ladder')).workloads.map(rungOf);
  expect(rungs.map(({ load }) => load)).toEqual([1, 2, 4]);

  // All requests of one user are within these limits, whatever the machine did.
  const limits = { ttft_s: atLeast(rungs[0]!.ttfts), e2e_s: atLeast(rungs[0]!.durations) };
  const before = workspace.finished('served');
  const study = JSON.parse(await workspace.read(STUDY));
  await workspace.write(STUDY, JSON.stringify({ ...study, report: { slo: limits }, gates: { ttft_s: limits.ttft_s } }));
  const again = await workspace.measure();
  expect(again.exitCode).toBe(0);
  expect(again.all).toContain('Nx read the output from the cache');
  expect(workspace.finished('served')).toEqual(before);

  // Of eight values the second and the seventh bound the median: P(B ≤ 2) = 0.145 is the first above 0.05, P(B ≤ 6) = 0.965 above 0.95.
  const verdicts = rungs.map(({ ttfts: { 1: low, 6: high } }) =>
    high! < limits.ttft_s ? 'PASS' : low! < limits.ttft_s ? 'UNDECIDED' : 'FAIL',
  );
  const { measurements } = await readResults('served', { workspaceRoot: workspace.root });
  expect(measurements.map(({ verdict }) => verdict)).toEqual(verdicts);
  for (const [index, { values }] of measurements.entries()) {
    const { ttfts, share, goodput, output } = rungs[index]!;
    expect(values['ttft_s']).toBeCloseTo((ttfts[3]! + ttfts[4]!) / 2, 9);
    expect(values['slo_attainment']).toBe(share(limits));
    expect(values['goodput_per_s']).toBeCloseTo(goodput(limits), 9);
    expect(values['output_tok_s']).toBeCloseTo(output, 9);
    expect(values['server_running_max'] ?? 0).toBeLessThanOrEqual(2);
  }

  await workspace.command(['served:report']);
  const page = (await workspace.read('results/served/report/index.html')).replaceAll('&lt;', '<');
  // Where the client was late, as on a busy machine, a miss is none of the server.
  const isLate = measurements.map(({ findings }) => findings.some(({ code }) => LATE.has(code)));
  const loadsOf = (verdict: string, late = [true, false]) =>
    rungs.flatMap(({ load }, index) => (verdicts[index] === verdict && late.includes(isLate[index]!) ? load : []));
  const [missed] = loadsOf('FAIL', [false]);
  expect(page).toContain(
    `The server, targets ttft_s < ${limits.ttft_s}: ${loadsOf('PASS').at(-1)} users at once is the highest load that meets the targets, with ttft_s `,
  );
  expect(page).toContain(
    missed === undefined
      ? `; ${loadsOf('FAIL').length > 0 ? 'no miss is known to be of the server' : 'none that was measured misses them'}`
      : `; ${missed} the lowest that misses them, with ttft_s `,
  );
  const undecided = loadsOf('UNDECIDED');
  expect(page.includes(`; undecided for lack of requests, or of known times: ${undecided.join(', ')}.`)).toBe(
    undecided.length > 0,
  );
  const peak = Math.max(...rungs.map(({ output }) => output));
  const [at, from] = [peak, 0.9 * peak].map((least) => rungs.find(({ output }) => output >= least)!.load);
  const atIndex = rungs.findIndex(({ output }) => output === peak);
  const codes = new Set(measurements[atIndex]!.findings.map(({ code }) => code));
  const client = codes.has('client-saturated')
    ? ', where the client was the limit'
    : codes.has('client-delayed')
      ? ', where others delayed the client'
      : '';
  expect(page).toContain(
    `The server has its highest output, ${formatNumber(peak, 3)} tok/s (1 repetition, no interval), at ${at} users at once${client}, and 90 % of it from ${from} on.`,
  );
  expect(page).toContain('What the server told of its own state, over time');
});

/** A little more than the longest of these times. */
const atLeast = (times: readonly number[]): number => Number((1.001 * Math.max(...times)).toPrecision(6));

type Limits = Record<'ttft_s' | 'e2e_s', number>;

/** A load of users by the raw samples of its requests, all of which succeeded. */
function rungOf({ concurrency, requests, settling, window }: ServedWorkload) {
  const { from_s, to_s } = window!;
  const part = (since_s: number, until_s: number) =>
    until_s > since_s
      ? Math.max(0, Math.min(until_s, to_s) - Math.max(since_s, from_s)) / (until_s - since_s)
      : Number(from_s < until_s && until_s <= to_s);
  const isGood = ({ chunk_times_s, end_s }: ServedRequest, { ttft_s, e2e_s }: Limits) =>
    chunk_times_s[0]! <= ttft_s && end_s! <= e2e_s;
  const sent = [...settling, ...requests];
  // The tokens of a chunk were made since the one before it; a character may take several tokens, whose chunk comes with the last.
  const tokens = sent.flatMap(({ start_s, chunk_times_s: times, new_tokens, first_chunk_tokens }) => {
    const first = first_chunk_tokens ?? new_tokens! / times.length;
    const later = (new_tokens! - first) / (times.length - 1);
    return times.map((time_s, index) =>
      index === 0
        ? first * part(start_s, start_s + time_s)
        : later * part(start_s + times[index - 1]!, start_s + time_s),
    );
  });
  return {
    load: concurrency!,
    ttfts: requests.map(({ chunk_times_s }) => chunk_times_s[0]!).toSorted((a, b) => a - b),
    durations: requests.map(({ end_s }) => end_s!),
    share: (limits: Limits) => requests.filter((request) => isGood(request, limits)).length / requests.length,
    goodput: (limits: Limits) =>
      total(sent.flatMap((one) => (isGood(one, limits) ? part(one.start_s, one.start_s + one.end_s!) : []))) /
      (to_s - from_s),
    output: total(tokens) / (to_s - from_s),
  };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test('a pinned tokenizer gives prompts their exact length; a chat template adds to it', async () => {
  const workspace = await create(
    [
      { label: 'bare', tokenizer: '../tokenizer.json' },
      { label: 'chat', tokenizer: '../tokenizer.json', api: 'chat' },
      { label: 'words', prompt_form: 'text' },
    ],
    { 'studies/tokenizer.json': tokenizerOfGguf(await assetPath(MODEL)) },
  );
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });

  const of = async (label: string) => (await resultOf(workspace, label)).workloads[0]!;
  const [bare, chat, words] = await Promise.all(['bare', 'chat', 'words'].map(of));
  expect(bare!.token_count).toEqual({ 'server-usage': 6 });
  for (const { prompt_tokens, usage, text_tokens } of bare!.requests) {
    expect([prompt_tokens, usage!.prompt_tokens]).toEqual([24, 24]);
    expect(text_tokens).toBeGreaterThan(0);
  }
  const inTemplate = new Set(chat!.requests.map(({ usage }) => usage!.prompt_tokens));
  expect(chat!.requests.every(({ prompt_tokens }) => prompt_tokens === 24)).toBe(true);
  expect(inTemplate.size).toBe(1);
  expect([...inTemplate][0]).toBeGreaterThan(24);
  expect(words!.requests.every(({ prompt_tokens, usage }) => prompt_tokens === usage!.prompt_tokens)).toBe(true);
});

test('answers that end by themselves: the token that ends them has no text, and a time of its own', async () => {
  const chats = Array.from({ length: 8 }, (_, index) => ({
    messages: [
      { role: 'system', content: 'Answer with one word.' },
      { role: 'user', content: `What is the colour of fruit number ${index}?` },
    ],
  }));
  const dataset = {
    api: 'chat',
    length: 'at-most',
    new_tokens: 24,
    dataset: { file: '../chats.json', form: 'messages' },
  };
  const workspace = await create([{ label: 'natural', ...dataset }], { 'studies/chats.json': JSON.stringify(chats) });
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });

  const { requests } = (await resultOf(workspace, 'natural')).workloads[0]!;
  const ended = requests.filter(({ finish_reason }) => finish_reason === 'stop');
  expect(ended.length).toBeGreaterThan(0);
  for (const { chunk_times_s, usage, first_chunk_tokens, end_s } of ended) {
    expect([chunk_times_s.length, first_chunk_tokens]).toEqual([usage!.completion_tokens, 1]);
    expect(end_s).toBe(chunk_times_s.at(-1));
  }
});

test('fresh prompts avoid the cache of the server, identical ones show it', async () => {
  const line = `${Array.from({ length: 40 }, (_, index) => `the number ${index}`).join(' and ')}\n`;
  const identical = { prompts: '../same.txt', tokenizer: '../tokenizer.json', prompt_tokens: 96 };
  const workspace = await create(
    [
      { label: 'fresh', prompt_tokens: 96 },
      { label: 'identical', ...identical },
      { label: 'uncached', ...identical, extra_body: { cache_prompt: false } },
    ],
    { 'studies/same.txt': line, 'studies/tokenizer.json': tokenizerOfGguf(await assetPath(MODEL)) },
  );
  expect(await workspace.measure()).toMatchObject({ exitCode: 0 });

  const [fresh, same, uncached] = await Promise.all(
    ['fresh', 'identical', 'uncached'].map((label) => resultOf(workspace, label)),
  );
  const cached = ({ workloads }: typeof fresh & {}) =>
    workloads[0]!.requests.map(({ usage }) => usage!['cached_tokens'] as number);
  expect(Math.max(...cached(fresh!), ...cached(uncached!))).toBe(0);
  expect(Math.min(...cached(same!))).toBeGreaterThan(80);
  expect(codes(same!.record)).toContain('prompt-cache');
  expect([...codes(fresh!.record), ...codes(uncached!.record)]).not.toContain('prompt-cache');
  expect(ttft(same!.workloads[0]!)).toBeLessThan(ttft(fresh!.workloads[0]!));
  expect(ttft(same!.workloads[0]!)).toBeLessThan(ttft(uncached!.workloads[0]!));
});

test('a second client of the same server shows: in its own metrics, and as a finding', async () => {
  const server = await startLlamaServer(python, await assetPath(MODEL));
  const settings = {
    model: 'smollm2',
    url: `${server}/v1`,
    prompt_tokens: 24,
    new_tokens: 8,
    warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
    measure: { requests: 10, min_s: 2 },
    telemetry: { period_s: 0.2 },
  };
  const { workloads, failure, payload } = await measureEndpoint(settings, {}, async (worker) => {
    const body = JSON.stringify({ model: 'smollm2', prompt: 'Once', max_tokens: 16, ignore_eos: true });
    while (worker.exitCode === null && worker.signalCode === null)
      await (await fetch(`${server}/v1/completions`, { method: 'POST', body })).text();
  });
  expect(failure).toBeNull();
  const [part] = workloads;
  expect(part!.findings.find(({ code }) => code === 'foreign-load')?.message).toMatch(
    /^the server generated \d+ tokens within .* s of the window, our requests got \d+ at most/,
  );
  const valueOf = (name: string) => part!.metrics.find((metric) => metric.name === name)!;
  expect(valueOf('server_running').value).toBeGreaterThan(1);
  expect(valueOf('server_output_tok_s').value).toBeGreaterThan(valueOf('output_tok_s').value!);
  expect(valueOf('server_queue_s').reason).toContain('llama.cpp does not tell it at');
  expect(payload!.engine.told).toMatchObject({ 'props total_slots': 2 });
});

test('a chat without a tokenizer: the template in a cache is no finding, a text that comes again is one', async () => {
  const server = await startLlamaServer(python, await assetPath(MODEL));
  const text = 'There was once a miller who was poor, but he had one beautiful daughter, and it happened one day.';
  const root = await treeOf({ 'once.jsonl': `${JSON.stringify({ prompt: text })}\n` });
  const settings = {
    url: `${server}/v1`,
    model: 'smollm2',
    api: 'chat',
    prompt_tokens: 32,
    new_tokens: 4,
    warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
    measure: { requests: 6, min_s: 0 },
  };
  const fresh = await measureEndpoint(settings);
  const [part] = fresh.payload!.workloads as ServedWorkload[];
  expect(part!.requests.map(({ usage }) => usage!.cached_tokens! > 10)).toEqual(Array(6).fill(true));
  expect(fresh.warnings.filter(({ code }) => code === 'prompt-cache')).toEqual([]);
  const dataset = { file: join(root, 'once.jsonl'), form: 'prompt' };
  const { warnings } = await measureEndpoint({ ...settings, dataset });
  expect(warnings.find(({ code }) => code === 'prompt-cache')!.message).toContain('of them beyond a start token');
});

test('embeddings: as many as were asked for, the server counts the tokens that were sent, and no text is the load of others', async () => {
  const server = await startLlamaServer(python, await assetPath(MODEL), '2', 'embeddings');
  const { payload, workloads, failure } = await measureEndpoint({
    url: `${server}/v1`,
    model: 'smollm2',
    api: 'embeddings',
    prompt_tokens: { uniform: [8, 24] },
    inputs_per_request: 4,
    load: { mode: 'closed', concurrency: 2 },
    telemetry: { period_s: 0.1 },
    warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
    measure: { requests: 12, min_s: 1 },
  });
  expect(failure).toBeNull();
  const [measured] = payload!.workloads as ServedWorkload[];
  for (const request of measured!.requests) {
    expect(request).toMatchObject({ embeddings: { count: 4, dimension: 576 }, incomplete: null, error: null });
    expect(request.usage!.prompt_tokens).toBe(request.prompt_tokens);
  }
  expect(workloads[0]!.findings.map(({ code }) => code)).not.toContain('foreign-load');
});

test('an API key reaches the server, and no file', async () => {
  const key = 'sesame-4711';
  const workspace = await create([{ label: 'with-key', api_key_env: 'LLAMA_API_KEY' }]);
  const unset = await workspace.measure();
  expect(unset.all).toContain('api_key_env: the environment variable LLAMA_API_KEY is not set');
  expect(await workspace.measure([], { env: { LLAMA_API_KEY: key } })).toMatchObject({ exitCode: 0 });
  const { workloads } = await resultOf(workspace, 'with-key');
  expect(workloads[0]!.requests.every(({ error }) => error === null)).toBe(true);
  const files = fastGlob.sync('{results,.nx}/**', { cwd: workspace.root, absolute: true, dot: true });
  expect(files.some((file) => file.endsWith('record.json'))).toBe(true);
  expect(files.filter((file) => readFileSync(file).includes(key))).toEqual([]);
});

test('a worker that is killed leaves no server behind', async () => {
  const workspace = await create([{ label: 'orphan', new_tokens: 64, measure: { requests: 1000, min_s: 0 } }]);
  const running = workspace.startNx(['run-many', '-t', 'measure']);
  const worker = await waitFor('measuring', () => whileMeasuring(workspace, 'nx-study: served.orphan'));
  expect(processesOf(workspace.home).some(({ command }) => command.includes('serve.py'))).toBe(true);
  kill(worker.pid, 'SIGKILL');
  expect((await running).exitCode).toBe(1);
  expect(processesOf(workspace.home)).toEqual([]);
  expect(failureOf(workspace, 'orphan')).toMatchObject({ type: 'crash', signal: 'SIGKILL', phase: 'measuring' });
});

test('killed while its server takes long to end: the result is kept and flagged, and nothing is left', async () => {
  const { server } = quick();
  // Behind llama.cpp's server stands a shell that ignores the wish to end.
  const lingering = ['sh', '-c', '"$@" & trap "" TERM; wait; sleep 600', 'sh', ...server.command];
  const workspace = await create([{ label: 'lingering', server: { ...server, command: lingering } }]);
  const running = workspace.startNx(['run-many', '-t', 'measure']);
  const worker = await waitFor('the teardown', () => whileIn('teardown', workspace, 'nx-study: served.lingering'), 300);
  kill(worker.pid, 'SIGKILL');
  expect(await running).toMatchObject({ exitCode: 0 });
  expect(processesOf(workspace.home)).toEqual([]);
  const { record, workloads } = await resultOf(workspace, 'lingering');
  expect(codes(record)).toContain('killed-in-teardown');
  expect(workloads[0]!.requests).toHaveLength(6);
});

test('a server that is killed, that can not start, or that answers too late: typed, with its words, nothing left', async () => {
  const server = { assets: { model: MODEL }, files: { script: '../serve.py' } };
  const workspace = await create([
    { label: 'killed', new_tokens: 64, measure: { requests: 1000, min_s: 0 } },
    { label: 'no-program', server: { ...server, command: ['no-such-server'] } },
    { label: 'wrong-model', server: { ...server, command: [python, '{script}', '{script}', '{port}'] } },
    { label: 'too-late', timeout_s: 0.05 },
    { label: 'early', extra_body: { stop: ['a', 'e', 'i', 'o', ' ', '\n'] } },
  ]);
  const running = workspace.startNx(['run-many', '-t', 'measure']);
  const found = await waitFor('measuring', () => whileMeasuring(workspace, 'serve.py'));
  kill(found.pid, 'SIGKILL');
  expect((await running).exitCode).toBe(1);
  expect(processesOf(workspace.home)).toEqual([]);

  expect(failureOf(workspace, 'killed')).toMatchObject({
    type: 'crash',
    phase: 'measuring',
    message: expect.stringContaining('the server was killed by SIGKILL'),
  });
  expect(failureOf(workspace, 'no-program')).toMatchObject({
    type: 'crash',
    phase: 'loading',
    message: 'the server could not be started: spawn no-such-server ENOENT',
  });
  expect(failureOf(workspace, 'wrong-model')).toMatchObject({ type: 'crash', phase: 'loading' });
  expect(failureOf(workspace, 'wrong-model').message).toMatch(/^the server ended by itself with exit code 1; the last/);
  expect(failureOf(workspace, 'too-late')).toMatchObject({
    type: 'crash',
    phase: 'first-call',
    message: 'the request failed (timeout): no end within 0.05 s',
  });
  expect(failureOf(workspace, 'early')).toMatchObject({
    type: 'invalid-result',
    message: expect.stringContaining('8'),
  });
});

const whileMeasuring = (workspace: Workspace, text: string) => whileIn('measuring', workspace, text);

/** The process with that text in its title, once the running measurement has reached that phase. */
function whileIn(phase: string, { root, home }: Workspace, text: string) {
  const files = fastGlob.sync('results/served/**/events.jsonl', { cwd: root, absolute: true });
  const isThere = files.some((file) => readFileSync(file, 'utf8').includes(`"phase":"${phase}"`));
  return isThere && processesOf(home).find(({ command }) => command.includes(text));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { resultSchema } from '../../../plugins/nx-study/src/worker/result.ts';
import { eventSchema } from '../../../plugins/nx-study/src/worker/events.ts';
import { makeWorker, measure, nodeCommand, perform, request, written } from './workers.ts';

const worker = (body: string) => `
import { writeFileSync } from 'node:fs';
import { OutOfMemory, Unavailable, Unsupported, run } from '../../kits/node/index.ts';

await run(async (task) => {
${body}
});
`;
const done = `return { kind: 'example', payload: { n: 1, none: null } };`;

it('success: events, side files, result', () => {
  const body = `
    task.events.phase('counting');
    task.events.progress(1, 2, 'steps', { cpus: task.request.allowance.cpus });
    task.events.warning('w', 'Müller');
    writeFileSync(task.directory + '/side.bin', 'abc');
    return { kind: 'example', payload: { n: 1, none: null }, files: ['side.bin'] };`;
  const { code, stderr, result, directory } = measure(worker(body), {});
  expect([code, stderr]).toEqual([0, '']);
  expect(resultSchema.parse(result)).toEqual({
    protocol: 1,
    kind: 'example',
    partial: false,
    payload: { n: 1, none: null },
    files: [{ path: 'side.bin', sha256: createHash('sha256').update('abc').digest('hex') }],
  });
  const lines = readFileSync(join(directory, 'events.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => eventSchema.parse(JSON.parse(line)))).toMatchObject([
    { event: 'phase', phase: 'counting' },
    { event: 'progress', done: 1, total: 2, unit: 'steps', detail: { cpus: 1 } },
    { event: 'warning', code: 'w', message: 'Müller' },
  ]);
});

it.each([
  ["throw new Unsupported('no such device');", 'unsupported', 'no such device'],
  ["throw new Unavailable('nobody listens');", 'environment', 'nobody listens'],
  ["throw new Error('no load', { cause: new OutOfMemory('VRAM') });", 'oom', 'no load'],
  ["throw new TypeError('oops');", 'crash', 'oops'],
  ["throw 'text';", 'crash', 'text'],
  ["return { kind: 'example', payload: { value: NaN } };", 'crash', '`payload.value`: NaN is no JSON; write null'],
  ["return { kind: 'example', payload: { value: undefined } };", 'crash', '`payload.value`: undefined is no JSON'],
  ["return { kind: 'example', payload: new Map([['value', 1]]) };", 'crash', '`payload`: a Map is no JSON'],
  ["return { kind: 'example', payload: { value: [() => 1] } };", 'crash', '`payload.value.0`: a function is no JSON'],
  ["return { kind: 'example', payload: { value: 1n } };", 'crash', '`payload.value`: a bigint is no JSON'],
  ["return { kind: 'example', payload: { x: [0, { y: -Infinity }] } };", 'crash', '`payload.x.1.y`: -Infinity is'],
  ["task.events.progress(NaN, 1, 'steps');", 'crash', '`done`: NaN is no JSON'],
  ["return { kind: 'example', payload: {}, files: ['missing.bin'] };", 'crash', 'missing.bin'],
  ["setTimeout(() => { throw new Error('native callback'); }); await new Promise(() => {});", 'crash', 'callback'],
  ["void Promise.reject(new Error('nobody waits')); await new Promise((go) => setTimeout(go, 1e3));", 'crash', 'waits'],
])('failure: %s', (body, type, message) => {
  const { code, result, events } = measure(worker(body), {});
  expect(code).toBe(1);
  expect(result).toBeNull();
  expect(events.at(-1)).toMatchObject({ event: 'failure', type, message: expect.stringContaining(message) });
});

it('what was opened is closed after the result, and after a failure', () => {
  const closing = (name: string) =>
    `task.closing.push(() => writeFileSync(task.directory + '/${name}', ''), () => task.events.warning('${name}', ''));`;
  const good = measure(worker(closing('closed') + done), {});
  expect([good.code, good.phases]).toEqual([0, ['teardown']]);
  expect(readFileSync(join(good.directory, 'closed'), 'utf8')).toBe('');
  const bad = measure(worker(`task.events.phase('loading'); ${closing('closed')} throw new Error('first');`), {});
  expect([bad.code, bad.phases]).toEqual([1, ['loading']]);
  expect(bad.events.map(({ event }) => event)).toEqual(['phase', 'failure', 'warning']);
});

it('a failing teardown keeps the result, and is a failure', () => {
  const { code, result, events } = measure(
    worker(`task.closing.push(() => Promise.reject(new Error('would not end'))); ${done}`),
    {},
  );
  expect(code).toBe(1);
  expect(result?.payload).toEqual({ n: 1, none: null });
  expect(events.at(-1)).toMatchObject({ event: 'failure', message: 'would not end' });
});

it('an exit is not held up by what still runs', () => {
  expect(measure(worker(`setInterval(() => {}, 1000); ${done}`), {}).code).toBe(0);
});

it.each([
  [{ protocol: 2 }, /protocol 2, this worker speaks 1/],
  [{ seed: undefined, digest: undefined }, /missing digest, seed/],
  [{ assets_dir: undefined }, /missing assets_dir/],
])('refuses a request: %j', (changes, message) => {
  const { code, stderr } = measure(worker(done), {}, changes);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

it.each([
  [{ modules: undefined }, {}],
  [{ modules: { model: ['/m.py'] } }, { model: ['/m.py'] }],
])('gives the modules of Python files: %j', (changes, expected) => {
  const body = `return { kind: 'example', payload: { modules: task.request.modules } };`;
  expect(measure(worker(body), {}, changes).result?.payload).toEqual({ modules: expected });
});

it.each(['', '[]', '{"protocol": 1'])('refuses what is no request: %j', (text) => {
  const { worker: file, directory } = makeWorker('measure.ts', worker(done));
  const { code, stderr } = perform(nodeCommand(file, directory), directory, text);
  expect(code).toBe(1);
  expect(stderr).toMatch(/request\.json: (not a readable request|expected a JSON object)/);
});

it('says how it is used', () => {
  const { worker: file, directory } = makeWorker('measure.ts', worker(done));
  const [node, ...args] = nodeCommand(file, directory);
  expect(perform([node!, ...args, 'more'], directory, request())).toMatchObject({ code: 2, result: null });
});

/** Sends a signal once the worker is in a phase; how it ended. */
async function signalIn(phase: string, signal: NodeJS.Signals, body: string) {
  const { worker: file, directory } = makeWorker('measure.ts', worker(body));
  writeFileSync(join(directory, 'request.json'), JSON.stringify(request()));
  const [node, ...args] = nodeCommand(file, directory);
  const child = spawn(node!, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (!written(directory).phases.includes(phase)) await sleep(20);
  child.kill(signal);
  return { ended: await ended, ...written(directory) };
}

const stoppable = `
  task.events.phase('nothing-yet');
  await new Promise((go) => setTimeout(go, Number(BEFORE)));
  task.stop.defer();
  task.events.phase('something');
  while (!task.stop.requested) await new Promise((go) => setTimeout(go, 10));
  return { kind: 'example', payload: {}, partial: true };`;

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s is deferred where there is something to save', async (signal, code) => {
  const { ended, result } = await signalIn('something', signal, stoppable.replace('BEFORE', '0'));
  expect(ended).toEqual([code, null]);
  expect(result?.partial).toBe(true);
});

it.each(['SIGTERM', 'SIGINT'] as const)('%s ends a worker at once that has nothing to save', async (signal) => {
  const { ended, result } = await signalIn('nothing-yet', signal, stoppable.replace('BEFORE', '60000'));
  expect(ended).toEqual([null, signal]);
  expect(result).toBeNull();
});

it('beats while nothing happens', () => {
  const body = `
    const stop = task.events.heartbeats(20);
    await new Promise((go) => setTimeout(go, 300));
    stop();
    ${done}`;
  expect(measure(worker(body), {}).events.filter(({ event }) => event === 'heartbeat').length).toBeGreaterThan(1);
});

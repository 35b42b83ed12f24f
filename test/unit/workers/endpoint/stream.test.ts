import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openAgent, streamRequest } from '../../../../workers/endpoint/src/stream.ts';

type Answer = (response: ServerResponse, body: string, socket: Socket) => unknown;

/** A real HTTP server that answers every request as told; `send` is the client under test. */
async function serve(answer: Answer, timeout_s = 20) {
  let connections = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    await answer(response, body, request.socket);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/v1/completions`);
  const agent = openAgent(url);
  onTestFinished(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const send = (body = '{}', headers = {}) => streamRequest({ url, headers, agent, timeout_s }, body);
  return { send, connections: () => connections };
}

const open = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream', server: 'scripted' });
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const text = (piece: string) => event({ model: 'm', choices: [{ text: piece, finish_reason: null }] });
const last = event({ choices: [{ text: '', finish_reason: 'length' }] });
const usage = event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } });
const DONE = 'data: [DONE]\n\n';

test('a stream is read whole, whatever the borders of its pieces', async () => {
  const whole = Buffer.from(text('héllo ') + ': a comment\r\n\r\n' + text('wörld 🌍') + last + usage + DONE);
  const { send } = await serve(async (response) => {
    open(response);
    for (const byte of whole) response.write(Buffer.from([byte]));
    response.end();
  });
  const reply = await send();
  expect(reply).toMatchObject({
    chunks: ['héllo ', 'wörld 🌍'],
    usage: { prompt_tokens: 3, completion_tokens: 2, cached_tokens: null },
    finish_reason: 'length',
    model: 'm',
    server: 'scripted',
    error: null,
  });
  expect(reply.chunk_times_s).toHaveLength(2);
  expect(reply.end_s).toBeGreaterThanOrEqual(reply.chunk_times_s[1]!);
});

test('times are those of the arrivals, several events of one piece share one', async () => {
  const written_s: number[] = [];
  const write = (response: ServerResponse, piece: string) => {
    written_s.push(performance.now() / 1000);
    response.write(piece);
  };
  const { send } = await serve(async (response) => {
    open(response).flushHeaders();
    await sleep(60);
    write(response, text('a') + text('b'));
    await sleep(60);
    write(response, text('c'));
    await sleep(60);
    write(response, last + DONE);
    response.end();
  });
  const { chunk_times_s, end_s, start_s } = await send();
  const [a, b, c] = chunk_times_s as [number, number, number];
  // However slow the machine is: each after its piece was written, and before the next one was.
  const arrivals_s = [[a, b], [c], [end_s!]];
  for (const [piece, times_s] of arrivals_s.entries())
    for (const time_s of times_s) {
      expect(start_s + time_s).toBeGreaterThan(written_s[piece]! - 1e-9);
      expect(start_s + time_s).toBeLessThan(written_s[piece + 1] ?? Infinity);
    }
});

test('chat: the role is no text, reasoning is', async () => {
  const delta = (value: object) => event({ choices: [{ delta: value, finish_reason: null }] });
  const { send } = await serve((response) =>
    open(response).end(
      delta({ role: 'assistant', content: null }) +
        delta({ content: '' }) +
        delta({ reasoning_content: 'hm', content: null }) +
        delta({ reasoning: 'so' }) +
        delta({ content: 'yes' }) +
        event({ choices: [{ delta: {}, finish_reason: 'stop' }], usage: null }) +
        DONE,
    ),
  );
  expect(await send()).toMatchObject({ chunks: ['hm', 'so', 'yes'], finish_reason: 'stop', usage: null, error: null });
});

test.each([429, 500])('HTTP %d is an error with its text', async (status) => {
  const { send } = await serve((response) => response.writeHead(status).end('{"error": "slow down"}'));
  const reply = await send();
  expect(reply).toMatchObject({ end_s: null, error: { type: 'http-status', status } });
  expect(reply.error!.message).toBe(`HTTP ${status}: {"error": "slow down"}`);
});

test('an answer that is no stream is an error', async () => {
  const { send } = await serve((response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": []}'),
  );
  expect((await send()).error).toMatchObject({
    type: 'protocol',
    message: expect.stringContaining('application/json'),
  });
});

test('errors within a stream keep what came before', async () => {
  const { send } = await serve((response) =>
    open(response).end(text('a') + event({ error: { message: 'out of blocks' } })),
  );
  expect(await send()).toMatchObject({
    chunks: ['a'],
    end_s: null,
    error: { type: 'server', message: 'out of blocks', status: null },
  });
});

test('no JSON in an event is an error', async () => {
  const { send } = await serve((response) => open(response).end(text('a') + 'data: <html>\n\n' + last + DONE));
  expect((await send()).error).toMatchObject({ type: 'protocol', message: expect.stringContaining('<html>') });
});

test('a stream that ends without a finish is truncated', async () => {
  const { send } = await serve((response) => open(response).end(text('a')));
  expect(await send()).toMatchObject({ chunks: ['a'], end_s: null, error: { type: 'truncated' } });
});

test('a connection that breaks in the middle is an error', async () => {
  const { send } = await serve((response, _body, socket) => {
    open(response).write(text('a'));
    setTimeout(() => socket.destroy(), 50);
  });
  expect(await send()).toMatchObject({ chunks: ['a'], end_s: null, error: { type: 'connection' } });
});

test('an error that repeats the API key is recorded without it', async () => {
  const { send } = await serve((response) => response.writeHead(401).end('wrong key sk-sesame, not sk-sesame'));
  const { error } = await send('{}', { authorization: 'Bearer sk-sesame' });
  expect(error).toEqual({ type: 'http-status', message: 'HTTP 401: wrong key …, not …', status: 401 });
});

test('nobody listens: a connection error', async () => {
  const url = new URL('http://127.0.0.1:9/v1/completions');
  const agent = openAgent(url);
  const reply = await streamRequest({ url, headers: {}, agent, timeout_s: 5 }, '{}');
  expect(reply).toMatchObject({
    end_s: null,
    error: { type: 'connection', message: expect.stringContaining('ECONNREFUSED') },
  });
});

test('a stream without end, and one without a beginning, run into the timeout', async () => {
  const { send } = await serve(async (response, body) => {
    if (body === 'silent') return;
    open(response);
    while (!response.destroyed) {
      response.write(text('x'));
      await sleep(5);
    }
  }, 0.3);
  const [endless, silent] = await Promise.all([send(), send('silent')]);
  expect(endless).toMatchObject({ end_s: null, error: { type: 'timeout', message: 'no end within 0.3 s' } });
  expect(endless.chunks.length).toBeGreaterThan(1);
  expect(silent).toMatchObject({ chunks: [], error: { type: 'timeout' } });
});

test('connections are kept, and one that the server closed meanwhile is replaced', async () => {
  const bodies: string[] = [];
  const { send, connections } = await serve((response, body, socket) => {
    bodies.push(body);
    open(response).end(text('a') + last + DONE);
    if (body === '"and close"') response.on('finish', () => socket.destroy());
  });
  expect(await send('"first"')).toMatchObject({ connection_reused: false, error: null });
  expect(await send('"and close"')).toMatchObject({ connection_reused: true, error: null });
  expect(await send('"third"')).toMatchObject({ connection_reused: false, error: null });
  expect(connections()).toBe(2);
  expect(bodies).toEqual(['"first"', '"and close"', '"third"']);
});

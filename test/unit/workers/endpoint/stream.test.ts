import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openPool } from '../../../../workers/endpoint/src/http/pool.ts';
import { streamRequest } from '../../../../workers/endpoint/src/stream.ts';

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
  const pool = openPool(url);
  onTestFinished(() => {
    pool.destroy();
    server.closeAllConnections();
    server.close();
  });
  const send = (body = '{}', headers = {}, secrets: string[] = []) =>
    streamRequest({ url, headers, secrets, pool, timeout_s, keepsText: true }, body);
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
  expect(reply.end_s).toBe(reply.chunk_times_s[1]!);
  expect(reply.done_s).toBeGreaterThanOrEqual(reply.end_s!);
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
  const { chunk_times_s, end_s, done_s, start_s } = await send();
  const [a, b, c] = Array.from(chunk_times_s) as [number, number, number];
  expect(b).toBe(a);
  expect(end_s).toBe(c);
  // However slow the machine is: each after its piece was written, and before the next one was.
  const arrivals_s = [[a, b], [c], [done_s]];
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
  const pool = openPool(url);
  const reply = await streamRequest({ url, headers: {}, pool, timeout_s: 5, keepsText: true }, '{}');
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

test('a connection that breaks while the server has the request is an error, also when it was used before', async () => {
  const { send } = await serve(async (response, body, socket) => {
    if (body === '"breaks"') {
      await sleep(600);
      socket.resetAndDestroy();
    } else if (body === '"stale"' && (seen += 1) === 1) socket.resetAndDestroy();
    else open(response).end(text('a') + last + DONE);
  });
  let seen = 0;
  await send();
  expect(await send('"breaks"')).toMatchObject({
    connection_reused: true,
    error: { type: 'connection' },
    sent_again: 0,
  });
  await send();
  expect(await send('"stale"')).toMatchObject({ connection_reused: false, error: null, sent_again: 1 });
});

test('[DONE] ends a request, whatever stays open; after some of them nobody waits for the rest', async () => {
  const { send, connections } = await serve((response) => {
    open(response).write(text('a') + last + usage + DONE);
  });
  const begin = performance.now();
  for (let count = 0; count < 6; count += 1) {
    const reply = await send();
    expect(reply).toMatchObject({ chunks: ['a'], usage: { completion_tokens: 2 }, error: null });
    expect(reply.done_s).toBeLessThan(10);
  }
  // The connections close after a second each; the timeout is 20 s.
  expect(performance.now() - begin).toBeLessThan(15_000);
  expect(connections()).toBe(6);
});

test('a connection is used again when the rest of an answer comes a moment after [DONE]', async () => {
  const { send, connections } = await serve((response) => {
    open(response).write(text('a') + last + DONE);
    setImmediate(() => response.end());
  });
  for (let count = 0; count < 20; count += 1) expect((await send()).error).toBeNull();
  expect(connections()).toBeLessThan(10);
});

test('the usage event after the last token, and a finish without text, are no part of the time to the last token', async () => {
  const { send } = await serve(async (response) => {
    open(response).write(text('a'));
    await sleep(30);
    response.write(text('b'));
    await sleep(300);
    response.write(last);
    await sleep(300);
    response.end(usage + DONE);
  });
  const { chunk_times_s, end_s, done_s } = await send();
  expect(end_s).toBe(chunk_times_s[1]);
  expect(done_s - end_s!).toBeGreaterThan(0.5);
});

test.each(['Text/Event-Stream; charset=utf-8', 'text/event-stream;charset=UTF-8', 'TEXT/EVENT-STREAM'])(
  'the media type %s is a stream',
  async (type) => {
    const { send } = await serve((response) => response.writeHead(200, { 'content-type': type }).end(text('a') + last));
    expect(await send()).toMatchObject({ chunks: ['a'], error: null });
  },
);

test.each(['text/event-streams', 'application/x-ndjson', ''])('the media type "%s" is none', async (type) => {
  const { send } = await serve((response) =>
    response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(text('a') + last),
  );
  expect((await send()).error).toMatchObject({ type: 'protocol' });
});

test('an error with status 200 that is no stream is the error of the server; a page is none of a server', async () => {
  const { send } = await serve((response, body) => {
    if (body === 'page') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>');
    else
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"error","message":"no blocks"}');
  });
  expect((await send()).error).toEqual({ type: 'server', message: 'no blocks', status: null });
  expect((await send('page')).error).toMatchObject({ type: 'protocol', message: expect.stringContaining('Sign in') });
});

test('streams that are cut: within a character, within an event, within the framing of HTTP', async () => {
  const whole = Buffer.from(text('a') + text('🌍'));
  const { send } = await serve((response, body, socket) => {
    if (body === 'framing') {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nff\r\n');
      socket.end(whole);
    } else open(response).end(whole.subarray(0, whole.indexOf('🌍') + Number(body)));
  });
  for (const at of [2, 0, 4])
    expect(await send(String(at))).toMatchObject({ chunks: ['a'], error: { type: 'truncated' } });
  expect(await send('framing')).toMatchObject({ end_s: null, error: { type: 'connection' } });
  expect((await send('framing')).chunks).toContain('a');
});

test('a redirect is named, and neither followed nor told with its query', async () => {
  const { send } = await serve((response) =>
    response.writeHead(308, { location: '/other/v1/completions?key=sk-sesame' }).end(),
  );
  const { error } = await send();
  expect(error).toMatchObject({ type: 'http-status', status: 308 });
  expect(error!.message).toMatch(
    /^HTTP 308: http:\/\/127\.0\.0\.1:\d+\/v1\/completions sends its callers to http:\/\/127\.0\.0\.1:\d+\/other\/v1\/completions; /,
  );
});

test('404 names the address that was asked', async () => {
  const { send } = await serve((response) => response.writeHead(404).end('no such page'));
  expect((await send()).error!.message).toMatch(
    /^HTTP 404 at http:\/\/127\.0\.0\.1:\d+\/v1\/completions: no such page$/,
  );
});

test('an error that repeats a secret of any header is recorded without it', async () => {
  const { send } = await serve((response) =>
    open(response).end(event({ error: 'key se/same is not known, se%2Fsame' })),
  );
  const { error } = await send('{}', { 'api-key': 'se/same' }, ['se/same']);
  expect(error!.message).toBe('key … is not known, …');
});

test('Retry-After is told', async () => {
  const { send } = await serve((response) => response.writeHead(429, { 'retry-after': '7' }).end());
  expect(await send()).toMatchObject({ retry_after_s: 7, error: { status: 429 } });
});

test('above 256 users no connection is made anew', async () => {
  const { send, connections } = await serve((response) => open(response).end(text('a') + last + DONE));
  for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 300 }, () => send()));
  expect(connections()).toBeLessThan(400);
});

test('an answer with a finish reason is whole, though the stream stays open without [DONE]', async () => {
  const { send } = await serve((response) => void open(response).write(text('a') + last), 0.5);
  expect(await send()).toMatchObject({ chunks: ['a'], error: null, finish_reason: 'length' });
});

test('an answer that is compressed is named', async () => {
  const { send } = await serve((response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end('x'),
  );
  expect((await send()).error).toMatchObject({
    type: 'protocol',
    message: expect.stringContaining('compressed (gzip)'),
  });
});

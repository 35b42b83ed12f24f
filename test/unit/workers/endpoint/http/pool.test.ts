import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openPool } from '../../../../../workers/endpoint/src/http/pool.ts';
import { streamRequest } from '../../../../../workers/endpoint/src/stream.ts';
import { measureEndpoint } from '../../../../helpers/endpoint.ts';

const ANSWER = 'data: {"choices":[{"text":"a","finish_reason":"length"}]}\n\ndata: [DONE]\n\n';
const answering: RequestListener = (request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(ANSWER));
};

/** A client of a server that counts its connections. */
async function clientOf(server: Server, protocol = 'http') {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`${protocol}://localhost:${(server.address() as AddressInfo).port}/v1/completions`);
  const pool = openPool(url);
  onTestFinished(() => {
    pool.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const target = { url, headers: {}, pool, timeout_s: 20, keepsText: true };
  return { url, pool, sockets, send: (signal?: AbortSignal) => streamRequest(target, '{}', signal) };
}

test('spare connections are opened ahead, and no request waits for one', async () => {
  const { pool, sockets, send } = await clientOf(createServer(answering));
  expect(await send()).toMatchObject({ connection_reused: false, connect_s: expect.any(Number) });
  expect(pool.connect_s()).toBeGreaterThan(0);
  pool.keepSpare(3);
  await expect.poll(() => sockets.length).toBe(3);
  await sleep(50);
  const replies = await Promise.all([send(), send(), send()]);
  expect(replies.map(({ connection_reused, connect_s }) => [connection_reused, connect_s])).toEqual([
    [true, null],
    [true, null],
    [true, null],
  ]);
  // As many as were taken were opened again; from then on there are enough.
  await expect.poll(() => sockets.length).toBe(6);
  for (let round = 0; round < 5; round += 1) expect(await send()).toMatchObject({ connection_reused: true });
  expect(pool.opened()).toBe(6);
  // One that the server closed is not used.
  for (const socket of sockets) socket.destroy();
  await sleep(50);
  expect((await send()).error).toBeNull();
});

test('a server that refuses connections is not asked for spare ones over and over', async () => {
  const { pool, send } = await clientOf(createRawServer((socket) => socket.destroy()));
  pool.keepSpare(2);
  await sleep(200);
  expect((await send()).error).toMatchObject({ type: 'connection' });
  expect(pool.opened()).toBeLessThan(8);
});

test('a connection is not used for longer than the server says it keeps it', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'keep-alive': 'timeout=1' });
    request.on('end', () => response.end(ANSWER));
  });
  server.keepAliveTimeout = 60_000;
  const { send } = await clientOf(server);
  await send();
  expect(await send()).toMatchObject({ connection_reused: true });
  await sleep(700);
  expect(await send()).toMatchObject({ connection_reused: false, error: null });
});

test('a server that closes each connection after its answer, without a word, soon has a new one for each request', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
  const { pool, sockets, send } = await clientOf(
    createRawServer((socket) => {
      // As one whose close arrives just after the next request was sent.
      socket.once('data', () => {
        socket.write(`${head}content-length: ${ANSWER.length}\r\n\r\n${ANSWER}`);
        socket.once('data', () => socket.destroy());
      });
    }),
  );
  const replies = [];
  for (let count = 0; count < 8; count += 1) replies.push(await send());
  expect(replies.map(({ error }) => error)).toEqual(replies.map(() => null));
  expect(replies.map(({ sent_again }) => sent_again)).toEqual([0, 1, 1, 1, 0, 0, 0, 0]);
  expect(replies.every(({ connection_reused }) => !connection_reused)).toBe(true);
  expect(sockets).toHaveLength(8);
  expect(pool.keeps()).toBe(false);
});

test('what is no HTTP is named, and so are bytes after a response', async () => {
  const greeting = await clientOf(createRawServer((socket) => socket.end('SSH-2.0-x\r\n\r\n')));
  expect((await greeting.send()).error).toMatchObject({
    type: 'protocol',
    message: 'no answer of HTTP/1.1: "SSH-2.0-x"',
  });
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
  const twice = await clientOf(
    createRawServer((socket) =>
      socket.on('data', () => socket.write(`${head}content-length: ${ANSWER.length}\r\n\r\n${ANSWER}more`)),
    ),
  );
  // The answer was whole before them; its connection serves no other request.
  for (let count = 0; count < 2; count += 1)
    expect(await twice.send()).toMatchObject({ chunks: ['a'], error: null, connection_reused: false });
});

test('a request is broken off where its answer is needed no more', async () => {
  const { send } = await clientOf(
    createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(ANSWER.replace('"length"', 'null'));
    }),
  );
  const controller = new AbortController();
  const { signal } = controller;
  const reply = send(signal);
  controller.abort();
  expect(await reply).toMatchObject({ error: { type: 'broken-off' } });
  expect(await send(signal)).toMatchObject({ chunks: [], error: { type: 'broken-off' } });
});

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasOpenssl)('TLS (needs the program openssl): the name is checked, connections are kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const stranger = await clientOf(createSecureServer(options, answering), 'https');
  expect((await stranger.send()).error).toMatchObject({ type: 'connection', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const before = stranger.sockets.length;
  const { payload, failure } = await measureEndpoint(
    {
      model: 'm',
      url: `${stranger.url.origin}/v1`,
      new_tokens: 1,
      load: { mode: 'closed', concurrency: 3 },
      warmup: { min_iterations: 1, max_iterations: 1, min_s: 0 },
      measure: { requests: 9, min_s: 0 },
      length: 'at-most',
    },
    { NODE_EXTRA_CA_CERTS: cert },
  );
  expect(failure).toBeNull();
  expect(payload!.workloads[0]).toMatchObject({
    requests: Array.from({ length: 9 }, () => ({ connection_reused: true, error: null })),
  });
  // Three users, and questions about the server.
  expect(stranger.sockets.length - before).toBeLessThan(3 + 12);
});

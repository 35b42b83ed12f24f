import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../../../workers/endpoint/src/server.ts';
import type { Access } from '../../../../workers/endpoint/src/server.ts';
import { endAll, processesOf } from '../../../helpers/processes.ts';

/**
 * A server in Node with a child process; `start` runs the code in it before it listens. `pages` is code that gives the
 * status of an answer, and its headers, by `url` and `key`.
 */
async function start(
  code: string,
  changes: {
    path?: string;
    timeout_s?: number;
    url?: string;
    command?: string[];
    access?: Access;
    pages?: string;
  } = {},
) {
  const {
    path = '/health',
    timeout_s = 20,
    url = null,
    command,
    access,
    pages = `url === '/health' ? 200 : 404`,
  } = changes;
  const home = mkdtempSync(join(tmpdir(), 'nx-study-server-'));
  onTestFinished(async () => {
    await endAll(home);
    rmSync(home, { recursive: true });
  });
  const script = `
    const { spawn } = require('node:child_process');
    const http = require('node:http');
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    console.log('serving', process.argv[2]);
    ${code}
    http.createServer(({ url, headers: { 'api-key': key } }, response) => response.writeHead(${pages}).end())
      .listen(Number(process.argv[1]), '127.0.0.1');`;
  const settings = {
    command: (command ?? [process.execPath, '-e', script, '{port}', '{model}']) as [string, ...string[]],
    assets: { model: '/models/a.gguf' },
    files: {},
    env: { HOME_OF_TEST: home, MODEL: '{model}' },
    ready: { path, timeout_s },
  };
  const log = () => readFileSync(join(home, 'server.log'), 'utf8');
  return { home, log, starting: startServer(settings, url, home, access) };
}

test('a server is started with its placeholders filled, waited for, and gone with its children afterwards', async () => {
  const { home, log, starting } = await start('console.log(process.env.MODEL);');
  const server = await starting;
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  expect(server.ready_s).toBeGreaterThan(0);
  expect((await fetch(new URL('/health', server.url))).status).toBe(200);
  expect(processesOf(home)).toHaveLength(2);
  expect(log()).toBe('serving /models/a.gguf\n/models/a.gguf\n');
  await expect(server.whileAlive(Promise.resolve('answer'))).resolves.toBe('answer');
  await server.stop();
  expect(processesOf(home)).toEqual([]);
});

test('the base URL may be another', async () => {
  const server = await (await start('', { url: 'http://127.0.0.1:{port}/openai/v1' })).starting;
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/openai\/v1$/);
  await server.stop();
});

test('a server that ends before it is ready says why, and leaves no child', async () => {
  const { home, starting } = await start('console.error("no such model"); process.exit(3);');
  await expect(starting).rejects.toThrow(
    /the server ended by itself with exit code 3; the last lines of its log:\nserving .*\nno such model$/,
  );
  expect(processesOf(home)).toEqual([]);
});

test('a program that is not there is named', async () => {
  const { starting } = await start('', { command: ['no-such-server'] });
  await expect(starting).rejects.toThrow('the server could not be started: spawn no-such-server ENOENT');
});

test('one that never gets ready is ended, with what it answered last', async () => {
  const { home, starting } = await start('', { path: '/ready', timeout_s: 1.5 });
  await expect(starting).rejects.toThrow(/not ready within 1.5 s at http.*\/ready: it answered with HTTP 404/);
  expect(processesOf(home)).toEqual([]);
});

test('work ends with an error when the server dies', async () => {
  const { home, starting } = await start('setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);');
  const server = await starting;
  await expect(server.whileAlive(sleep(20_000))).rejects.toThrow('the server was killed by SIGKILL');
  await expect(server.whileAlive(sleep(1))).rejects.toThrow('the server was killed by SIGKILL');
  await server.stop();
  expect(processesOf(home)).toEqual([]);
});

test.each([
  ['no /health, but models', `url === '/v1/models' ? 200 : 404`],
  ['neither', `404`],
  ['a key is wanted for both', `401`],
  ['a key is wanted, and sent', `url === '/health' && key === 'sesame' ? 200 : 503`],
  ['a slash more', `...(url === '/health' ? [307, { location: '/health/' }] : [url === '/health/' ? 200 : 503])`],
])('a server is ready: %s', async (_what, pages) => {
  const server = await (await start('', { pages, access: { headers: { 'api-key': 'sesame' }, secrets: [] } })).starting;
  expect(server.readyLeft_s()).toBeLessThan(20);
  await server.stop();
});

test('a server without /health that is loading is waited for', async () => {
  const pages = `url === '/v1/models' ? 503 : 404`;
  const { starting } = await start('', { pages, timeout_s: 1.5 });
  await expect(starting).rejects.toThrow(
    /not ready within 1.5 s at http.*\/health: it answered with HTTP 404, and http.*\/v1\/models: it answered with HTTP 503/,
  );
});

test('a key stays in no log', async () => {
  const { log, starting } = await start('console.log("key sesame");', { access: { headers: {}, secrets: ['sesame'] } });
  await (await starting).stop();
  expect(log()).toContain('key ...\n');
  expect(log()).not.toContain('sesame');
});

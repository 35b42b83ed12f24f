import { expect, test } from 'vitest';
import { firstReply } from '../../../../workers/endpoint/src/ready.ts';
import { FailedRequests } from '../../../../workers/endpoint/src/failed.ts';
import type { RequestError } from '../../../../workers/endpoint/src/error.ts';
import type { Reply } from '../../../../workers/endpoint/src/stream.ts';

const http = (status: number): RequestError => ({ type: 'http-status', message: `HTTP ${status}`, status });
const good = { error: null, usage_is_running: true, retry_after_s: null } as Reply;
const failed = (error: RequestError, retry_after_s: number | null = null) =>
  ({ ...good, error, retry_after_s }) as Reply;

/** Answers in turn, the last one for ever; `asked` says for which of them running usage was asked. */
async function first(answers: Reply[], patience_s = 20, asksUsage = true) {
  const asked: boolean[] = [];
  const found = await firstReply({
    send: async (running) => answers[Math.min(asked.push(running) - 1, answers.length - 1)]!,
    patience_s,
    asksUsage,
  });
  return { ...found, asked };
}

test('a server that is loading or busy is waited for, for as long as it may be', async () => {
  const late = await first([failed(http(503)), failed(http(429)), good]);
  expect(late).toMatchObject({ reply: { error: null }, running: true, asked: [true, true, true] });
  expect(late.busy_s).toBeGreaterThan(0.4);
  const never = await first([failed(http(503))], 0.4);
  expect(never.reply.error).toEqual(http(503));
  expect(never.asked.length).toBeGreaterThan(1);
  // It asks for more time than there is: it is asked once more at the end of it.
  const begin = performance.now();
  expect((await first([failed(http(429), 3600)], 0.3)).asked.length).toBeLessThan(5);
  expect(performance.now() - begin).toBeLessThan(20_000);
});

test('anything else is told at once', async () => {
  for (const status of [401, 403, 404, 502]) {
    const { reply, asked } = await first([failed(http(status)), good]);
    expect(reply.error).toEqual(http(status));
    expect(asked).toHaveLength(1);
  }
});

test('a server that refuses running usage is asked without; one that does not send it is not asked again', async () => {
  for (const status of [400, 422, 500]) {
    const refused = await first([failed(http(status)), { ...good, usage_is_running: false }]);
    expect(refused).toMatchObject({ reply: { error: null }, running: false, asked: [true, false], busy_s: 0 });
  }
  expect(await first([{ ...good, usage_is_running: false }])).toMatchObject({ running: false, asked: [true] });
  expect(await first([good], 20, false)).toMatchObject({ running: false, asked: [false] });
  expect((await first([failed(http(400))])).reply.error).toEqual(http(400));
});

test('what address, key or server lack is a failure of the environment; what a server of its own refuses is unsupported', () => {
  const typeOf = (error: RequestError, isOwn = false) => new FailedRequests(1, error, isOwn).type;
  const connection = (code: string): RequestError => ({ type: 'connection', message: code, status: null, code });
  for (const status of [308, 400, 401, 403, 404, 422, 429, 503]) expect(typeOf(http(status))).toBe('environment');
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
    expect(typeOf(connection(code))).toBe('environment');
  expect(typeOf({ type: 'protocol', message: '<html>', status: null })).toBe('environment');
  expect(typeOf(http(400), true)).toBe('unsupported');
  expect(typeOf(http(401), true)).toBe('environment');
  for (const error of [
    http(500),
    connection('ECONNRESET'),
    { type: 'timeout', message: 'late', status: null } as const,
  ])
    expect(typeOf(error)).toBe('crash');
});

test('a failure says what to do next', () => {
  const message = (error: RequestError) => new FailedRequests(1, error, false).message;
  expect(message(http(401))).toBe(
    'the request failed (http-status): HTTP 401 — give the key by `api_key_env` or `header_env`',
  );
  expect(
    message({ type: 'connection', message: 'connect ECONNREFUSED', status: null, code: 'ECONNREFUSED' }),
  ).toContain('start the server, or correct `url`');
  expect(new FailedRequests(3, http(500), false).message).toBe(
    'all 3 requests failed; the first (http-status): HTTP 500',
  );
});

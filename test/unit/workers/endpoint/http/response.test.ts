import { expect, test } from 'vitest';
import { FramingError, responseReader } from '../../../../../workers/endpoint/src/http/response.ts';
import type { Head } from '../../../../../workers/endpoint/src/http/response.ts';

/** What a response is, fed in pieces of so many bytes. */
function read(text: string, size = text.length, isClosed = false) {
  const bytes = Buffer.from(text);
  const seen = { head: null as Head | null, ends: 0 };
  const parts: Buffer[] = [];
  const reader = responseReader({
    head: (head) => (seen.head = head),
    body: (fed, from, to) => parts.push(Buffer.from(fed.subarray(from, to))),
    end: () => (seen.ends += 1),
  });
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    // What is left in the buffer from an earlier read means nothing.
    reader.feed(Buffer.concat([piece, Buffer.from('5\r\nother\r\n')]), piece.length);
  }
  const isWhole = isClosed ? reader.close() : seen.ends === 1;
  return { ...seen, body: Buffer.concat(parts).toString(), isWhole, isReusable: reader.isReusable() };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

test.each([1, 2, 3, 7, 1000])('chunks, in pieces of %d bytes', (size) => {
  const seen = read(
    `${chunked}5\r\nhello\r\n1;name=value\r\n \r\n0A\r\nwörld 🌍\r\n0\r\n\r\n`.replace('0A', 'b'),
    size,
  );
  expect(seen).toMatchObject({ ends: 1, isReusable: true });
  expect(seen.head).toEqual({ status: 200, headers: { 'transfer-encoding': 'chunked' } });
  expect(seen.body).toBe('hello wörld 🌍');
});

test.each([1, 4, 1000])('a length, and headers of any case that come twice, in pieces of %d bytes', (size) => {
  const seen = read(`${OK}Content-LENGTH:5\r\nA: 1\r\na:  2 \r\nempty:\r\n\r\nhello`, size);
  expect(seen).toMatchObject({ body: 'hello', ends: 1, isReusable: true });
  expect(seen.head!.headers).toEqual({ 'content-length': '5', a: '1, 2', empty: '' });
});

test('a trailer, what comes before the response, and a status without a reason', () => {
  const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n';
  const seen = read(`${early}HTTP/1.1 200\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\nsum: 1\r\n\r\n`, 1);
  expect(seen).toMatchObject({ head: { status: 200 }, body: 'x', ends: 1, isReusable: true });
});

test('without a length the body ends with the connection, which is used no more', () => {
  expect(read(`${OK}\r\nhello`, 3)).toMatchObject({ body: 'hello', ends: 0, isWhole: false });
  expect(read(`${OK}\r\nhello`, 3, true)).toMatchObject({ body: 'hello', ends: 1, isWhole: true, isReusable: false });
  expect(read(`${chunked}5\r\nhel`, 3, true)).toMatchObject({ body: 'hel', ends: 0, isWhole: false });
  expect(read(`${OK}content-length: 9\r\n\r\nhel`, 3, true)).toMatchObject({ ends: 0, isWhole: false });
});

test('a connection is kept unless the server says otherwise; one of HTTP/1.0 only when it says so', () => {
  const of = (status: string, header: string) =>
    read(`${status} 200 OK\r\ncontent-length: 0\r\n${header}\r\n\r\n`).isReusable;
  expect(of('HTTP/1.1', 'x: y')).toBe(true);
  expect(of('HTTP/1.1', 'Connection: Close')).toBe(false);
  expect(of('HTTP/1.0', 'x: y')).toBe(false);
  expect(of('HTTP/1.0', 'connection: keep-alive')).toBe(true);
});

test('no body with 204 and 304', () => {
  for (const status of [204, 304]) expect(read(`HTTP/1.1 ${status} x\r\n\r\n`)).toMatchObject({ body: '', ends: 1 });
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9\r\n\r\n', 'no answer of HTTP/1.1: "SSH-2.0-OpenSSH_9"'],
  ['another version', 'HTTP/2 200\r\n\r\n', 'no answer of HTTP/1.1'],
  ['no header', `${OK}what\r\n\r\n`, 'no header: "what"'],
  ['no length', `${OK}content-length: 5, 5\r\n\r\nhello`, 'content-length'],
  ['no size', `${chunked}xyz\r\n`, 'the size of a chunk is no number'],
  ['an empty size', `${chunked}\r\n`, 'a chunk without a size'],
  ['a chunk beyond its size', `${chunked}1\r\nab\r\n`, 'a chunk is longer than its size'],
  ['bytes after the end', `${chunked}0\r\n\r\nHTTP`, 'bytes came after the end of the response'],
  ['headers without end', OK + 'a: b\r\n'.repeat(30_000), 'the headers have no end'],
])('%s is refused', (_what, text, message) => {
  for (const size of [1000, text.length]) {
    expect(() => read(text, size)).toThrow(FramingError);
    expect(() => read(text, size)).toThrow(message);
  }
});

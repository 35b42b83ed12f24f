import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface FileServer {
  /** Without a slash at its end. */
  url: string;
  /** What was asked for, in order. */
  requests: { path: string; range: string | null; authorization: string | null }[];
  /** By path. */
  files: Map<string, Buffer>;
  /** How it answers from now on. */
  set(behaviour: Behaviour): void;
  /** Stops listening, and breaks what is under way. */
  close(): void;
}

export interface Behaviour {
  /** Breaks each connection after so many bytes; as often as `breaks` says (the default: always). */
  breakAfter?: number;
  breaks?: number;
  /** Sends so many bytes, then waits a little, again and again. */
  pieces?: number;
  ignoreRange?: boolean;
  /** Answers this instead of a file. */
  status?: number;
  /** Sends everybody to the same path there. */
  redirect?: string;
  /** Says that a file has this many bytes fewer than it has, and leaves them out. */
  shorten?: number;
}

const PAUSE_MS = 50;

/** A real HTTP server of files that knows ranges. */
export async function serveFiles(files: Record<string, Buffer>): Promise<FileServer> {
  const served = new Map(Object.entries(files));
  const requests: FileServer['requests'] = [];
  let behaviour: Behaviour = {};

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent(request.url!);
    const { range = null, authorization = null } = request.headers;
    requests.push({ path, range, authorization });
    if (behaviour.redirect !== undefined) {
      response.writeHead(302, { location: `${behaviour.redirect}${request.url}` }).end();
      return;
    }
    const whole = served.get(path);
    if (behaviour.status !== undefined || whole === undefined) {
      response.writeHead(behaviour.status ?? 404).end();
      return;
    }
    const content = whole.subarray(0, whole.length - (behaviour.shorten ?? 0));
    const from = behaviour.ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (from > 0 && from >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    const part = content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': part.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    await send(response, part);
  };

  const send = async (response: ServerResponse, part: Buffer): Promise<void> => {
    const breaks = behaviour.breakAfter !== undefined && (behaviour.breaks ?? 1) > 0;
    if (breaks && behaviour.breaks !== undefined) behaviour.breaks -= 1;
    const end = breaks ? Math.min(part.length, behaviour.breakAfter!) : part.length;
    const piece = behaviour.pieces ?? end;
    for (let at = 0; at < end && !response.destroyed; at += piece) {
      response.write(part.subarray(at, Math.min(end, at + piece)));
      if (behaviour.pieces !== undefined || breaks) await sleep(PAUSE_MS);
    }
    if (breaks) response.destroy();
    else response.end();
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { url, requests, files: served, close, set: (next) => void (behaviour = next) };
}

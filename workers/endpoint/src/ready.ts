import { setTimeout as sleep } from 'node:timers/promises';
import { BUSY } from './failed.ts';
import type { Reply } from './stream.ts';

interface First {
  /** Sends the request; with `running` it asks for usage in every chunk. */
  send(running: boolean): Promise<Reply>;
  /** For how long the server may be loading or busy. */
  patience_s: number;
  /** Whether the request may ask for usage at all. */
  asksUsage: boolean;
}

export interface FirstReply {
  reply: Reply;
  /** The server counts along when it is asked to. */
  running: boolean;
  /** For how long it was loading or busy. */
  busy_s: number;
}

/**
 * Sends the first request until the server takes it: one that is still loading (503) or busy (429) is waited for. It
 * asks for running usage; a server that refuses that is asked again without.
 */
export async function firstReply({ send, patience_s, asksUsage }: First): Promise<FirstReply> {
  const begin = performance.now();
  const end = begin + patience_s * 1000;
  let busy_s = 0;
  const patiently = async (running: boolean): Promise<Reply> => {
    for (let pause_s = SHORTEST_PAUSE_S; ; pause_s = Math.min(2 * pause_s, LONGEST_PAUSE_S)) {
      const reply = await send(running);
      const left_s = (end - performance.now()) / 1000;
      if (!isBusy(reply) || left_s <= 0) return reply;
      await sleep(1000 * Math.min(left_s, Math.max(pause_s, reply.retry_after_s ?? 0)));
      busy_s = (performance.now() - begin) / 1000;
    }
  };
  if (!asksUsage) return { reply: await patiently(false), running: false, busy_s };
  const reply = await patiently(true);
  if (!mayBeRefused(reply)) return { reply, running: reply.usage_is_running, busy_s };
  const plain = await patiently(false);
  return { reply: plain, running: false, busy_s };
}

const SHORTEST_PAUSE_S = 0.25;
const LONGEST_PAUSE_S = 5;

const isBusy = ({ error }: Reply): boolean => error?.type === 'http-status' && BUSY.has(error.status ?? 0);

/** Whether what it asked for may be the reason: not an address, a key, or a server that isn't there. */
function mayBeRefused({ error }: Reply): boolean {
  if (error === null) return false;
  if (error.type === 'server') return true;
  return error.type === 'http-status' && !OTHER_REASONS.has(error.status!) && error.status! >= 400;
}

const OTHER_REASONS = new Set([401, 402, 403, 404, 405, 407, 408, 429, 502, 503, 504]);

// What runs in each thread of the client: it sends bodies and reads answers, and decides nothing.
import { parentPort, workerData } from 'node:worker_threads';
import { compact } from '../count.ts';
import { openPool } from '../http/pool.ts';
import { watchLag } from '../lag.ts';
import { streamRequest } from '../stream.ts';
import { offset_s, origin_ns } from './clock.ts';
import type { Beginning, FromThread, ToThread } from './messages.ts';

const { url, origin_ns: main_ns, ...rest } = workerData as Beginning;
const pool = openPool(new URL(url));
const target = { ...rest, url: new URL(url), pool };
const ahead_s = offset_s(origin_ns(), main_ns);
const breakers = new Map<number, AbortController>();
let stopWatching: ReturnType<typeof watchLag> | null = null;

const tell = (message: FromThread, moved: ArrayBuffer[] = []): void => parentPort!.postMessage(message, moved);

async function send({ id, body, isBreakable }: Extract<ToThread, { type: 'send' }>): Promise<void> {
  const breaker = isBreakable ? new AbortController() : null;
  if (breaker !== null) breakers.set(id, breaker);
  const reply = compact(await streamRequest(target, body, breaker?.signal), rest.keepsText);
  breakers.delete(id);
  const [keeps, connect_s] = [pool.keeps(), pool.connect_s()];
  reply.start_s += ahead_s;
  tell({ type: 'reply', id, reply, keeps, connect_s }, [reply.chunk_times_s.buffer as ArrayBuffer]);
}

parentPort!.on('message', (message: ToThread) => {
  if (message.type === 'send') void send(message);
  else if (message.type === 'break-off') breakers.get(message.id)?.abort();
  else if (message.type === 'keep-spare') pool.keepSpare(message.count);
  else if (message.type === 'watch') stopWatching = watchLag();
  else tell({ type: 'lag', lag: stopWatching!() });
});
tell({ type: 'ready' });

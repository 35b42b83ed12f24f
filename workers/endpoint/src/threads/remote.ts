import { WorkerError } from '../../../kits/node/index.ts';
import type { Lag } from '../lag.ts';
import type { Reply } from '../stream.ts';
import type { Beginning, FromThread, ToThread } from './messages.ts';
import { typescriptWorker } from './start.ts';

/** A thread of the client, as the main thread sees it. */
export interface Remote {
  /** Requests under way in it. */
  underWay(): number;
  /** Rejects when the thread ends. */
  send(body: string, signal?: AbortSignal): Promise<Reply>;
  keepSpare(count: number): void;
  keeps(): boolean;
  connect_s(): number | null;
  /** Watches its delays until the returned function is called, which rejects when the thread ends. */
  watchLag(): () => Promise<Lag>;
  end(): Promise<void>;
}

const THREAD = new URL('thread.ts', import.meta.url);

/**
 * Starts a thread, and waits until it is ready. `name` is for messages.
 * @throws WorkerError when it ends at once.
 */
export async function startThread(name: string, beginning: Beginning, module = THREAD): Promise<Remote> {
  const worker = typescriptWorker(module, { workerData: beginning, name });
  const replies = new Map<number, Waiting<Reply>>();
  let ready: Waiting<void> | null = null;
  let lag: Waiting<Lag> | null = null;
  let ended: WorkerError | null = null;
  let [sent, keeps, connect_s]: [number, boolean, number | null] = [0, false, null];
  const tell = (message: ToThread) => worker.postMessage(message, []);
  const begun = new Promise<void>((resolve, reject) => (ready = { resolve, reject }));
  const end = (why: string, cause?: unknown) => {
    ended ??= new WorkerError(`${name} ended: ${why}; the requests that it had under way are lost`, { cause });
    for (const waiting of [ready, lag, ...replies.values()]) waiting?.reject(ended);
    replies.clear();
  };
  worker.on('error', (error) => end(error instanceof Error ? error.message : String(error), error));
  worker.on('exit', (code) => end(`exit code ${code}`));
  worker.on('message', (message: FromThread) => {
    if (message.type === 'ready') return ready!.resolve();
    if (message.type === 'lag') return lag!.resolve(message.lag);
    const { id, reply } = message;
    ({ keeps, connect_s } = message);
    replies.get(id)!.resolve(reply);
    return replies.delete(id);
  });
  await begun;
  return {
    underWay: () => replies.size,
    async send(body, signal) {
      if (ended !== null) throw ended;
      const id = sent++;
      const breakOff = () => tell({ type: 'break-off', id });
      tell({ type: 'send', id, body, isBreakable: signal !== undefined });
      if (signal?.aborted) breakOff();
      signal?.addEventListener('abort', breakOff);
      try {
        return await new Promise<Reply>((resolve, reject) => replies.set(id, { resolve, reject }));
      } finally {
        signal?.removeEventListener('abort', breakOff);
      }
    },
    keepSpare: (count) => tell({ type: 'keep-spare', count }),
    keeps: () => keeps,
    connect_s: () => connect_s,
    watchLag() {
      tell({ type: 'watch' });
      return async () => {
        if (ended !== null) throw ended;
        const told = new Promise<Lag>((resolve, reject) => (lag = { resolve, reject }));
        tell({ type: 'watched' });
        return await told;
      };
    },
    async end() {
      await worker.terminate();
    },
  };
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

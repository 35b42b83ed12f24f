import type { Lag } from '../lag.ts';
import type { Reply, Target } from '../stream.ts';

/** What a thread is begun with. */
export interface Beginning extends Omit<Target, 'url' | 'pool'> {
  url: string;
  /** Of the main thread's clock: see `origin_ns`. */
  origin_ns: bigint;
}

export type ToThread =
  | { type: 'send'; id: number; body: string; isBreakable: boolean }
  | { type: 'break-off'; id: number }
  | { type: 'keep-spare'; count: number }
  | { type: 'watch' }
  | { type: 'watched' };

export type FromThread =
  | { type: 'ready' }
  | {
      type: 'reply';
      id: number;
      /** Its start on the main thread's clock. */
      reply: Reply;
      /** Of the thread's connections: see `Pool`. */
      keeps: boolean;
      connect_s: number | null;
    }
  | { type: 'lag'; lag: Lag };

import type { Pool } from './pool.ts';

/** What is left of a response whose answer is over, such as the end of its framing. */
export interface Rest {
  /** Called once it is over. */
  onOver: (() => void) | null;
  /** Waits no more. */
  close(): void;
}

const GRACE_MS = 20;
const DRAIN_MS = 1000;
const MOST_MISSES = 3;
const misses = new WeakMap<Pool, number>();

/**
 * Calls back when the rest of an answer that is over has come, so that its connection can serve the next request. A
 * server that leaves it open is not waited for, and after a few such answers not at all.
 */
export function whenOver(pool: Pool, rest: Rest, then: () => void): void {
  const begin = performance.now();
  const isHopeless = (misses.get(pool) ?? 0) >= MOST_MISSES;
  const missed = () => {
    misses.set(pool, (misses.get(pool) ?? 0) + 1);
    then();
  };
  // What came with the last event is handled before either of them.
  const [grace, turn] = isHopeless ? [null, setImmediate(then)] : [setTimeout(missed, GRACE_MS), null];
  const drain = setTimeout(() => rest.close(), DRAIN_MS).unref();
  rest.onOver = () => {
    if (grace) clearTimeout(grace);
    if (turn) clearImmediate(turn);
    clearTimeout(drain);
    if (performance.now() - begin < GRACE_MS) misses.delete(pool);
    then();
  };
}

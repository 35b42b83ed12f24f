import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Configuration } from './config.ts';
import type { Prompt } from './prompts.ts';

/** A request that only has to be sent. */
export interface Ready {
  prompt: Prompt;
  body: string;
}

export interface Stock {
  /** Makes requests until there were so many, as far as memory and the time for it allow. */
  fill(count: number, limit_s?: number): Promise<void>;
  /** The request of that index; made now if it isn't there. */
  take(index: number): Ready;
}

// The rest is made when it is sent.
const MOST_CHARACTERS = 256e6;
const TURN_MS = 20;

/** Requests that are made before they are measured: a long prompt takes milliseconds, which would be in others' times. */
export function stockOf(make: (index: number) => Ready): Stock {
  const ready = new Map<number, Ready>();
  let made = 0;
  let characters = 0;
  return {
    async fill(count, limit_s = Infinity) {
      const end = performance.now() + 1000 * limit_s;
      let turn = performance.now();
      for (; made < count && characters < MOST_CHARACTERS && turn < end; made += 1) {
        const one = make(made);
        ready.set(made, one);
        characters += one.body.length;
        if (performance.now() - turn < TURN_MS) continue;
        await nextTurn();
        turn = performance.now();
      }
    },
    take(index) {
      const one = ready.get(index) ?? make(index);
      ready.delete(index);
      return one;
    },
  };
}

/**
 * How many requests a series will have, a fifth more to be safe. `round_s`: how long as many as there are users took;
 * null when that isn't known yet.
 */
export function plannedRequests(
  { requests, min_s }: Configuration['measure'],
  load: Configuration['load'],
  round_s: number | null,
): number {
  const users = load.mode === 'closed' ? load.concurrency : 1;
  const per_s = load.mode === 'open' ? load.rate_per_s : round_s ? users / round_s : 0;
  return Math.max(requests, Math.ceil(1.2 * min_s * per_s)) + users;
}

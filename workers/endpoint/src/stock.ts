import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Workload } from './client.ts';
import type { Configuration } from './config.ts';
import type { Content } from './contents.ts';
import type { Reply } from './stream.ts';
import type { Prompt } from './prompts.ts';

/** What is kept of a prompt: the number of its tokens, or itself where nobody has counted it yet. */
export interface PromptKept extends Omit<Content, 'prompt'> {
  prompt: Prompt | { tokens: number | null };
}

/** A request that only has to be sent. */
export interface Ready extends PromptKept {
  body: string;
}

export interface Stock {
  /** Makes requests until there were so many, as far as memory and the time for it allow. */
  fill(count: number, limit_s?: number): Promise<void>;
  /** The request of that index; made now if it isn't there. */
  take(index: number, user?: number): Ready;
  /** Is told the answer to what a user sent last, where the next request depends on it. */
  heard?(user: number, reply: Reply): void;
}

// The rest is made when it is sent.
const MOST_CHARACTERS = 256e6;
const TURN_MS = 20;

/**
 * Requests that are made before they are measured: a long prompt takes milliseconds, which would be in others' times. `count`
 * counts the tokens of a prompt, which then needs no memory.
 */
export function stockOf(make: (index: number) => Ready, count: (prompt: Prompt) => number | null): Stock {
  const ready = new Map<number, Ready>();
  let made = 0;
  let characters = 0;
  const counted = (one: Ready): Ready =>
    typeof one.prompt === 'object' && 'tokens' in one.prompt ? one : { ...one, prompt: { tokens: count(one.prompt) } };
  return {
    async fill(wanted, limit_s = Infinity) {
      const end = performance.now() + 1000 * limit_s;
      let turn = performance.now();
      for (; made < wanted && characters < MOST_CHARACTERS && turn < end; made += 1) {
        const one = counted(make(made));
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
      // Counting ids takes no time, texts are counted afterwards.
      return hasIds(one.prompt) ? counted(one) : one;
    },
  };
}

const hasIds = (prompt: Ready['prompt']): boolean =>
  Array.isArray(prompt) || (typeof prompt === 'object' && 'inputs' in prompt && prompt.inputs.every(Array.isArray));

/**
 * How many requests a series will have, those that keep the load for the last ones included. `round_s`: how long as many as there
 * are users took; null when that isn't known yet.
 */
export function plannedRequests(
  { requests, min_s }: Pick<Configuration['measure'], 'requests' | 'min_s'>,
  { load, trace }: Pick<Workload, 'load' | 'trace'>,
  round_s: number | null,
): number {
  if (load.mode === 'replay') return trace.length;
  const users = load.mode === 'closed' ? load.concurrency : 1 + Math.ceil(load.rate_per_s * (round_s ?? 0));
  const think_s = load.mode === 'closed' ? (load.think_s ?? 0) : 0;
  const per_s = load.mode === 'open' ? load.rate_per_s : round_s ? users / (round_s + think_s) : 0;
  return Math.max(requests, Math.ceil(1.2 * min_s * per_s)) + users;
}

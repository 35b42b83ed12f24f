import { setMaxListeners } from 'node:events';
import { clock_s } from '../../../kits/node/inference/time.ts';
import { stoppedBy } from '../../../kits/node/inference/index.ts';
import type { MeasureRules } from '../../../kits/node/inference/index.ts';
import type { PromptKept } from '../stock.ts';
import type { Reply } from '../stream.ts';
import type { Window } from './window.ts';

export interface Answered extends PromptKept {
  reply: Reply;
}

/** A request that was sent. */
export interface Sent extends Answered {
  /** When it was due; null in a closed loop. */
  scheduled_s: number | null;
  /** For how long it was due and not sent, because as many as allowed were under way. */
  waited_s: number;
}

export type StoppedBy = 'enough' | 'max_s' | 'overloaded';

export interface LoopResult {
  /** In order of their start. */
  sent: Sent[];
  stopped_by: StoppedBy;
  /** From the first measured one until no more were started. */
  issuing_s: number;
  window: Window;
  /** Requests that brought the load up before the first measured one was started. */
  settling: Sent[];
  /** When settling began, on the clock of the requests. */
  settling_from_s: number;
  /** How many kept the load for the last measured ones, and were broken off. */
  tail_requests: number;
}

export interface Loop {
  rules: { requests: number; min_s: number; max_s: number };
  /** Sends the measured request of that index, of a user of a closed loop; `signal` breaks off one that only keeps the load. */
  send(index: number, signal?: AbortSignal, user?: number): Promise<Answered>;
  /** Sends the unmeasured request of that index. */
  settle(index: number, user?: number): Promise<Answered>;
  /** After every measured request: how many are done. */
  onDone(done: number): void;
  /** Further requests keep the load until the last measured one has ended. */
  keepsLoad: boolean;
}

// A server that refuses at once must not be asked thousands of times.
export const PAUSE_AFTER_AN_ERROR_MS = 500;

export const byStart = (sent: Sent[]): Sent[] => sent.toSorted((a, b) => a.reply.start_s - b.reply.start_s);

/** Follows the measured requests: how many are under way, whether there are enough, when the last one has ended. */
export function watchOf({ rules, onDone }: Pick<Loop, 'rules' | 'onDone'>) {
  const { requests: iterations, min_s, max_s } = rules;
  const limits: MeasureRules = { iterations, min_s, max_s, memory_iterations: 0 };
  const tail = new AbortController();
  // One for each user who pauses.
  setMaxListeners(0, tail.signal);
  const tailRequests: AbortController[] = [];
  const breakOff = () => {
    for (const one of [tail, ...tailRequests]) one.abort();
  };
  let begin_ms: number | null = null;
  const elapsed_s = () => (begin_ms === null ? 0 : (performance.now() - begin_ms) / 1000);
  const counts = { started: 0, done: 0, tail: 0 };
  let ended: { stopped_by: StoppedBy; issuing_s: number; over_s: number } | null = null;
  const isDone = () => ended !== null && counts.done === counts.started;
  const end = (stopped_by: StoppedBy) => {
    ended ??= { stopped_by, issuing_s: elapsed_s(), over_s: clock_s() };
    if (isDone()) breakOff();
  };
  return {
    /** Tells when all measured ones are done. */
    signal: tail.signal,
    /** The next request that keeps the load. Its signal is its own: each listener of a shared one is compared with all the others. */
    nextOfTail(): { index: number; signal: AbortSignal } {
      const own = new AbortController();
      tailRequests.push(own);
      return { index: counts.started + counts.tail++, signal: own.signal };
    },
    /** Measuring begins with the first call, so that settling takes none of its time. */
    begin: () => (begin_ms ??= performance.now()),
    isOver(): boolean {
      begin_ms ??= performance.now();
      const stopped_by = ended === null ? stoppedBy(limits, counts.started, elapsed_s()) : null;
      if (stopped_by !== null) end(stopped_by);
      return ended !== null;
    },
    end,
    isDone,
    counts,
    done(): void {
      onDone((counts.done += 1));
      if (isDone()) breakOff();
    },
    verdict: () => ended ?? { stopped_by: 'max_s' as const, issuing_s: elapsed_s(), over_s: clock_s() },
  };
}

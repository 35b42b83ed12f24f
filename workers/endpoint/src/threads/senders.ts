import { setFlagsFromString } from 'node:v8';
import { openPool } from '../http/pool.ts';
import type { Pool } from '../http/pool.ts';
import { watchCpu, watchLag, worstOf } from '../lag.ts';
import type { ClientLag } from '../lag.ts';
import { streamRequest } from '../stream.ts';
import type { Reply, Target } from '../stream.ts';
import { origin_ns } from './clock.ts';
import { startThread } from './remote.ts';
import type { Remote } from './remote.ts';

// Each thread collects garbage alone: with helpers it would wait for them while a server beside it has their cores.
setFlagsFromString('--no-parallel-scavenge');

/** What sends requests and reads their answers: the main thread, or several others. */
export interface Sender {
  /** Rejects only when a thread of the client ends. `signal` breaks it off. */
  send(body: string, signal?: AbortSignal): Promise<Reply>;
  connections: Pick<Pool, 'keepSpare' | 'keeps' | 'connect_s'>;
  /** Watches the client's delays until the returned function is called. */
  watchLag(): () => Promise<ClientLag>;
}

export interface Senders {
  /** Those of the main thread. */
  main: Sender;
  /** With so many threads; with 1 the main one does all itself. Threads that are there already are used. */
  of(threads: number): Promise<Sender>;
  end(): Promise<void>;
}

export function openSenders(target: Omit<Target, 'pool'>): Senders {
  const pool = openPool(target.url);
  const mainTarget = { ...target, pool };
  const started: Promise<Remote>[] = [];
  const beginning = { ...target, url: target.url.href, origin_ns: origin_ns() };
  const main: Sender = {
    send: (body, signal) => streamRequest(mainTarget, body, signal),
    connections: pool,
    watchLag() {
      const [stop, stopCpu] = [watchLag(), watchCpu()];
      return async () => worstOf(stop(), [], stopCpu());
    },
  };
  return {
    main,
    async of(threads) {
      if (threads === 1) return main;
      for (let number = started.length + 1; number <= threads; number += 1)
        started.push(startThread(`thread ${number} of the client`, beginning));
      return shared(await Promise.all(started.slice(0, threads)));
    },
    async end() {
      pool.destroy();
      for (const one of await Promise.allSettled(started)) if (one.status === 'fulfilled') await one.value.end();
    },
  };
}

/** The main thread keeps the schedule and counts; each request goes to the thread that has the fewest under way. */
export function shared(threads: readonly Remote[]): Sender {
  return {
    // The first of several: so none ever has more connections than it needs.
    send: (body, signal) =>
      threads.reduce((least, one) => (one.underWay() < least.underWay() ? one : least)).send(body, signal),
    connections: {
      keepSpare: (count) => threads.forEach((one) => one.keepSpare(Math.ceil(count / threads.length))),
      keeps: () => threads.some((one) => one.keeps()),
      connect_s: () => threads.map((one) => one.connect_s()).find((connect_s) => connect_s !== null) ?? null,
    },
    watchLag() {
      const stops = threads.map((one) => one.watchLag());
      const [stopMain, stopCpu] = [watchLag(), watchCpu()];
      return async () => {
        const [main, cpu_share] = [stopMain(), stopCpu()];
        return worstOf(main, await Promise.all(stops.map((stop) => stop())), cpu_share);
      };
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Workload } from './client.ts';
import { compact, promptTokens } from './count.ts';
import { bodyOf } from './body.ts';
import { closedLoop } from './load/closed.ts';
import type { Answered, Loop, LoopResult } from './load/loop.ts';
import { openLoop } from './load/open.ts';
import { overloadOf } from './load/overload.ts';
import { rateOf } from './load/rate.ts';
import { fewestSettling, scheduleOf } from './load/schedule.ts';
import { makeRequest } from './client.ts';
import type { ContentSource } from './contents.ts';
import { plannedRequests, stockOf } from './stock.ts';
import type { Stock } from './stock.ts';
import { scriptOf } from './turns/script.ts';
import { talksOf } from './turns/talks.ts';
import { settlingStock } from './warmup.ts';

// A server that answers in a millisecond is asked for more than can be made before.
const LONGEST_PREPARATION_S = 2;

/** The measured requests of a workload; as many as are certainly needed are made at once. */
export async function measuredStock(client: Client, workload: Workload, contents: ContentSource): Promise<Stock> {
  const { turns } = client.configuration;
  const { configuration, usage } = client;
  const stock =
    turns !== null
      ? talksOf({
          script: scriptOf(client, workload, { turns, contents }),
          turns,
          write: (prompt, asked) => bodyOf(configuration, prompt, asked, usage.running),
        })
      : stockOf(
          (iteration) => makeRequest(client, workload, contents, { pass: 'generate', iteration }),
          (prompt) => promptTokens(prompt, client.tokenizer),
        );
  await stock.fill(plannedRequests(configuration.measure, workload, null));
  return stock;
}

/** Makes what is still needed of a series, and returns what sends it. `rounds_s`: durations of the rounds of its warm-up. */
export async function prepareSeries(
  client: Client,
  workload: Workload,
  { stock, contents }: { stock: Stock; contents: ContentSource },
  rounds_s: readonly number[],
): Promise<() => Promise<LoopResult>> {
  const { configuration, seed } = client;
  const { measure, settle, stop_when } = configuration;
  const { load } = workload;
  const request_s = rounds_s.at(-1) ?? client.first_s;
  await stock.fill(plannedRequests(measure, workload, request_s), LONGEST_PREPARATION_S);
  if (load.mode === 'closed') {
    // A single user brings the load up at once.
    const settling = load.concurrency === 1 && settle.min_s === 0 ? 0 : settle.requests_per_user;
    const count = settling * load.concurrency;
    // A conversation goes on from settling to measuring.
    const settles = stock.heard
      ? stock
      : await settlingStock(client, workload, contents, { rounds: rounds_s.length, count });
    const { concurrency, think_s = 0, ramp_s: spread_s = request_s } = load;
    const users = { concurrency, think_s, settling, settle_s: settle.min_s, spread_s };
    return () => closedLoop(users, loopOf(client, stock, settles));
  }
  const schedule = () => scheduleOf(workload, { seed, min_s: settle.min_s, request_s, max_s: measure.max_s });
  const count = fewestSettling(schedule());
  const settles = await settlingStock(client, workload, contents, { rounds: rounds_s.length, count });
  const cv = load.mode === 'open' ? (load.arrival_cv ?? 1) : 1;
  const overload = stop_when === null ? null : overloadOf(stop_when.overloaded_s, cv);
  return async () => {
    client.connections.keepSpare(spareOf(client, rateOf(workload)));
    const result = await openLoop(schedule(), loopOf(client, stock, settles), overload);
    client.connections.keepSpare(0);
    return result;
  };
}

const FEWEST_SPARE = 2;
const MOST_SPARE = 256;
/** Times that opening a connection takes; bursts ask for several at once. */
const SPARE_TIMES = 4;

/**
 * Connections to have in store, so that a request need not open its own while more and more are under way. None where the server
 * closes each after its answer: it may serve few at once, and one that waits would take another's place.
 */
function spareOf({ connections }: Client, rate_per_s: number | null): number {
  if (!connections.keeps()) return 0;
  const needed = SPARE_TIMES * (rate_per_s ?? 0) * (connections.connect_s() ?? 0);
  return Math.min(MOST_SPARE, FEWEST_SPARE + Math.ceil(needed));
}

function loopOf({ configuration, events, send, tokenizer }: Client, stock: Stock, settles: Stock): Loop {
  const { requests, min_s, max_s, tail } = configuration.measure;
  const sendOne = async (from: Stock, index: number, user = 0, signal?: AbortSignal): Promise<Answered> => {
    const { body, ...one } = from.take(index, user);
    const reply = await send(body, signal);
    from.heard?.(user, reply);
    // A server that answers with nothing at once must not be asked thousands of times.
    if (reply.error === null && reply.chunk_times_s.length === 0 && reply.embeddings === null)
      await sleep(PAUSE_AFTER_NOTHING_MS);
    return { ...one, reply: compact(reply, tokenizer !== null) };
  };
  return {
    rules: { requests, min_s, max_s },
    send: (index, signal, user) => sendOne(stock, index, user, signal),
    settle: (index, user) => sendOne(settles, index, user),
    onDone: occasionally((done) => events.progress(done, Math.max(done, requests), 'requests')),
    keepsLoad: tail === 'keep-load',
  };
}

// Writing an event takes time that a busy client doesn't have.
function occasionally(report: (done: number) => void): (done: number) => void {
  let next = 0;
  return (done) => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_PERIOD_MS;
    report(done);
  };
}

const PAUSE_AFTER_NOTHING_MS = 500;
const PROGRESS_PERIOD_MS = 1000;

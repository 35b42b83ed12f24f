import { setTimeout as sleep } from 'node:timers/promises';
import { warmupVerdict } from '../../kits/node/inference/index.ts';
import { round } from '../../kits/node/inference/time.ts';
import type { Events } from '../../kits/node/index.ts';
import type { Configuration } from './config.ts';
import { bodyOf } from './body.ts';
import { countsByWay, recordOf } from './count.ts';
import { counted } from './counters.ts';
import type { CacheCounters } from './counters.ts';
import { watchLag } from './lag.ts';
import { closedLoop, openLoop } from './loops.ts';
import type { Loop, LoopResult, Settle } from './loops.ts';
import type { PromptKey, PromptSource } from './prompts.ts';
import { plannedRequests, stockOf } from './stock.ts';
import type { Ready, Stock } from './stock.ts';
import type { Reply } from './stream.ts';
import type { Tokenizer } from './tokenizer.ts';
import { FailedRequests } from './failed.ts';
import { warnAbout } from './findings.ts';
import { firstReply } from './ready.ts';

/** One workload as it is measured. */
export interface Workload {
  /** Its place in the configuration. */
  index: number;
  prompt_tokens: number;
  new_tokens: number;
  load: Configuration['load'];
}

export interface Client {
  configuration: Configuration;
  /** Of the arrivals: the same in each experiment of a repetition. */
  seed: number;
  /** Of the prompts: of this attempt alone. */
  salt: number;
  tokenizer: Tokenizer | null;
  /** Whether the server counts along when it is asked to: known after the first call. */
  usage: { running: boolean };
  events: Events;
  /** Sends a body; rejects only when the server that this worker started is gone. */
  send(body: string): Promise<Reply>;
  /** What the server counts of its cache. Never rejects. */
  counters(): Promise<CacheCounters | null>;
  /** Rejects when that server is gone before the work is done. */
  whileAlive<T>(work: Promise<T>): Promise<T>;
}

/** Workloads as written; what an entry leaves out comes from the top level. */
export function workloadsOf({ workloads, prompt_tokens, new_tokens, load }: Configuration): Workload[] {
  return (workloads ?? [{}]).map((entry, index) => ({ index, prompt_tokens, new_tokens, load, ...entry }));
}

/** Sends one request outside of any series, for so long as the server may be loading or busy; rejects when it fails. */
export async function firstCall(
  client: Client,
  workload: Workload,
  prompts: PromptSource,
  patience_s: number,
): Promise<{ reply: Reply; busy_s: number }> {
  const { configuration, usage, send } = client;
  const { reply, running, busy_s } = await firstReply({
    send: (asked) => {
      usage.running = asked;
      return send(makeRequest(client, workload, prompts, { pass: 'first-call', iteration: 0 }).body);
    },
    patience_s,
    asksUsage: !configuration.body.omit.includes('stream_options'),
  });
  usage.running = running;
  await unlessDead(client, [reply]);
  if (reply.error) throw new FailedRequests(1, reply.error, configuration.server !== null);
  return { reply, busy_s };
}

/** Warms up and measures; the workload's part of the payload. `order` is its turn, from 0. */
export async function measureWorkload(client: Client, workload: Workload, prompts: PromptSource, order: number) {
  const { tokenizer, events } = client;
  const { load, prompt_tokens, new_tokens } = workload;
  const { length, measure, server } = client.configuration;
  events.phase('warming-up');
  const stock = stockOf((iteration) => makeRequest(client, workload, prompts, { pass: 'generate', iteration }));
  await stock.fill(plannedRequests(measure, load, null));
  const warmup = await warmUp(client, workload, prompts);
  await stock.fill(plannedRequests(measure, load, warmup.samples_s.at(-1) ?? null));
  const settle = settleOf(client, workload, prompts, warmup.samples_s);

  events.phase('measuring');
  const before = await client.counters();
  const stopWatching = watchLag();
  const result = await runLoop(client, workload, stock, settle);
  const lag = stopWatching();
  const cache = counted(before, await client.counters());
  const { sent, stopped_by, issuing_s, window, settling } = result;
  await unlessDead(
    client,
    sent.map(({ reply }) => reply),
  );
  if (sent.every(({ reply }) => reply.error !== null))
    throw new FailedRequests(sent.length, sent[0]!.reply.error!, server !== null);

  const requests = sent.map((it) => recordOf(it, tokenizer, { new_tokens, length }));
  warnAbout(events, { workload, requests, lag, cache });
  return {
    mode: load.mode === 'closed' ? ('closed-loop' as const) : ('open-loop' as const),
    concurrency: load.mode === 'closed' ? load.concurrency : null,
    rate_per_s: load.mode === 'open' ? load.rate_per_s : null,
    order,
    prompt_tokens,
    new_tokens,
    length,
    warmup,
    stopped_by,
    issuing_s: round(issuing_s),
    window,
    token_count: countsByWay(requests),
    settling: settling.map((it) => recordOf(it, tokenizer, { new_tokens, length })),
    requests,
    server_cache: cache,
    client: lag,
  };
}

/** Rejects when the server that this worker started is gone: before that shows, its connections break. */
async function unlessDead({ whileAlive }: Client, replies: Reply[]): Promise<void> {
  if (replies.some(({ error }) => error?.type === 'connection')) await whileAlive(sleep(200));
}

/** A request of a pass: the one of an iteration, or one of its `sequences`. */
function makeRequest(
  { configuration, salt, usage }: Client,
  { index, new_tokens }: Workload,
  prompts: PromptSource,
  place: Pick<PromptKey, 'pass' | 'iteration'> & Partial<PromptKey>,
): Ready {
  const prompt = prompts({ sequence: 0, sequences: 1, ...place, seed: salt, workload: index });
  return { prompt, body: bodyOf(configuration, prompt, new_tokens, usage.running) };
}

/** After the last round of the warm-up, whose requests ended together: a single user needs none. */
function settleOf(
  client: Client,
  workload: Workload,
  prompts: PromptSource,
  rounds_s: readonly number[],
): Settle | undefined {
  const { load } = workload;
  if (load.mode === 'open' || load.concurrency === 1) return undefined;
  const place = { pass: 'warm-up', iteration: rounds_s.length, sequences: load.concurrency } as const;
  const ready = Array.from({ length: load.concurrency }, (_, sequence) =>
    makeRequest(client, workload, prompts, { ...place, sequence }),
  );
  return {
    spread_s: rounds_s.at(-1) ?? 0,
    async send(user) {
      const { prompt, body } = ready[user]!;
      return { prompt, reply: await client.send(body) };
    },
  };
}

async function runLoop(
  { configuration, seed, events, send }: Client,
  { index: workload, load }: Workload,
  stock: Stock,
  settle: Settle | undefined,
): Promise<LoopResult> {
  const rules = configuration.measure;
  const loop: Loop = {
    rules,
    async send(iteration) {
      const { prompt, body } = stock.take(iteration);
      const reply = await send(body);
      // A server that answers with nothing at once must not be asked thousands of times.
      if (reply.error === null && reply.chunks.length === 0) await sleep(PAUSE_AFTER_NOTHING_MS);
      return { prompt, reply };
    },
    ...(settle && { settle }),
    onDone: occasionally((done) => events.progress(done, Math.max(done, rules.requests), 'requests')),
  };
  return load.mode === 'closed'
    ? closedLoop(load.concurrency, loop)
    : openLoop(load.rate_per_s, { seed, workload }, loop);
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

/** Rounds of as many requests as will be under way at once; in an open loop that isn't known, so it is one. */
async function warmUp(client: Client, workload: Workload, prompts: PromptSource) {
  const { configuration, send } = client;
  const { load } = workload;
  const users = load.mode === 'closed' ? load.concurrency : 1;
  const samples_s: number[] = [];
  const begin = performance.now();
  for (;;) {
    const verdict = warmupVerdict(configuration.warmup, samples_s, (performance.now() - begin) / 1000);
    if (verdict.stop) {
      const { converged, cv } = verdict;
      return { samples_s: samples_s.map(round), converged, target_cv: configuration.warmup.target_cv, cv };
    }
    const place = { pass: 'warm-up', iteration: samples_s.length, sequences: users } as const;
    const bodies = Array.from(
      { length: users },
      (_, sequence) => makeRequest(client, workload, prompts, { ...place, sequence }).body,
    );
    const started = performance.now();
    const replies = await Promise.all(bodies.map((body) => send(body)));
    samples_s.push((performance.now() - started) / 1000);
    const errors = replies.flatMap(({ error }) => error ?? []);
    if (errors.length < users) continue;
    await unlessDead(client, replies);
    throw new FailedRequests(users, errors[0]!, configuration.server !== null);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { round } from '../../kits/node/inference/time.ts';
import { makeRequest, unlessDead } from './client.ts';
import type { Client, Workload } from './client.ts';
import { countsByWay, recordOf } from './count.ts';
import { counted } from './counters.ts';
import { FailedRequests } from './failed.ts';
import { warnAbout } from './findings.ts';
import { watchLag } from './lag.ts';
import { closedLoop, openLoop } from './loops.ts';
import type { Loop, LoopResult, Settle } from './loops.ts';
import type { PromptSource } from './prompts.ts';
import { firstReply } from './ready.ts';
import { plannedRequests, stockOf } from './stock.ts';
import type { Stock } from './stock.ts';
import type { Reply } from './stream.ts';
import { settleOf, warmUp } from './warmup.ts';

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
  await stock.fill(plannedRequests(measure, load, warmup.samples_s.at(-1) ?? null), LONGEST_PREPARATION_S);
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

// A server that answers in a millisecond is asked for more than can be made before.
const LONGEST_PREPARATION_S = 2;

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

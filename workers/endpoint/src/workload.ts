import { round } from '../../kits/node/inference/time.ts';
import { cachedTokens, isFresh } from './cached.ts';
import { makeRequest, unlessDead } from './client.ts';
import type { Client, Workload } from './client.ts';
import { inputsOf } from './config.ts';
import { countsByWay, recordOf } from './count.ts';
import { describedDataset, describedLoad } from './described.ts';
import { FailedRequests } from './failed.ts';
import { warnAbout } from './findings.ts';
import type { ContentSource } from './contents.ts';
import { sharedTokens } from './prefix.ts';
import { firstReply } from './ready.ts';
import { measuredStock, prepareSeries } from './run.ts';
import type { Reply } from './stream.ts';
import { templateTokens } from './template.ts';
import { warmUp } from './warmup.ts';
import { speculationProblem } from './watch/speculation.ts';
import { cacheOf } from './watch/watch.ts';

/** Sends one request outside of any series, for so long as the server may be loading or busy; rejects when it fails. */
export async function firstCall(
  client: Client,
  workload: Workload,
  contents: ContentSource,
  patience_s: number,
): Promise<{ reply: Reply; busy_s: number }> {
  const { configuration, usage, send } = client;
  const { reply, running, busy_s } = await firstReply({
    send: (asked) => {
      usage.running = asked;
      return send(makeRequest(client, workload, contents, { pass: 'first-call', iteration: 0 }).body);
    },
    patience_s,
    asksUsage: !USES_UNASKED.has(configuration.api) && !configuration.body.omit.includes('stream_options'),
  });
  usage.running = running;
  await unlessDead(client, [reply]);
  client.first_s = reply.end_s ?? 0;
  if (reply.error) throw new FailedRequests(1, reply.error, configuration.server !== null);
  return { reply, busy_s };
}

/** APIs whose responses have the usage at their end, unasked. */
const USES_UNASKED: ReadonlySet<string> = new Set(['responses', 'embeddings']);

/** Warms up and measures; the workload's part of the payload. `order` is its turn, from 0. */
export async function measureWorkload(client: Client, workload: Workload, contents: ContentSource, order: number) {
  const { tokenizer, events } = client;
  const inputs = inputsOf(client.configuration);
  const { length, server } = client.configuration;
  events.phase('warming-up');
  const stock = await measuredStock(client, workload, contents);
  const { warmup, sent: warming } = await warmUp(client, workload, contents);
  const series = await prepareSeries(client, workload, { stock, contents }, warmup.samples_s);

  events.phase('measuring');
  const stopAsking = await client.watch();
  const stopWatching = client.watchLag();
  const result = await series();
  const lag = await stopWatching();
  const { server_metrics, gpu } = await stopAsking();
  const { sent, stopped_by, issuing_s, window, settling, settling_from_s, tail_requests } = result;
  await unlessDead(
    client,
    sent.map(({ reply }) => reply),
  );
  if (sent.every(({ reply }) => reply.error !== null))
    throw new FailedRequests(sent.length, sent[0]!.reply.error!, server !== null);

  const shared = sharedTokens(client.prefixes, [...warming, ...settling], sent);
  const requests = sent.map((it, index) => ({
    ...recordOf(it, tokenizer, length),
    ...(client.prefixes && { shared_tokens: shared[index]! }),
    ...(it.shared_tokens !== undefined && { shared_tokens: it.shared_tokens }),
  }));
  const cache = cacheOf(server_metrics);
  const template_tokens = isFresh(cachedTokens(requests, cache, 0)) ? 0 : await templateTokens(client, workload);
  warnAbout(events, { workload, requests, lag, cache, template_tokens });
  const speculation = hasRandomPrompts(client, workload) ? speculationProblem(server_metrics) : null;
  if (speculation !== null)
    events.warning('speculation-on-random-prompts', `workload ${workload.index}: ${speculation}`);
  return {
    ...describedLoad(workload, inputs),
    order,
    ...(client.configuration.prefix && { prefix: client.configuration.prefix }),
    ...(client.configuration.turns && { turns: client.configuration.turns }),
    ...(workload.dataset && { dataset: describedDataset(workload.dataset) }),
    length,
    warmup,
    stopped_by,
    issuing_s: round(issuing_s),
    window,
    token_count: countsByWay(requests),
    settling: settling.map((it) => recordOf(it, tokenizer, length)),
    settling_from_s: round(settling_from_s),
    tail_requests,
    requests,
    server_metrics,
    gpu,
    client: lag,
  };
}

const hasRandomPrompts = ({ configuration }: Client, { dataset, trace }: Workload): boolean =>
  configuration.prompts === null && dataset === null && trace.every(({ prompt }) => prompt === null);

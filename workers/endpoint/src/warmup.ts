import { warmupVerdict } from '../../kits/node/inference/index.ts';
import { round } from '../../kits/node/inference/time.ts';
import { makeRequest, unlessDead } from './client.ts';
import type { Client, Workload } from './client.ts';
import { FailedRequests } from './failed.ts';
import { promptTokens } from './count.ts';
import type { ContentSource } from './contents.ts';
import { stockOf } from './stock.ts';
import type { Stock } from './stock.ts';

/** Rounds of as many requests as will be under way at once; in an open loop that isn't known, so it is one. */
export async function warmUp(client: Client, workload: Workload, contents: ContentSource) {
  const { configuration, send } = client;
  const { load, dataset } = workload;
  // Rounds of different texts never become alike.
  const rules = dataset === null ? configuration.warmup : { ...configuration.warmup, target_cv: null };
  const users = load.mode === 'closed' ? load.concurrency : 1;
  const samples_s: number[] = [];
  const sent: { prefix: number | null }[] = [];
  const begin = performance.now();
  for (;;) {
    const verdict = warmupVerdict(rules, samples_s, (performance.now() - begin) / 1000);
    if (verdict.stop) {
      const { converged, cv } = verdict;
      const warmup = { samples_s: samples_s.map(round), converged, target_cv: rules.target_cv, cv };
      return { warmup, sent };
    }
    const place = { pass: 'warm-up', iteration: samples_s.length, sequences: users } as const;
    const requests = Array.from({ length: users }, (_, sequence) =>
      makeRequest(client, workload, contents, { ...place, sequence }),
    );
    sent.push(...requests.map(({ prefix = null }) => ({ prefix })));
    const started = performance.now();
    const replies = await Promise.all(requests.map(({ body }) => send(body)));
    samples_s.push((performance.now() - started) / 1000);
    const errors = replies.flatMap(({ error }) => error ?? []);
    if (errors.length < users) continue;
    await unlessDead(client, replies);
    throw new FailedRequests(users, errors[0]!, configuration.server !== null);
  }
}

/** Unmeasured requests that bring the load up, after so many rounds of the warm-up; the first `count` are made at once. */
export async function settlingStock(
  client: Client,
  workload: Workload,
  contents: ContentSource,
  { rounds, count }: { rounds: number; count: number },
): Promise<Stock> {
  const sequences = workload.load.mode === 'closed' ? workload.load.concurrency : 1;
  const stock = stockOf(
    (index) => {
      const [round, sequence] = [Math.floor(index / sequences), index % sequences];
      return makeRequest(client, workload, contents, {
        pass: 'warm-up',
        iteration: rounds + round,
        sequences,
        sequence,
        settling: index,
      });
    },
    (prompt) => promptTokens(prompt, client.tokenizer),
  );
  await stock.fill(count);
  return stock;
}

import { warmupVerdict } from '../../kits/node/inference/index.ts';
import { round } from '../../kits/node/inference/time.ts';
import { makeRequest, unlessDead } from './client.ts';
import type { Client, Workload } from './client.ts';
import { FailedRequests } from './failed.ts';
import type { Settle } from './loops.ts';
import type { PromptSource } from './prompts.ts';

/** Rounds of as many requests as will be under way at once; in an open loop that isn't known, so it is one. */
export async function warmUp(client: Client, workload: Workload, prompts: PromptSource) {
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

/** After the last round of the warm-up, whose requests ended together: a single user needs none. */
export function settleOf(
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

import { run } from '../../kits/node/index.ts';
import type { Outcome, Run } from '../../kits/node/index.ts';
import { workloadOrder } from '../../kits/node/inference/index.ts';
import type { Configuration } from './config.ts';
import { addressOf, headersOf } from './body.ts';
import { round } from '../../kits/node/inference/time.ts';
import { payloadOf } from './payload.ts';
import { drawSalt, promptSource } from './prompts.ts';
import { warnOfAnother } from './findings.ts';
import { identify } from './identify.ts';
import { startServer } from './server.ts';
import type { Server } from './server.ts';
import { openAgent, streamRequest } from './stream.ts';
import { openTokenizer } from './tokenizer.ts';
import { firstCall, measureWorkload, workloadsOf } from './workload.ts';
import type { Client } from './workload.ts';

await run(measure);

async function measure({ request, events, directory, closing }: Run): Promise<Outcome> {
  const configuration = request.configuration as unknown as Configuration;
  const { api, timeout_s } = configuration;
  events.phase('importing');
  const headers = headersOf(configuration);
  const tokenizer = configuration.tokenizer === null ? null : openTokenizer(configuration.tokenizer);
  const workloads = workloadsOf(configuration);
  const prompts = workloads.map(({ index, prompt_tokens }) =>
    promptSource(configuration, tokenizer, prompt_tokens, (message) =>
      events.warning('prompts-repeat', `workload ${index}: ${message}`),
    ),
  );
  const order = workloadOrder(request.seed, workloads.length);

  events.phase('loading');
  const server = await serverOf(configuration, directory);
  closing.push(() => server?.stop());
  const url = addressOf(server?.url ?? configuration.url!, api);
  const target = { url, headers, agent: openAgent(url), timeout_s };
  closing.push(() => target.agent.destroy());
  const whileAlive = <T>(work: Promise<T>) => server?.whileAlive(work) ?? work;
  const send = (body: string) => whileAlive(streamRequest(target, body));
  const salt = drawSalt();
  const client: Client = { configuration, seed: request.seed, salt, tokenizer, events, send, whileAlive };
  const engine = await identify(url, configuration.model, headers);

  events.phase('first-call');
  const first = order[0]!;
  const reply = await firstCall(client, workloads[first]!, prompts[first]!);
  const measured = new Map<number, Awaited<ReturnType<typeof measureWorkload>>>();
  for (const [turn, index] of order.entries())
    measured.set(index, await measureWorkload(client, workloads[index]!, prompts[index]!, turn));
  warnOfAnother(events, engine, await identify(url, configuration.model, headers));

  const payload = payloadOf({
    configuration,
    engine,
    url,
    first: reply,
    salt,
    ready_s: server === null ? null : round(server.ready_s),
    workloads: workloads.map(({ index }) => measured.get(index)!),
  });
  return { kind: 'llm-inference', payload };
}

async function serverOf({ server, url }: Configuration, directory: string): Promise<Server | null> {
  return server === null ? null : startServer(server, url, directory);
}

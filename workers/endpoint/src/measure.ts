import { run } from '../../kits/node/index.ts';
import type { Outcome, Run } from '../../kits/node/index.ts';
import { workloadOrder } from '../../kits/node/inference/index.ts';
import { refuseWithoutArrival } from './load/schedule.ts';
import { skipsAfter } from './load/ladder.ts';
import { workloadsOf } from './client.ts';
import type { Client, Workload } from './client.ts';
import { inputsOf, readConfiguration } from './config.ts';
import type { Configuration } from './config.ts';
import { addressOf, headersOf, refuseRenamed, secretsOf } from './body.ts';
import { round } from '../../kits/node/inference/time.ts';
import { differences, refuseAnother } from './expect.ts';
import { payloadOf } from './payload.ts';
import { contentsOf } from './contents.ts';
import { prefixesOf } from './prefix.ts';
import { refuseTurns } from './turns/script.ts';
import { drawSalt, promptSource } from './prompts.ts';
import { warnOfAnother } from './findings.ts';
import { redacted, redactor } from './redact.ts';
import { withSideFiles } from './side-files.ts';
import { refuseLongerThan } from './limit.ts';
import { startServer } from './server.ts';
import type { Access, Server } from './server.ts';
import { threadsFor } from './threads/count.ts';
import { openSenders } from './threads/senders.ts';
import type { Sender } from './threads/senders.ts';
import { openTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { lookAt, unwatched } from './watch/look.ts';
import { firstCall, measureWorkload } from './workload.ts';

await run(withoutSecrets);

/** Neither its result nor its failure has the value of a secret in it. */
async function withoutSecrets(task: Run): Promise<Outcome> {
  const { configuration } = readConfiguration(task.request.configuration);
  const secrets = secretsOf(configuration);
  const redact = redactor(secrets);
  try {
    const { kind, payload } = await measure(task);
    const shown = secrets.length === 0 ? payload : redacted(payload, redact);
    return { kind, ...(await withSideFiles(task.directory, shown)) };
  } catch (error) {
    for (let one = error; one instanceof Error; one = one.cause) {
      one.message = redact(one.message);
      one.stack = redact(one.stack ?? '');
    }
    throw error;
  }
}

async function measure({ request, events, directory, closing }: Run) {
  const { configuration, expected } = readConfiguration(request.configuration);
  const { api, timeout_s } = configuration;
  events.phase('importing');
  const headers = headersOf(configuration);
  const secrets = secretsOf(configuration);
  const tokenizer = configuration.tokenizer === null ? null : openTokenizer(configuration.tokenizer);
  const workloads = workloadsOf(configuration, request.seed, tokenizer);
  for (const workload of workloads) refuseWithoutArrival(workload, request.seed, configuration.measure.max_s);
  const { prefixes, contents } = prepare({ configuration, workloads, tokenizer }, request.seed, events);
  const seeded = workloadOrder(request.seed, workloads.length);
  const order = configuration.order === 'seeded' ? seeded : [...workloads.keys()];

  events.phase('loading');
  const server = await serverOf(configuration, directory, { headers: withoutMedia(headers), secrets });
  closing.push(() => server?.stop());
  const url = addressOf(server?.url ?? configuration.url!, api);
  const keepsText = tokenizer !== null || configuration.turns?.history === 'server';
  const target = { url, headers, secrets, timeout_s, keepsText, ...(api === 'embeddings' && { answers: api }) };
  const senders = openSenders(target);
  closing.push(() => senders.end());
  const whileAlive = <T>(work: Promise<T>) => server?.whileAlive(work) ?? work;
  const whileServed = ({ send, ...rest }: Sender): Sender => ({
    ...rest,
    send: (body, signal) => whileAlive(send(body, signal)),
  });
  const usage = { running: false };
  const salt = drawSalt();
  const client: Client = {
    configuration,
    seed: request.seed,
    salt,
    prefixes,
    tokenizer,
    usage,
    first_s: 0,
    events,
    ...whileServed(senders.main),
    watch: unwatched,
    whileAlive,
  };

  events.phase('first-call');
  const first = order[0]!;
  const patience_s = server?.readyLeft_s() ?? configuration.ready_timeout_s;
  const look = () => lookAt(configuration, url, { headers: withoutMedia(headers), secrets });
  const lookForLimit = async () => {
    const seen = await look();
    const { identity } = seen;
    // What another server takes is no matter of this study.
    if (differences(expected, identity).length === 0)
      for (const workload of workloads) refuseLongerThan(identity.told, workload, server !== null);
    return seen;
  };
  await lookForLimit();
  const { reply, busy_s } = await firstCall(client, workloads[first]!, contents[first]!, patience_s).catch(
    async (error: unknown) => {
      const { identity } = await lookForLimit();
      if (Object.keys(identity.told).length > 0) refuseAnother(expected, identity);
      throw error;
    },
  );
  // One that is still loading doesn't know what it is.
  const { identity: engine, watch } = await lookForLimit();
  refuseAnother(expected, engine);
  client.watch = watch;
  const measured = new Map<number, Awaited<ReturnType<typeof measureWorkload>>>();
  const skipped = skipsAfter(inputsOf(configuration));
  for (const index of order) {
    const workload = workloads[index]!;
    if (skipped.skips(workload)) continue;
    const sender = whileServed(await senders.of(threadsFor(workload, configuration.client_threads)));
    const result = await measureWorkload({ ...client, ...sender }, workload, contents[index]!, measured.size);
    measured.set(index, result);
    if (result.stopped_by === 'overloaded') skipped.overloaded(workload);
  }
  warnOfAnother(events, engine, (await look()).identity);

  const payload = payloadOf({
    configuration,
    engine,
    url,
    first: reply,
    salt,
    ready_s: server === null ? null : round(server.ready_s + busy_s),
    usage,
    workloads: workloads.flatMap(({ index }) => measured.get(index) ?? []),
    skipped: skipped.all,
  });
  return { kind: 'llm-inference', payload };
}

interface Asking {
  configuration: Configuration;
  workloads: readonly Workload[];
  tokenizer: Tokenizer | null;
}

/** What the requests of each workload will contain; refuses what can't be made or asked. */
function prepare({ configuration, workloads, tokenizer }: Asking, seed: number, events: Run['events']) {
  refuseRenamed(configuration);
  refuseTurns(configuration, workloads);
  const prefixes = prefixesOf(configuration, workloads, seed);
  const contents = workloads.map((workload) => {
    const repeats = (message: string) => events.warning('prompts-repeat', `workload ${workload.index}: ${message}`);
    const sourceOf = (tokens: number) => promptSource(configuration, tokenizer, tokens, repeats);
    const { api } = configuration;
    const making = { prefixes, isChat: api === 'chat', tokenizer, sourceOf, repeats };
    return contentsOf(workload, making, inputsOf(configuration));
  });
  return { prefixes, contents };
}

/** What a request says of its body and its answer is no matter of a look at the server. */
function withoutMedia({ 'content-type': _type, accept: _accept, ...headers }: Record<string, string>) {
  return headers;
}

async function serverOf({ server, url }: Configuration, directory: string, access: Access): Promise<Server | null> {
  return server === null ? null : startServer(server, url, directory, access);
}

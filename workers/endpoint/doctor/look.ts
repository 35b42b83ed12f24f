import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { modelsPathOf, rootOf } from '../src/ask.ts';
import type { Access } from '../src/ask.ts';
import { addressOf, headersOf, secretsOf } from '../src/body.ts';
import { readConfiguration } from '../src/config.ts';
import type { Configuration, Expected } from '../src/config.ts';
import { readDataset, readPrompts } from '../../kits/node/dataset/index.ts';
import { workloadsOf } from '../src/client.ts';
import type { Workload } from '../src/client.ts';
import { differences } from '../src/expect.ts';
import type { Identity } from '../src/identify.ts';
import { lengthsOf } from '../src/lengths.ts';
import { lengthProblem, limitIn } from '../src/limit.ts';
import { readTrace } from '../src/load/trace.ts';
import { maskOf } from '../src/mask.ts';
import { limitTexts } from '../src/texts.ts';
import { openTokenizer } from '../src/tokenizer.ts';
import type { Tokenizer } from '../src/tokenizer.ts';
import { lookAt } from '../src/watch/look.ts';

/** One thing that was looked at. */
export interface Item {
  item: string;
  state: 'ok' | 'warning' | 'fails' | 'unknown';
  message: string;
  next: string | null;
}

/** The settings that `worker.json` names for `doctor`. */
type Asked = Pick<
  Configuration,
  | 'url'
  | 'server'
  | 'model'
  | 'api'
  | 'headers'
  | 'header_env'
  | 'api_key_env'
  | 'tokenizer'
  | 'telemetry'
  | 'dataset'
  | 'prompts'
  | 'prompt_tokens'
  | 'new_tokens'
  | 'turns'
  | 'load'
  | 'workloads'
>;

const PATIENCE_MS = 5000;
const SAMPLE = 'The quick brown fox jumps over 13 lazy dogs — naïve café, 東京.';

/**
 * What of a measurement can be known before it: its server, model, tokenizer and files of texts. Asks the server for nothing that
 * it would have to compute. `handed`: as nx-study hands it over, those settings that `worker.json` names for `doctor`.
 */
export async function look(handed: unknown): Promise<Item[]> {
  let asked: Asked;
  let expected: Expected;
  try {
    ({ configuration: asked, expected } = readConfiguration(handed));
  } catch (error) {
    return [item('server', 'fails', (error as Error).message, 'Give `server.command`, or take out what only it uses.')];
  }
  let headers: Record<string, string>;
  let secrets: string[];
  try {
    [headers, secrets] = [headersOf(asked), secretsOf(asked)];
  } catch (error) {
    return [item('server', 'fails', (error as Error).message, 'Correct the headers, or set the variable.')];
  }
  const mask = maskOf(secrets);
  const { 'content-type': _type, accept: _accept, ...plain } = headers;
  const server = asked.server === null ? await askedServer(asked, plain) : [startedServer(asked.server.command[0])];
  const identity = server[0]!.state === 'ok' ? await identityItems(asked, expected, { headers: plain, secrets }) : [];
  const tokenizer = asked.tokenizer === null ? [] : [await tokenizerItem(asked, plain)];
  return [...server, ...identity, ...tokenizer, ...lengthItems(asked), ...textItems(asked)].map((one) => ({
    ...one,
    message: mask(one.message),
  }));
}

function item(name: string, state: Item['state'], message: string, next: string | null = null): Item {
  return { item: name, state, message, next };
}

/** A server that each measurement starts itself. */
function startedServer(program: string): Item {
  if (program.includes('{')) return item('server', 'unknown', `each measurement starts ${program}`);
  const found = isAbsolute(program)
    ? isExecutable(program)
    : (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
  return found
    ? item('server', 'ok', `each measurement starts ${program}, which is there`)
    : item(
        'server',
        'fails',
        `each measurement starts ${program}, and there is no such program`,
        'Install it, or correct `server.command`.',
      );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

interface Seen {
  status: number;
  body: unknown;
}

/** The list of models says that the server is there, takes the key, and has the model. */
async function askedServer({ url, api, model }: Asked, headers: Record<string, string>): Promise<Item[]> {
  const address = addressOf(url!, api);
  address.pathname = modelsPathOf(address);
  const where = `${address.origin}${address.pathname}`;
  const seen = await fetched(address, { headers });
  if (typeof seen === 'string')
    return [item('server', 'fails', `${where} does not answer: ${seen}`, 'Start the server, or correct `url`.')];
  const { status, body } = seen;
  if (status === 401 || status === 403)
    return [
      item('server', 'fails', `${where} refuses the key: HTTP ${status}`, 'Correct `api_key_env` or `header_env`.'),
    ];
  if (status === 503 || status === 429)
    return [item('server', 'warning', `${where} is loading or busy: HTTP ${status}`, 'Look again when it is ready.')];
  const ids = idsIn(body);
  if (status !== 200 || ids === null)
    return [item('server', 'unknown', `${where} answers (HTTP ${status}), and lists no models`)];
  return [item('server', 'ok', `${where} answers`), modelItem(model, ids)];
}

/** Whether a server that runs already is the one that the study expects, and takes requests as long as it will get. */
async function identityItems(asked: Asked, expected: Expected, access: Access): Promise<Item[]> {
  if (asked.server !== null) return [];
  const { identity } = await lookAt(asked, addressOf(asked.url!, asked.api), access);
  return [...expectedItems(expected, identity), ...limitItems(asked, identity)];
}

function expectedItems(expected: Expected, identity: Identity): Item[] {
  if (Object.keys(expected).length === 0) return [];
  const problems = differences(expected, identity);
  return problems.length === 0
    ? [item('server', 'ok', 'it is the one that server.expect names')]
    : [
        item(
          'server',
          'fails',
          `the server is not the expected one: ${problems.join('; ')}`,
          'Ask the right server, or change `server.expect`.',
        ),
      ];
}

/** Whether the longest request fits; nothing where the server does not say what it takes, or other items say what is wrong. */
function limitItems(asked: Asked, { told }: Identity): Item[] {
  const limit = limitIn(told);
  const workloads = limit === null ? null : knownWorkloads(asked);
  if (limit === null || workloads === null) return [];
  const problems = workloads.flatMap((workload) => lengthProblem(told, workload) ?? []);
  if (problems.length > 0) return problems.map((problem) => item('lengths', 'fails', problem, NEXT_OF_LENGTHS));
  const longest = workloads.map(({ longest_tokens }) => longest_tokens);
  if (longest.includes(null))
    return [
      item('lengths', 'unknown', `the server takes ${limit.tokens} tokens; how long requests become is not known`),
    ];
  const tokens = Math.max(...longest.map(Number));
  const kept = `the longest request has ${tokens} tokens, and the server takes ${limit.tokens}`;
  return [item('lengths', 'ok', asked.api === 'chat' ? `${kept}; a chat template comes on top` : kept)];
}

const NEXT_OF_LENGTHS = `L${limitTexts.shorter.slice(1)}.`;

function knownWorkloads(asked: Asked): Workload[] | null {
  try {
    return workloadsOf(asked, ANY_SEED, readableTokenizer(asked.tokenizer));
  } catch {
    return null;
  }
}

function readableTokenizer(setting: Asked['tokenizer']): Tokenizer | null {
  try {
    return setting === null ? null : openTokenizer(setting);
  } catch {
    return null;
  }
}

/** Of lengths and the order of entries: the longest request has the same length with each. */
const ANY_SEED = 1;

/** Whether lengths can be drawn; nothing where they can. */
function lengthItems({ api, prompt_tokens, new_tokens, workloads }: Asked): Item[] {
  const problems = [{ prompt_tokens, new_tokens }, ...(workloads ?? [])].flatMap((one) =>
    (['prompt_tokens', 'new_tokens'] as const).flatMap((setting) => {
      const asked = one[setting];
      if (asked === undefined || (setting === 'new_tokens' && api === 'embeddings')) return [];
      try {
        lengthsOf(setting, asked, ANY_SEED);
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    }),
  );
  return [...new Set(problems)].map((problem) => item('lengths', 'fails', problem, 'Correct the lengths.'));
}

/** Whether the files of texts and traces can be read, and have the right form. */
function textItems({ api, dataset, prompts, load, workloads }: Asked): Item[] {
  const traces = [load, ...(workloads ?? []).map((one) => one.load)].flatMap((one) =>
    one?.mode === 'replay' ? [one.file] : [],
  );
  return [
    ...(dataset === null
      ? []
      : [fileItem('dataset', dataset.file, () => `${readDataset(dataset.file, dataset.form).entries.length} entries`)]),
    ...(prompts === null ? [] : [fileItem('prompts', prompts, () => `${readPrompts(prompts).length} lines`)]),
    ...[...new Set(traces)].map((file) => fileItem('trace', file, () => `${readTrace(file, api).length} requests`)),
  ];
}

function fileItem(name: string, path: string, countOf: () => string): Item {
  try {
    return item(name, 'ok', `${path} has ${countOf()}`);
  } catch (error) {
    return item(name, 'fails', (error as Error).message, 'Correct the file, or name another one.');
  }
}

function modelItem(model: string, ids: readonly string[]): Item {
  if (ids.includes(model)) return item('model', 'ok', `the server has ${model}`);
  const has = `the server lists ${ids.length === 0 ? 'no model' : ids.slice(0, 6).join(', ')}, and not ${model}`;
  // Servers of a single model often take any name.
  return ids.length === 1
    ? item('model', 'warning', has, 'Some servers of one model take any name; write its own in `model`.')
    : item('model', 'fails', has, 'Correct `model`, or load it there.');
}

function idsIn(body: unknown): string[] | null {
  const data = (body as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return null;
  return data.map((one: { id?: unknown } | null) => String(one?.id));
}

/** Whether the tokenizer can be read, and counts as the server does, where that has a page for it. */
async function tokenizerItem(
  { tokenizer, url, api, model, server }: Asked,
  headers: Record<string, string>,
): Promise<Item> {
  const path = typeof tokenizer === 'string' ? tokenizer : tokenizer!.asset;
  if (!existsSync(path)) return item('tokenizer', 'unknown', `${path} is not on this machine yet`);
  let ids: number[];
  try {
    ids = openTokenizer(tokenizer!).encode(SAMPLE);
  } catch (error) {
    return item('tokenizer', 'fails', (error as Error).message, 'Name a tokenizer.json of the model.');
  }
  if (server !== null) return item('tokenizer', 'ok', `${path} can be read; each measurement starts its server`);
  const theirs = await tokensOf(addressOf(url!, api), { model, headers });
  if (theirs === null)
    return item('tokenizer', 'unknown', `${path} can be read; the server has no page that counts tokens`);
  return theirs.length === ids.length && theirs.every((id, index) => id === ids[index])
    ? item('tokenizer', 'ok', `${path} makes the same tokens as the server`)
    : item(
        'tokenizer',
        'warning',
        `${path} makes ${ids.length} tokens of a sentence, the server ${theirs.length} others`,
        'Name the tokenizer of the model that the server has.',
      );
}

/** The ids of a sentence by the server: vLLM and llama-server have such a page. */
async function tokensOf(url: URL, { model, headers }: { model: string; headers: Record<string, string> }) {
  const address = new URL('tokenize', rootOf(url));
  address.search = url.search;
  const body = JSON.stringify({
    model,
    prompt: SAMPLE,
    content: SAMPLE,
    add_special_tokens: false,
    add_special: false,
  });
  const sent = { ...headers, 'content-type': 'application/json' };
  const seen = await fetched(address, { method: 'POST', headers: sent, body });
  const tokens =
    typeof seen === 'string' || seen.status !== 200 ? null : (seen.body as { tokens?: unknown } | null)?.tokens;
  return Array.isArray(tokens) && tokens.every((id) => Number.isInteger(id)) ? (tokens as number[]) : null;
}

/** The answer, or why there is none. A redirect is not followed, for the headers have secrets. */
async function fetched(address: URL, request: RequestInit): Promise<Seen | string> {
  try {
    const response = await fetch(address, { ...request, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { modelsPathOf, rootOf } from '../src/ask.ts';
import type { Access } from '../src/ask.ts';
import { addressOf, headersOf, secretsOf } from '../src/body.ts';
import { readConfiguration } from '../src/config.ts';
import type { Configuration, Expected } from '../src/config.ts';
import { readDataset, textOf } from '../../kits/node/dataset/index.ts';
import type { Entries } from '../../kits/node/dataset/index.ts';
import { refuseAnother } from '../src/expect.ts';
import { readTrace } from '../src/load/trace.ts';
import { maskOf } from '../src/mask.ts';
import { openTokenizer } from '../src/tokenizer.ts';
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
  const identity = server[0]!.state === 'ok' ? await expectedItems(asked, expected, { headers: plain, secrets }) : [];
  const tokenizer = asked.tokenizer === null ? [] : [await tokenizerItem(asked, plain)];
  return [...server, ...identity, ...tokenizer, ...textItems(asked)].map((one) => ({
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

/** Whether a server that runs already is the one that the study expects. */
async function expectedItems(asked: Asked, expected: Expected, access: Access): Promise<Item[]> {
  if (asked.server !== null || Object.keys(expected).length === 0) return [];
  const { identity } = await lookAt(asked, addressOf(asked.url!, asked.api), access);
  try {
    refuseAnother(expected, identity);
  } catch (error) {
    return [item('server', 'fails', (error as Error).message, 'Ask the right server, or change `server.expect`.')];
  }
  return [item('server', 'ok', 'it is the one that server.expect names')];
}

/** Whether the files of texts and traces can be read, and have the right form. */
function textItems({ dataset, prompts, load, workloads }: Asked): Item[] {
  const traces = [load, ...(workloads ?? []).map((one) => one.load)].flatMap((one) =>
    one?.mode === 'replay' ? [one.file] : [],
  );
  return [
    ...(dataset === null
      ? []
      : [fileItem('dataset', dataset.file, () => entries(readDataset(dataset.file, dataset.form)))]),
    ...(prompts === null ? [] : [fileItem('prompts', prompts, () => filledLines(textOf(prompts, 'prompts')))]),
    ...[...new Set(traces)].map((file) => fileItem('trace', file, () => `${readTrace(file).length} requests`)),
  ];
}

function fileItem(name: string, path: string, countOf: () => string): Item {
  try {
    return item(name, 'ok', `${path} has ${countOf()}`);
  } catch (error) {
    return item(name, 'fails', (error as Error).message, 'Correct the file, or name another one.');
  }
}

const entries = (read: Entries): string => `${read.entries.length} entries`;

function filledLines(text: string): string {
  const count = text.split(/\r?\n/).filter((line) => line.trim() !== '').length;
  if (count === 0) throw new Error('prompts: the file has no prompts');
  return `${count} lines`;
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

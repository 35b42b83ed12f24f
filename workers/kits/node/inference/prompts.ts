import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { beforeAnswer, readDataset, readPrompts, shuffled, takenTurns } from '../dataset/index.ts';
import type { Entry, Form, Message } from '../dataset/index.ts';
import { Unsupported, WorkerError } from '../errors.ts';
import { InputProblem } from '../problem.ts';
import type { Engine } from './engine.ts';
import type { Workload } from './workloads.ts';

export type Pass = 'first-call' | 'warm-up' | 'generate' | 'prefill' | 'memory' | 'energy';

/** The prompts of one call, one for each sequence: of exact length, and of no other call. */
export type Prompts = (workload: Workload, pass: Pass, iteration: number) => number[][];

const IDS_A_BLOCK = 8;

/** Prompts of random ids out of `allowed`. */
export function randomPrompts(seed: number, allowed: readonly number[]): Prompts {
  if (allowed.length === 0) throw new WorkerError('the engine allows no token id in a prompt: allowedIds() is empty');
  return ({ index, batchSize, promptTokens }, pass, iteration) =>
    Array.from({ length: batchSize }, (_, sequence) =>
      promptIds(allowed, promptTokens, { seed, workload: index, pass, iteration, sequence }),
    );
}

/** What a prompt's ids depend on; `workload`: its place in the configuration. */
export interface PromptKey {
  seed: number;
  workload: number;
  pass: Pass;
  iteration: number;
  sequence: number;
}

/** Block b is the SHA-256 of `seed/workload/pass/iteration/sequence/b`, read as eight big-endian integers. */
export function promptIds(allowed: readonly number[], length: number, key: PromptKey): number[] {
  const { seed, workload, pass, iteration, sequence } = key;
  const ids: number[] = [];
  for (let block = 0; ids.length < length; block += 1) {
    const hash = createHash('sha256').update(`${seed}/${workload}/${pass}/${iteration}/${sequence}/${block}`).digest();
    for (let at = 0; at < IDS_A_BLOCK && ids.length < length; at += 1)
      ids.push(allowed[hash.readUInt32BE(4 * at) % allowed.length]!);
  }
  return ids;
}

/**
 * Prompts from the lines of a file in order, in each pass from the first, cut to the workload's length. `repeats` is
 * told once when a pass has more sequences than the file has lines.
 */
export function promptsOfFile(
  path: string,
  encode: (text: string) => readonly number[],
  longest: number,
  repeats: (message: string) => void,
): Prompts {
  const lines = readPrompts(path).map(({ text, place }) => {
    const ids = [...encode(text)];
    if (ids.length >= longest) return Uint32Array.from(ids.slice(0, longest));
    const message = `it has ${ids.length} tokens, and prompt_tokens asks for ${longest}: lengthen the line or ask for fewer`;
    throw new InputProblem(message, place);
  });
  return inTurn(path, lines, repeats);
}

/** The setting `dataset`. */
export interface DatasetSetting {
  file: string;
  form: Form;
  order: 'as-written' | 'seeded';
}

/** What reads a dataset, and is told of it: warnings, with their codes. */
interface Reading {
  engine: Pick<Engine, 'name' | 'encode' | 'chatText'>;
  /** Draws a seeded order. */
  seed: number;
  longest: number;
  warn(code: string, message: string): void;
}

/**
 * Prompts from the entries of a dataset, taken as lines of a file are; shorter ones are repeated to the length. Conversations are
 * written by the model's chat template.
 */
export function promptsOfDataset({ file, form, order }: DatasetSetting, reading: Reading): Prompts {
  const { seed, longest, warn } = reading;
  const { entries, skipped } = readDataset(file, form);
  const name = basename(file);
  const ordered = order === 'seeded' ? shuffled(entries, seed) : entries;
  // Each entry once, however long prompts are: memory is measured beside them.
  const encoded = ordered.map((entry) => Uint32Array.from(idsOf(entry, form, reading).slice(0, longest)));
  if (skipped > 0) warn('dataset-skipped', `${name}: no user says anything in ${skipped} entries; they are left out`);
  const short = encoded.filter(({ length }) => length < longest).length;
  if (short > 0)
    warn(
      'prompts-lengthened',
      `${name}: ${short} of ${encoded.length} entries have fewer than ${longest} tokens, and are repeated to that length`,
    );
  return inTurn(name, encoded, (message) => warn('prompts-repeat', message));
}

function idsOf({ place, turns }: Entry, form: Form, { engine }: Reading): readonly number[] {
  const messages = beforeAnswer(takenTurns(form, turns));
  try {
    const ids = encoderOf(engine)(form === 'prompt' ? messages[0]!.content : chatTextOf(engine, messages));
    if (ids.length === 0) throw new Unsupported('the tokenizer makes no token of it');
    return ids;
  } catch (cause) {
    if (!(cause instanceof Unsupported)) throw cause;
    throw new InputProblem(cause.message, place, { cause });
  }
}

/** @throws Unsupported for an engine that reads no text. */
export function encoderOf(engine: Pick<Engine, 'name' | 'encode'>): (text: string) => number[] {
  if (engine.encode) return engine.encode.bind(engine);
  throw new Unsupported(
    `${engine.name} can't read prompts from a file: leave out the settings \`prompts\` and \`dataset\``,
  );
}

function chatTextOf(engine: Pick<Engine, 'name' | 'chatText'>, messages: readonly Message[]): string {
  if (engine.chatText) return engine.chatText(messages);
  throw new Unsupported(`${engine.name} can't write conversations: set \`form: prompt\``);
}

function inTurn(name: string, lines: readonly ArrayLike<number>[], repeats: (message: string) => void): Prompts {
  let told = false;
  return ({ batchSize, promptTokens }, pass, iteration) => {
    if (!told && (iteration + 1) * batchSize > lines.length) {
      told = true;
      repeats(`${name} has ${lines.length} prompts, and the pass ${pass} uses them more than once`);
    }
    return promptLines(lines.length, batchSize, iteration).map((line) => repeated(lines[line]!, promptTokens));
  };
}

const repeated = (ids: ArrayLike<number>, length: number): number[] =>
  Array.from({ length }, (_, at) => ids[at % ids.length]!);

/** Which lines a call uses; after the last comes the first again. */
export const promptLines = (lines: number, batchSize: number, iteration: number): number[] =>
  Array.from({ length: batchSize }, (_, sequence) => (iteration * batchSize + sequence) % lines);

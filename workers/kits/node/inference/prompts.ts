import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Unsupported, WorkerError } from '../errors.ts';
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
  const lines = numberedLines(path).map(({ number, text }) => {
    const ids = [...encode(text)];
    if (ids.length >= longest) return ids;
    throw new Unsupported(
      `${path}:${number}: ${ids.length} tokens, and prompt_tokens asks for ${longest}; ` +
        'lengthen the line or ask for fewer',
    );
  });
  if (lines.length === 0) throw new Unsupported(`${path}: no prompt in it; write one a line`);
  let told = false;
  return ({ batchSize, promptTokens }, pass, iteration) => {
    if (!told && (iteration + 1) * batchSize > lines.length) {
      told = true;
      repeats(`${path} has ${lines.length} prompts, and the pass ${pass} uses them more than once`);
    }
    return promptLines(lines.length, batchSize, iteration).map((line) => lines[line]!.slice(0, promptTokens));
  };
}

/** Which lines a call uses; after the last comes the first again. */
export const promptLines = (lines: number, batchSize: number, iteration: number): number[] =>
  Array.from({ length: batchSize }, (_, sequence) => (iteration * batchSize + sequence) % lines);

function numberedLines(path: string): { number: number; text: string }[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    throw new Unsupported(`${path}: not a readable text of prompts (${String(cause)})`, { cause });
  }
  return text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.replace(/\r$/, '') }))
    .filter(({ text }) => text.trim() !== '');
}

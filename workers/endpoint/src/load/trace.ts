import { basename } from 'node:path';
import { Unsupported } from '../../../kits/node/index.ts';
import { messagesOf, textOf } from '../../../kits/node/dataset/index.ts';
import type { Message } from '../../../kits/node/dataset/index.ts';

/** One arrival of a trace. */
export interface TraceLine {
  /** After the beginning of the trace. */
  at_s: number;
  /** null: as long as `prompt` is. */
  prompt_tokens: number | null;
  new_tokens: number;
  /** Text or messages; null: random, of `prompt_tokens`. */
  prompt: string | { messages: Message[] } | null;
}

/**
 * Reads a trace: JSON lines `{at_s, prompt_tokens, new_tokens}`, `{at_s, prompt, new_tokens}` or `{at_s, messages, new_tokens}`, in order of time.
 *
 * @throws Unsupported with the line that isn't one.
 */
export function readTrace(path: string): TraceLine[] {
  const lines = textOf(path, 'load.file')
    .split(/\r?\n/)
    .flatMap((text, index) => (text.trim() === '' ? [] : [{ text, place: `${basename(path)}, line ${index + 1}` }]));
  if (lines.length === 0) throw new Unsupported(`load.file: ${basename(path)} has no lines`);
  let before_s = 0;
  return lines.map(({ text, place }) => {
    const line = lineOf(text, place);
    if (line.at_s < before_s)
      throw new Unsupported(`load.file: ${place}: at_s ${line.at_s} comes after ${before_s}: sort the lines by time`);
    before_s = line.at_s;
    return line;
  });
}

function lineOf(text: string, place: string): TraceLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Unsupported(`load.file: ${place} is no JSON (${(error as Error).message}): one object in each line`);
  }
  const {
    at_s,
    prompt_tokens = null,
    new_tokens,
    prompt = null,
    messages = null,
    ...others
  } = Object(value) as Record<string, unknown>;
  const refuse = (what: string, found: unknown, expected: string): never => {
    throw new Unsupported(
      `load.file: ${place}: ${what} is ${JSON.stringify(found) ?? 'missing'}; it must be ${expected}`,
    );
  };
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw new Unsupported(
      `load.file: ${place} has "${other}"; known are at_s, prompt_tokens, new_tokens, prompt and messages`,
    );
  if (typeof at_s !== 'number' || !(at_s >= 0) || at_s > LONGEST_S) return refuse('at_s', at_s, 'seconds, from 0 on');
  if (!isCount(new_tokens)) return refuse('new_tokens', new_tokens, 'a whole number from 1 on');
  if (prompt !== null && (typeof prompt !== 'string' || prompt === '')) return refuse('prompt', prompt, 'a text');
  const [one, other_one] = Object.entries({ prompt, prompt_tokens, messages }).flatMap(([name, own]) =>
    own === null ? [] : [name],
  );
  if (other_one !== undefined)
    throw new Unsupported(`load.file: ${place} has both ${one} and ${other_one}: leave one of them out`);
  if (messages !== null)
    return { at_s, prompt_tokens: null, new_tokens, prompt: { messages: messagesOf(messages, place) } };
  if (prompt === null && !isCount(prompt_tokens))
    return refuse('prompt_tokens', prompt_tokens, 'a whole number from 1 on, where there is no prompt');
  return { at_s, prompt_tokens: prompt_tokens as number | null, new_tokens, prompt };
}

const LONGEST_S = 1e7;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

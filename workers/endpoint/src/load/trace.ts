import { InputProblem } from '../../../kits/node/index.ts';
import { filledLines, messagesOf, textOf } from '../../../kits/node/dataset/index.ts';
import type { Line, Message, Place } from '../../../kits/node/dataset/index.ts';
import type { Configuration } from '../config.ts';
import { traceTexts as texts } from '../texts.ts';

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
 * @throws InputProblem with the line that isn't one, or that has messages where `api` is no chat.
 */
export function readTrace(file: string, api: Configuration['api']): TraceLine[] {
  const of: Place = { setting: 'load.file', file };
  const lines = filledLines(textOf(of), of);
  if (lines.length === 0) throw new InputProblem(texts.empty, of);
  let before_s = 0;
  return lines.map((written) => {
    const line = lineOf(written, api);
    if (line.at_s < before_s)
      throw new InputProblem(texts.unsorted(line.at_s, before_s), written.place, { value: String(line.at_s) });
    before_s = line.at_s;
    return line;
  });
}

function lineOf({ text, place }: Line, api: Configuration['api']): TraceLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputProblem(texts.noJson((cause as Error).message), place, { cause });
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
    const shown = JSON.stringify(found) ?? null;
    throw new InputProblem(texts.wrong(what, shown, expected), place, { value: shown });
  };
  const [other] = Object.keys(others);
  if (other !== undefined) throw new InputProblem(texts.unknown(other), place, { value: other });
  if (typeof at_s !== 'number' || !(at_s >= 0) || at_s > LONGEST_S) return refuse('at_s', at_s, 'seconds, from 0 on');
  if (!isCount(new_tokens)) return refuse('new_tokens', new_tokens, 'a whole number from 1 on');
  if (prompt !== null && (typeof prompt !== 'string' || prompt === '')) return refuse('prompt', prompt, 'a text');
  const [one, other_one] = Object.entries({ prompt, prompt_tokens, messages }).flatMap(([name, own]) =>
    own === null ? [] : [name],
  );
  if (other_one !== undefined) throw new InputProblem(texts.both(one!, other_one), place);
  if (messages !== null) {
    const prompt = { messages: messagesOf(messages, place) };
    if (api !== 'chat') throw new InputProblem(texts.needsChat, place);
    return { at_s, prompt_tokens: null, new_tokens, prompt };
  }
  if (prompt === null && !isCount(prompt_tokens))
    return refuse('prompt_tokens', prompt_tokens, 'a whole number from 1 on, where there is no prompt');
  return { at_s, prompt_tokens: prompt_tokens as number | null, new_tokens, prompt };
}

const LONGEST_S = 1e7;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

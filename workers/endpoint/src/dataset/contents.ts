import type { Content, ContentSource } from '../contents.ts';
import { drawOf } from '../contents.ts';
import type { LengthSource } from '../lengths.ts';
import type { Prompt, PromptKey } from '../prompts.ts';
import { saltOf } from '../salt.ts';
import type { Tokenizer } from '../tokenizer.ts';
import type { Ask, Dataset } from './dataset.ts';
import type { Message } from '../../../kits/node/dataset/index.ts';
import { datasetTexts as texts } from './texts.ts';

interface Sending {
  dataset: Dataset;
  /** New tokens that are asked for where no recorded answer tells. */
  new_tokens: LengthSource;
  isChat: boolean;
  tokenizer: Tokenizer | null;
  /** Is told once when entries come again. */
  repeats(message: string): void;
}

/**
 * Entries in their order, over and over. What is measured begins with the first; what goes before takes them from the last one
 * backwards. Salted texts begin with words of this attempt, workload and pass through the file: beginnings that entries have in common
 * stay so, and an entry that comes again is another text.
 */
export function datasetContents(sending: Sending): ContentSource {
  const { dataset, new_tokens, isChat, tokenizer } = sending;
  const { entries } = dataset;
  const used = watchUse(sending);
  return (key) => {
    const place = key.iteration * key.sequences + key.sequence;
    const isMeasured = key.pass === 'generate';
    const round = Math.floor(place / entries.length);
    const index = place % entries.length;
    const { messages, answer_tokens } = entries.at(isMeasured ? index : -1 - index)!;
    used(isMeasured, place + 1);
    const salt = dataset.isSalted ? saltOf(tokenizer, roundKey(key, isMeasured ? round : -round)) : '';
    return {
      prompt: promptOf(messages, salt, isChat),
      asked_tokens: answer_tokens ?? askedOf(new_tokens, key),
      asked_prompt_tokens: null,
    };
  };
}

const askedOf = (lengths: LengthSource, key: PromptKey): Content['asked_tokens'] => {
  const draw = drawOf(key);
  return draw === null ? lengths.middle : lengths.of(draw);
};

/** The messages of the first turn of a conversation, for that pass through the file. */
export function saltedBeginning(
  messages: readonly Message[],
  { isSalted }: Dataset,
  { tokenizer, key, round }: { tokenizer: Tokenizer | null; key: PromptKey; round: number },
): Message[] {
  return withSalt(messages, isSalted ? saltOf(tokenizer, roundKey(key, round)) : '');
}

/** The same for all requests of one pass through the file: warm-up shares the first one's. */
const roundKey = ({ seed, workload }: PromptKey, round: number): PromptKey => ({
  seed,
  workload,
  pass: round < 0 ? 'warm-up' : 'generate',
  iteration: Math.abs(round),
  sequence: 0,
  sequences: 1,
});

function promptOf(messages: readonly Message[], salt: string, isChat: boolean): Prompt {
  const salted = withSalt(messages, salt);
  return isChat ? { messages: salted } : salted[0]!.content;
}

function withSalt(messages: readonly Message[], salt: string): Message[] {
  const [{ role, content }, ...rest] = messages as [Message, ...Message[]];
  return [{ role, content: salt === '' ? content : `${salt} ${content}` }, ...rest];
}

/** Tells when the measured requests and those before them, which come from the other end, use an entry twice. */
function watchUse({ dataset, repeats }: Sending) {
  const most = { before: 0, measured: 0 };
  let told = false;
  return (isMeasured: boolean, count: number): void => {
    const part = isMeasured ? 'measured' : 'before';
    most[part] = Math.max(most[part], count);
    if (told || most.before + most.measured <= dataset.entries.length) return;
    told = true;
    repeats(texts.repeats(dataset.name, dataset.entries.length));
  };
}

/** The lengths of a dataset's prompts, as far as they are known: their median, and the longest with its answer. */
export function sizesOf({ entries }: Dataset, new_tokens: LengthSource) {
  const known = entries.flatMap(({ tokens }) => tokens ?? []).toSorted((a, b) => a - b);
  const answers = entries.flatMap(({ answer_tokens }) => answer_tokens ?? []).toSorted((a, b) => a - b);
  const together = ({ tokens, answer_tokens }: Ask) => (tokens ?? 0) + (answer_tokens ?? new_tokens.most);
  return {
    prompt_tokens: known.length === entries.length ? known[known.length >> 1]! : null,
    new_tokens: answers.length > 0 ? answers[answers.length >> 1]! : new_tokens.middle,
    longest_tokens:
      known.length === entries.length ? entries.reduce((most, entry) => Math.max(most, together(entry)), 0) : null,
  };
}

import { Unsupported } from '../../../kits/node/index.ts';
import type { Client, Workload } from '../client.ts';
import type { Configuration } from '../config.ts';
import type { ContentSource } from '../contents.ts';
import { saltedBeginning } from '../dataset/contents.ts';
import type { Message } from '../../../kits/node/dataset/index.ts';
import { datasetTexts } from '../dataset/texts.ts';
import type { PromptKey } from '../prompts.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { turnTexts as texts } from '../texts.ts';

/** What a user says in one turn, and asks for. */
export interface Said {
  messages: Message[];
  asked_tokens: number;
  /** The answer that the file has; null without one. */
  recorded: string | null;
}

/** The turns of the conversation of that number, at least one. */
export type Script = (conversation: number) => Said[];

export type Turns = NonNullable<Configuration['turns']>;

/** @throws Unsupported where conversations of several turns can't be held. */
export function refuseTurns(
  { turns, api, prefix, dataset }: Pick<Configuration, 'turns' | 'api' | 'prefix' | 'dataset'>,
  workloads: readonly Pick<Workload, 'index' | 'load'>[],
): void {
  if (turns === null) return;
  if (api !== 'chat') throw new Unsupported(texts.needsChat);
  const open = workloads.find(({ load }) => load.mode !== 'closed');
  if (open) throw new Unsupported(texts.needsUsers(open.index, open.load.mode));
  if (prefix !== null) throw new Unsupported(texts.withPrefix);
  if (dataset?.form === 'prompt') throw new Unsupported(texts.singleTurns);
  if (turns.history === 'recorded' && dataset === null) throw new Unsupported(texts.nothingRecorded);
}

/**
 * Random conversations, or those of a dataset, over and over, with a warning once they come again. Lengths are drawn for each
 * turn.
 */
export function scriptOf(
  { salt, tokenizer, events }: Pick<Client, 'salt' | 'tokenizer' | 'events'>,
  { index, dataset, lengths }: Workload,
  { turns, contents }: { turns: Turns; contents: ContentSource },
): Script {
  const key = (iteration: number): PromptKey => ({
    seed: salt,
    workload: index,
    pass: 'generate',
    iteration,
    sequence: 0,
    sequences: 1,
  });
  const numbers = (conversation: number) =>
    Array.from({ length: turns.count }, (_, turn) => conversation * turns.count + turn);
  if (dataset === null)
    return (conversation) =>
      numbers(conversation).map((number) => {
        const { prompt, asked_tokens } = contents(key(number));
        return { messages: [{ role: 'user', content: prompt as string }], asked_tokens: asked_tokens!, recorded: null };
      });
  let told = false;
  const tellRepeats = () => {
    if (!told)
      events.warning(
        'prompts-repeat',
        `workload ${index}: ${datasetTexts.repeats(dataset.name, dataset.entries.length)}`,
      );
    told = true;
  };
  return (conversation) => {
    if (conversation >= dataset.entries.length) tellRepeats();
    const { turns: own } = dataset.entries[conversation % dataset.entries.length]!;
    const round = Math.floor(conversation / dataset.entries.length);
    return numbers(conversation)
      .slice(0, own.length)
      .map((number, turn) => {
        const { messages, answer } = own[turn]!;
        const drawn = () => lengths.new_tokens.of({ part: 'measured', index: number });
        return {
          messages: turn === 0 ? saltedBeginning(messages, dataset, { tokenizer, key: key(0), round }) : messages,
          asked_tokens: dataset.answers === 'recorded' ? lengthOf(answer!, tokenizer!) : drawn(),
          recorded: answer,
        };
      });
  };
}

const lengthOf = (text: string, tokenizer: Tokenizer): number => Math.max(1, tokenizer.encode(text).length);

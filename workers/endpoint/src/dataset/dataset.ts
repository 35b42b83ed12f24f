import { basename } from 'node:path';
import { beforeAnswer, readDataset, refuseTwoFiles, shuffled, takenTurns } from '../../../kits/node/dataset/index.ts';
import type { Entry, Message, Turn } from '../../../kits/node/dataset/index.ts';
import { Unsupported } from '../../../kits/node/index.ts';
import type { Configuration } from '../config.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { datasetTexts as texts } from './texts.ts';

/** A dataset whose entries are ready to be sent. */
export interface Dataset {
  /** Of its file. */
  name: string;
  form: Asked['form'];
  order: Asked['order'];
  answers: Asked['answers'];
  /** In the order in which they are sent. */
  entries: Ask[];
  /** Conversations in which no user says anything. */
  skipped: number;
  isSalted: boolean;
}

/** One request of a dataset. */
export interface Ask {
  /** Before its answer; a single one of a user may be sent as a bare prompt, too. */
  messages: Message[];
  /** Of its messages together; null without a tokenizer. */
  tokens: number | null;
  /** All of its turns. */
  turns: Turn[];
  /** Of its recorded answer; null where that is not asked for. */
  answer_tokens: number | null;
}

type Asked = NonNullable<Configuration['dataset']>;

/**
 * The dataset of a configuration; null where there is none. `seed` draws the order of its entries.
 *
 * @throws Unsupported for a file that is no dataset of that form, and for what can't be asked of it.
 */
export function datasetOf(
  configuration: Pick<Configuration, 'dataset' | 'prompts' | 'api' | 'server' | 'turns' | 'workloads'>,
  tokenizer: Tokenizer | null,
  seed: number,
): Dataset | null {
  const { dataset, api, server, turns, workloads } = configuration;
  if (dataset === null) return null;
  refuseTwoFiles(configuration);
  const { file, form, order, answers } = dataset;
  if (answers === 'recorded' && tokenizer === null) throw new Unsupported(texts.noTokenizer);
  const { entries, skipped } = readDataset(file, form);
  const most = turns?.count ?? 0;
  for (const { turns: own, place } of entries)
    if (answers === 'recorded' && own.slice(0, most).some(({ answer }) => answer === null))
      throw new Unsupported(texts.noAnswer(place));
  const asks = entries.map((entry) => askOf(entry, dataset, tokenizer));
  for (const [index, { messages }] of asks.entries())
    if (api !== 'chat' && messages.length > 1)
      throw new Unsupported(texts.needsChat(entries[index]!.place, messages.length));
  return {
    name: basename(file),
    form,
    order,
    answers,
    entries: order === 'seeded' ? shuffled(asks, seed) : asks,
    skipped,
    // A server of its own has read nothing before its only workload.
    isSalted: server === null || (workloads ?? []).length > 1,
  };
}

function askOf({ turns, place }: Entry, { form, answers }: Asked, tokenizer: Tokenizer | null): Ask {
  const taken = takenTurns(form, turns);
  const messages = beforeAnswer(taken);
  const count = (text: string) => tokenizer!.encode(text).length;
  const { answer } = taken.at(-1)!;
  if (answers === 'recorded' && answer === null) throw new Unsupported(texts.noAnswer(place));
  return {
    messages,
    turns,
    tokens: tokenizer === null ? null : messages.reduce((sum, { content }) => sum + count(content), 0),
    answer_tokens: answers === 'recorded' ? Math.max(1, count(answer!)) : null,
  };
}

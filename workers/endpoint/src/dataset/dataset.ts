import { basename } from 'node:path';
import { beforeAnswer, readDataset, refuseTwoFiles, shuffled, takenTurns } from '../../../kits/node/dataset/index.ts';
import type { Entries, Entry, Message, Turn } from '../../../kits/node/dataset/index.ts';
import { InputProblem } from '../../../kits/node/index.ts';
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

/** What says which entries a dataset has, and what each is asked for. */
type Asking = Pick<Configuration, 'dataset' | 'prompts' | 'api' | 'tokenizer' | 'turns'>;

/**
 * The entries of a dataset, before anything of them is counted; null where there is none.
 *
 * @throws InputProblem for a file that is no dataset of that form, and for what can't be asked of it.
 */
export function entriesOf(configuration: Asking): Entries | null {
  const { dataset, tokenizer } = configuration;
  if (dataset === null) return null;
  refuseTwoFiles(configuration);
  if (dataset.answers === 'recorded' && tokenizer === null)
    throw new InputProblem(texts.noTokenizer, { setting: 'dataset.answers' });
  const read = readDataset(dataset.file, dataset.form);
  for (const entry of read.entries) refuseUnasked(entry, dataset, configuration);
  return read;
}

/** @throws InputProblem where a trace has requests of its own. */
export function refuseTrace(dataset: object | null, load: object): void {
  if (dataset !== null && 'file' in load) throw new InputProblem(texts.withTrace, { setting: 'dataset' });
}

function refuseUnasked({ turns: own, place }: Entry, { form, answers }: Asked, { api, turns }: Asking): void {
  const taken = takenTurns(form, own);
  const answered = [...own.slice(0, turns?.count ?? 0), taken.at(-1)!];
  if (answers === 'recorded' && answered.some(({ answer }) => answer === null))
    throw new InputProblem(texts.noAnswer, place);
  const messages = beforeAnswer(taken).length;
  if (api !== 'chat' && messages > 1) throw new InputProblem(texts.needsChat(messages), place);
}

/** The dataset of a configuration, counted; null where there is none. `seed` draws the order of its entries. @throws as `entriesOf`. */
export function datasetOf(
  configuration: Asking & Pick<Configuration, 'server' | 'workloads'>,
  tokenizer: Tokenizer | null,
  seed: number,
): Dataset | null {
  const { dataset, server, workloads } = configuration;
  const read = entriesOf(configuration);
  if (dataset === null || read === null) return null;
  const { file, form, order, answers } = dataset;
  const { entries, skipped } = read;
  const asks = entries.map((entry) => askOf(entry, dataset, tokenizer));
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

function askOf({ turns }: Entry, { form, answers }: Asked, tokenizer: Tokenizer | null): Ask {
  const taken = takenTurns(form, turns);
  const messages = beforeAnswer(taken);
  const count = (text: string) => tokenizer!.encode(text).length;
  const { answer } = taken.at(-1)!;
  return {
    messages,
    turns,
    tokens: tokenizer === null ? null : messages.reduce((sum, { content }) => sum + count(content), 0),
    answer_tokens: answers === 'recorded' ? Math.max(1, count(answer!)) : null,
  };
}

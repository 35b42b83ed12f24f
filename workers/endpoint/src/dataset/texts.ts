import type { Place } from '../../../kits/node/dataset/index.ts';

export const datasetTexts = {
  needsChat: (place: Place, messages: number) =>
    `dataset: ${place} has ${messages} messages before its answer, which are sent to a chat only: set \`api: chat\``,
  withTrace: 'dataset: a trace has requests of its own: leave one of them out',
  chatInTrace: (request: number) =>
    `load.file: its request ${request} has messages, which are sent to a chat only: set \`api: chat\``,
  withPromptTokens: (workload: number) =>
    `dataset: its prompts are sent whole, but workload ${workload} has prompt_tokens: leave them out`,
  noTokenizer: 'dataset.answers: recorded answers are counted with a tokenizer: give `tokenizer`',
  noAnswer: (place: Place) =>
    `dataset.answers: ${place} has no recorded answer: give it one, or set \`answers: new_tokens\``,
  repeats: (file: string, entries: number) =>
    `${file} has ${entries} entries, and the requests of this workload use some of them more than once`,
};

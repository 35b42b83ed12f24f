export const datasetTexts = {
  needsChat: (messages: number) =>
    `it has ${messages} messages before its answer, which are sent to a chat only: set \`api: chat\``,
  withTrace: 'dataset: a trace has requests of its own: leave one of them out',
  withPromptTokens: (workload: number) =>
    `dataset: its prompts are sent whole, but workload ${workload} has prompt_tokens: leave them out`,
  noTokenizer: 'dataset.answers: recorded answers are counted with a tokenizer: give `tokenizer`',
  noAnswer: 'it has no recorded answer: give it one, or set `dataset.answers: new_tokens`',
  repeats: (file: string, entries: number) =>
    `${file} has ${entries} entries, and the requests of this workload use some of them more than once`,
};

import type { Form, Place } from './forms.ts';

const MOST_OF_A_VALUE = 80;

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > MOST_OF_A_VALUE ? `${text.slice(0, MOST_OF_A_VALUE)}…` : text;
};

const EXAMPLES: Record<Form, string> = {
  prompt: '"a text" or {"prompt": "a text"}',
  messages: '{"messages": [{"role": "user", "content": "a text"}]}',
  sharegpt: '{"conversations": [{"from": "human", "value": "a text"}]}',
};

export const datasetTexts = {
  noJson: (place: Place, line: string) => `dataset: ${place} is no JSON: ${line.slice(0, MOST_OF_A_VALUE)}`,
  wrong: (place: Place, path: string, value: unknown, expected: string) =>
    `dataset: ${place}: ${path === '' ? 'the entry' : path} is ${short(value)}; it must be ${expected}`,
  list: (form: Form) => `a list: the form ${form} has entries such as ${EXAMPLES[form]}`,
  roles: (roles: readonly string[]) => `one of ${roles.join(', ')}`,
  empty: (file: string, form: Form) =>
    `dataset: ${file} has no entry with a prompt; in the form ${form} one is ${EXAMPLES[form]}`,
  needsChat: (place: Place, messages: number) =>
    `dataset: ${place} has ${messages} messages before its answer, which are sent to a chat only: set \`api: chat\``,
  withPrompts: 'dataset: `prompts` is set, too: leave one of them out',
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

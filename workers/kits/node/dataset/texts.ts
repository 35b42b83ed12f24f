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

/** What is wrong with a file of prompts or conversations, by the same words in all kits. */
export const datasetTexts = {
  noJson: (place: Place, line: string) => `dataset: ${place} is no JSON: ${line.slice(0, MOST_OF_A_VALUE)}`,
  wrong: (place: Place, path: string, value: unknown, expected: string) =>
    `dataset: ${place}: ${path === '' ? 'the entry' : path} is ${short(value)}; it must be ${expected}`,
  list: (form: Form) => `a list: the form ${form} has entries such as ${EXAMPLES[form]}`,
  roles: (roles: readonly string[]) => `one of ${roles.join(', ')}`,
  empty: (file: string, form: Form) =>
    `dataset: ${file} has no entry with a prompt; in the form ${form} one is ${EXAMPLES[form]}`,
  withPrompts: 'dataset: `prompts` is set, too: leave one of them out',
};

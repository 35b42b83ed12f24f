import type { Form } from './forms.ts';

const MOST_OF_A_VALUE = 80;

/** The beginning of a text, by whole characters. */
export const beginningOf = (text: string): string =>
  Array.from(text.slice(0, 2 * MOST_OF_A_VALUE))
    .slice(0, MOST_OF_A_VALUE)
    .join('');

/** A value as JSON, cut where it is long; null for one that is missing. */
export function short(value: unknown): string | null {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return null;
  const begun = beginningOf(text);
  return begun.length < text.length ? `${begun}…` : text;
}

const EXAMPLES: Record<Form, string> = {
  prompt: '"a text" or {"prompt": "a text"}',
  messages: '{"messages": [{"role": "user", "content": "a text"}]}',
  sharegpt: '{"conversations": [{"from": "human", "value": "a text"}]}',
};

/** What is wrong with a file of prompts or conversations, by the same words in all kits. */
export const datasetTexts = {
  noJson: (line: string) => `it is no JSON: ${line}`,
  wrong: (path: string, value: string | null, expected: string) =>
    `${path === '' ? 'the entry' : path} is ${value ?? 'missing'}; it must be ${expected}`,
  list: (form: Form) => `a list: the form ${form} has entries such as ${EXAMPLES[form]}`,
  roles: (roles: readonly string[]) => `one of ${roles.join(', ')}`,
  empty: (form: Form) => `it has no entry with a prompt; in the form ${form} one is ${EXAMPLES[form]}`,
  withPrompts: 'dataset: `prompts` is set, too: leave one of them out',
};

import { createHash } from 'node:crypto';
import { InputProblem } from '../problem.ts';
import type { Form, Message, Turn } from './forms.ts';
import { datasetTexts as texts } from './texts.ts';

/** @throws InputProblem for a configuration that takes its prompts from two files. */
export function refuseTwoFiles({ dataset, prompts }: { dataset?: unknown; prompts?: unknown }): void {
  if (dataset != null && prompts != null) throw new InputProblem(texts.withPrompts, { setting: 'dataset' });
}

/** The turns of an entry that are asked for: of a ShareGPT conversation the first one, as other tools take it. */
export const takenTurns = (form: Form, turns: readonly Turn[]): readonly Turn[] =>
  form === 'sharegpt' ? turns.slice(0, 1) : turns;

/** All of the messages of these turns up to the last answer. */
export const beforeAnswer = (turns: readonly Turn[]): Message[] =>
  turns.flatMap((turn, index): Message[] =>
    index === turns.length - 1 ? turn.messages : [...turn.messages, { role: 'assistant', content: turn.answer! }],
  );

/** Entries in the order that a seed draws, the same in every kit. */
export function shuffled<T>(values: readonly T[], seed: number): T[] {
  const keyOf = (index: number) => createHash('sha256').update(`${seed}/dataset/${index}`).digest('hex');
  const keyed = values.map((value, index) => ({ value, key: keyOf(index) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ value }) => value);
}

import type { Setting } from './lengths.ts';
import type { Limit } from './limit.ts';

export const lengthTexts = {
  emptyRange: (setting: Setting, least: number, most: number) =>
    `${setting}: there is no length from ${least} to ${most}: the lower limit comes first`,
  nothingWithin: (setting: Setting, min: number, max: number) =>
    `${setting}: this distribution has next to no lengths from ${min} to ${max}: move its middle or its limits`,
  noColumn: (column: Setting, head: string) =>
    `it has no column ${column}, but ${JSON.stringify(head)}: write prompt_tokens,new_tokens there`,
  noLength: (cell: string) => `${JSON.stringify(cell)} is no whole number from 1 on`,
  noRows: 'it has no line of lengths below its first one',
};

export const promptTexts = {
  noTokenizer: 'prompts: they are cut to prompt_tokens, which needs a tokenizer',
  short: (has: number, asked: number) =>
    `it has ${has} tokens, and prompt_tokens asks for ${asked}: lengthen the line or ask for fewer`,
  inexact: (asked: number) => `it can't be cut to exactly ${asked} tokens: change the line`,
};

export const tokenizerTexts = {
  noJson: (reason: string) => `it is no JSON (${reason}): name a tokenizer.json of the model`,
  unusable: (reason: string) => `it is no tokenizer.json that can be used here (${reason}): name one of the model`,
};

export const traceTexts = {
  empty: 'it has no lines: write one for each request',
  noJson: (reason: string) => `it is no JSON (${reason}): write one object in each line`,
  wrong: (key: string, value: string | null, expected: string) =>
    `${key} is ${value ?? 'missing'}; it must be ${expected}`,
  unknown: (key: string) =>
    `it has ${JSON.stringify(key)}; known are at_s, prompt_tokens, new_tokens, prompt and messages`,
  both: (one: string, other: string) => `it has both ${one} and ${other}: leave one of them out`,
  unsorted: (at_s: number, before_s: number) => `at_s ${at_s} comes after ${before_s}: sort the lines by time`,
  needsChat: 'it has messages, which are sent to a chat only: set `api: chat`',
};

export const limitTexts = {
  /** `hasAnswer`: it counts an answer, too. */
  tooLong: (workload: number, tokens: number, limit: Limit & { hasAnswer: boolean }) =>
    `workload ${workload}: ${limit.hasAnswer ? `prompt and answer may have ${tokens} tokens together` : `a text may have ${tokens} tokens`}, and the server takes ${limit.tokens} (its ${limit.key})`,
  shorter: 'lower the longest `prompt_tokens` and `new_tokens`, or start the server with more',
};

export const prefixTexts = {
  ofAFile: (setting: string) =>
    `prefix: \`${setting}\` gives the prompts, with their own beginnings: leave one of them out`,
  tooLong: (workload: number, tokens: number, least: number) =>
    `prefix.tokens: ${tokens} tokens leave nothing of its own to a prompt of ${least} (workload ${workload}): raise prompt_tokens, which contain them`,
};

export const turnTexts = {
  needsChat: 'turns: a conversation needs `api: chat`: with another one single prompts are sent',
  needsUsers: (workload: number, mode: string) =>
    `turns: workload ${workload} has load.mode ${mode}, whose requests come whether or not answers are there: a conversation needs users, \`load: {mode: closed}\``,
  withPrefix: 'turns: `prefix` is set, too: each turn shares the turns before it; leave one of them out',
  singleTurns: 'turns: a dataset of the form prompt has single prompts: use `form: messages` or `sharegpt`',
  nothingRecorded: 'turns.history: random prompts have no recorded answers: give a `dataset`, or set `history: server`',
};

export const bodyTexts = {
  renamed: (name: string) =>
    `body.rename.max_tokens: with \`api: responses\` the key is max_output_tokens, not ${name}: leave it out`,
};

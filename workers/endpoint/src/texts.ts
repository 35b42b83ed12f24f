import type { Setting } from './lengths.ts';
import type { Limit } from './limit.ts';

export const lengthTexts = {
  emptyRange: (setting: Setting, least: number, most: number) =>
    `${setting}: there is no length from ${least} to ${most}: the lower limit comes first`,
  nothingWithin: (setting: Setting, min: number, max: number) =>
    `${setting}: this distribution has next to no lengths from ${min} to ${max}: move its middle or its limits`,
  noColumn: (column: Setting, file: string, head: string) =>
    `${column}: ${file} has no column ${column} in its first line, ${JSON.stringify(head.slice(0, 80))}: write prompt_tokens,new_tokens there`,
  noLength: (column: Setting, file: string, line: number, cell: string) =>
    `${column}: ${file}, line ${line}: ${column} is ${JSON.stringify(cell.slice(0, 80))}; it must be a whole number from 1 on`,
  noRows: (column: Setting, file: string) => `${column}: ${file} has no line of lengths below its first one`,
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

import type { z } from 'zod';
import { valueAt } from '../base/path.ts';
import type { Json } from '../base/json.ts';
import { didYouMean, show } from '../base/words.ts';

/** All that is wrong in the plugin's options. `known`: the names of options. */
export const optionsMessage = ({ issues }: z.ZodError, options: Json, known: readonly string[]): string =>
  [
    'The options of "nx-study/plugin" in nx.json are wrong:',
    ...issues.flatMap((issue) => {
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => `  there is no option "${key}". ${didYouMean(key, known) ?? ''}`.trimEnd());
      const at = issue.path.map(String);
      const value = valueAt(options, at);
      return [
        `  ${at.join('.') || 'options'}: ${issue.message}${value === undefined ? '' : `, and is ${show(value)}`}`,
      ];
    }),
    'Correct them in nx.json, below "plugins".',
  ].join('\n');

export const notOneOf = (names: readonly string[]): string => `this must be one of ${names.join(', ')}`;

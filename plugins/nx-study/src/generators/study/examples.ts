import type { Json, JsonObject } from '../../base/json.ts';
import { startingModel } from '../worker/template.ts';
import type { Template } from '../worker/template.ts';

/** A first study with a worker that is made with it. */
export interface Example {
  question: string;
  /** Settings of all its experiments. */
  base: JsonObject;
  axes: Record<string, Json[]>;
  /** Further files in the study's folder: name → text. */
  files: () => Record<string, string>;
}

type Name = Template | 'pymc';

const alone = { base: {}, files: () => ({}) };

/** By worker: what is written where nobody asks for axes. */
export const EXAMPLES: Record<Name, Example> = {
  shell: {
    ...alone,
    question: 'How much longer does the highest level of gzip take than the lowest?',
    axes: { command: ['seq 1000000 | gzip -1 | wc -c', 'seq 1000000 | gzip -9 | wc -c'] },
  },
  node: {
    ...alone,
    question: 'Does Node write JSON faster than the format of V8?',
    axes: { format: ['json', 'v8'] },
  },
  typescript: {
    ...alone,
    question: 'Does Node write JSON faster than the format of V8?',
    axes: { format: ['json', 'v8'] },
  },
  python: { ...alone, question: 'Does Python write JSON faster than pickle?', axes: { format: ['json', 'pickle'] } },
  pymc: {
    question: 'Which parametrisation of the eight schools does NUTS sample better?',
    base: { model: 'model.py' },
    axes: { 'config.parametrisation': ['non-centred', 'centred'] },
    files: () => ({ 'model.py': startingModel() }),
  },
};

export const isExample = (name: string): name is Name => Object.hasOwn(EXAMPLES, name);

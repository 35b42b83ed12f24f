import { problemsOf } from '../../kits/node/index.ts';
import { readPrompts } from '../../kits/node/dataset/index.ts';
import type { Configuration } from '../src/config.ts';
import { entriesOf, refuseTrace } from '../src/dataset/dataset.ts';
import { lengthsOf } from '../src/lengths.ts';
import { readTrace } from '../src/load/trace.ts';
import { refuseUncut } from '../src/prompts.ts';
import { readJson } from '../src/tokenizer.ts';

/** A setting that may be a file; null stands for what it is otherwise. */
type File = { file?: string } | null;

/** Those that each workload may have of its own. */
interface Files {
  prompt_tokens: File;
  new_tokens: File;
  load: File;
}

/** The settings that `worker.json` names for `check`. */
export type Asked = Pick<Configuration, 'api' | 'dataset' | 'prompts' | 'tokenizer' | 'turns'> &
  Files & { workloads: Partial<Files>[] | null };

/** What is wrong with the files of a configuration, as far as it shows without counting tokens. */
export function inputProblems(asked: Asked) {
  const { dataset, prompts, tokenizer } = asked;
  const files = filesOf(asked);
  const read = ({ key, file }: Used) => {
    if (key === 'load') return readTrace(file, asked.api);
    // Embeddings have no answers.
    return key === 'new_tokens' && asked.api === 'embeddings' ? null : lengthsOf(key, { file }, ANY_SEED);
  };
  return [
    ...problemsOf([
      () => entriesOf(asked),
      () => files.forEach(({ key, file }) => key === 'load' && refuseTrace(dataset, { file })),
      () => refuseUncut({ prompts, tokenizer }),
      () => prompts !== null && readPrompts(prompts),
      () => typeof tokenizer === 'string' && readJson(tokenizer),
    ]),
    ...files.flatMap((used) =>
      problemsOf([() => read(used)]).map(({ path, ...problem }) => ({ path: `${used.at}${path}`, ...problem })),
    ),
  ];
}

// A seed draws from the lengths of a file, and these are read whole.
const ANY_SEED = 1;

interface Used {
  key: keyof Files;
  file: string;
  /** What stands before the key in its path. */
  at: string;
}

/** The files that workloads use, each where the study names it. */
function filesOf({ workloads, ...top }: Files & Pick<Asked, 'workloads'>): Used[] {
  const used = (workloads ?? [{}]).flatMap((entry, index) =>
    KEYS.flatMap((key): Used[] => {
      const own = entry[key];
      const { file } = (own === undefined ? top[key] : own) ?? {};
      return file === undefined ? [] : [{ key, file, at: own === undefined ? '' : `workloads.${index}.` }];
    }),
  );
  return [...new Map(used.map((one) => [`${one.at}${one.key}`, one])).values()];
}

const KEYS = ['prompt_tokens', 'new_tokens', 'load'] as const;

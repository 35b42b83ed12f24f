import { basename } from 'node:path';
import type { Workload } from './client.ts';
import type { Dataset } from './dataset/dataset.ts';
import type { Lengths } from './lengths.ts';

/** The lengths as they were asked for, but for those of a trace; a file by its name, as its content is in the measurement's identity. */
export function namedLengths({ load, dataset, asked: { prompt_tokens, new_tokens } }: Workload, hasAnswers: boolean) {
  if (load.mode === 'replay') return undefined;
  const file = dataset && { file: dataset.name };
  const named = (asked: Lengths): Lengths =>
    typeof asked === 'number' || asked.file === undefined ? asked : { file: basename(asked.file) };
  return {
    prompt_tokens: file ?? named(prompt_tokens),
    ...(hasAnswers && { new_tokens: dataset?.answers === 'recorded' ? file! : named(new_tokens) }),
  };
}

/** A dataset as the result tells it. */
export const describedDataset = ({ name, form, order, answers, entries, skipped }: Dataset) => ({
  file: name,
  form,
  order,
  answers,
  entries: entries.length,
  skipped,
});

import { basename } from 'node:path';
import type { Workload } from './client.ts';
import type { Load } from './config.ts';
import type { Dataset } from './dataset/dataset.ts';
import type { Lengths } from './lengths.ts';
import { rateOf } from './load/rate.ts';

/** What defines a load, as the result tells it: of one that was measured, and of one that was left out. */
export function describedLoad(workload: Workload, inputs: number | null) {
  const { load, prompt_tokens, new_tokens } = workload;
  const asked_lengths = namedLengths(workload, inputs === null);
  return {
    mode: load.mode === 'closed' ? ('closed-loop' as const) : ('open-loop' as const),
    load: loadOf(load),
    concurrency: load.mode === 'closed' ? load.concurrency : null,
    rate_per_s: rateOf(workload),
    prompt_tokens,
    new_tokens: inputs === null ? new_tokens : null,
    ...(inputs !== null && { embeddings: { inputs } }),
    ...(asked_lengths && { asked_lengths }),
  };
}

/** The load as it was asked for, with every default; a trace by its name, as its content is in the measurement's identity. */
function loadOf(load: Load): object {
  if (load.mode === 'closed') {
    const { mode, concurrency, think_s = 0, ramp_s = null } = load;
    return { mode, concurrency, think_s, ramp_s };
  }
  const max_in_flight = load.max_in_flight ?? null;
  if (load.mode === 'replay')
    return { mode: load.mode, file: basename(load.file), speed: load.speed ?? 1, max_in_flight };
  const { mode, rate_per_s, arrival_cv = 1, ramp_s = 0 } = load;
  return { mode, rate_per_s, arrival_cv, ramp_s, max_in_flight };
}

/** The lengths as they were asked for, but for those of a trace; a file by its name, as its content is in the measurement's identity. */
function namedLengths({ load, dataset, asked: { prompt_tokens, new_tokens } }: Workload, hasAnswers: boolean) {
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

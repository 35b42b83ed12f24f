import { during } from './endings.ts';
import { duration } from '../duration.ts';

const SOURCES = {
  study: '',
  history: ', ten times as long as it ever did',
  work: ', more than its work can account for',
};

/** Texts of time and memory limits. */
export const limitTexts = {
  timeout: ({ limit_s, source }: { limit_s: number; source: keyof typeof SOURCES }, phase: string | null) =>
    `took longer than ${limit_s} s${SOURCES[source]}${during(phase)}`,
  phaseTimeout: (limit_s: number, phase: string) => `took longer than ${limit_s} s${during(phase)}`,
  stalled: (silence_s: number, phase: string | null) => `sent no event for ${silence_s} s${during(phase)}`,
  slow: (usual_s: number) => `takes longer than ${duration(usual_s)}, three times what it usually takes`,
  overMemory: (limit_bytes: number, used_bytes: number) =>
    `its processes held ${gib(used_bytes)} of memory, more than the limit of ${gib(limit_bytes)}`,
  exhausted: (available_bytes: number, used_bytes: number) =>
    `ended before the machine ran out of memory: ${gib(available_bytes)} were left, and its processes held ${gib(used_bytes)}`,
  killedByKernel: (limit_bytes: number | null) =>
    limit_bytes === null
      ? 'killed by the kernel for lack of memory'
      : `killed by the kernel at its memory limit of ${gib(limit_bytes)}`,
  watched: (why: string) =>
    `the memory limit was kept by looking four times a second, as no control group could be made (${why})`,
  budget: (budget_s: number) =>
    `not run: it would not end within the budget of ${duration(budget_s)} for one run of the study. It stays pending for the next run`,
  until: (when: string) =>
    `not run: it would end after ${when}, until when the study may run. It stays pending for the next run`,
  vramHeld: (held: string, waited_s: number) =>
    `${held} of GPU memory were not given back within ${duration(waited_s)} after the worker's end: the next measurement has less. nvidia-smi shows who holds it`,
};

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

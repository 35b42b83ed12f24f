import { duration } from '../../base/duration.ts';
import type { HeldMemory } from './vram.ts';
import { during } from '../watch/during.ts';

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
  /** `unsure`: the engine that does not tell whether it was in its container, whose counter was gone; null where one of them tells so. */
  killedInContainer: (limit_bytes: number, unsure: string | null) =>
    `killed by the kernel for lack of memory, in a container with a limit of ${gib(limit_bytes)}` +
    (unsure === null ? '' : `; or another process of this machine was, for ${unsure} does not tell which`),
  watched: (why: string) =>
    `the memory limit was enforced by reading its memory four times a second, because no control group could be made (${why})`,
  budget: (budget_s: number) =>
    `not run: it would not end within the budget of ${duration(budget_s)} for one run of the study. It stays pending for the next run`,
  until: (when: string) =>
    `not run: it would end after ${when}, until when the study may run. It stays pending for the next run`,
  vramKept: (held: HeldMemory) => `${vramHeld(held, "after the worker's end")}. The next measurement waits for it`,
  vramStillHeld: (held: HeldMemory) =>
    `${vramHeld(held, 'that an earlier measurement took')}. ${vramWay(held)}, then run again. ${IGNORE_MEMORY}`,
  vramIgnored: (held: HeldMemory) =>
    `${vramHeld(held, 'that an earlier measurement took')}. It started because NX_STUDY_IGNORE_MEMORY is set`,
};

const IGNORE_MEMORY = 'To start anyway, set NX_STUDY_IGNORE_MEMORY=1';

function vramHeld({ bytes, waited_s, holders, reason }: HeldMemory, whose: string): string {
  const named = holders.map(
    ({ name, pid, bytes: its }) => `${name} (pid ${pid}, ${its === null ? 'an unknown amount' : mib(its)})`,
  );
  const by =
    named.length > 0
      ? `held by ${named.join(', ')}`
      : `which process holds it is not known${reason === null ? '' : ` (${reason})`}`;
  return `${mib(bytes)} of GPU memory ${whose} were not freed within ${duration(waited_s)}: ${by}`;
}

const vramWay = ({ holders }: HeldMemory): string =>
  holders.length > 0
    ? `End ${holders.length === 1 ? 'it' : 'them'} (kill -9 ${holders.map(({ pid }) => pid).join(' ')})`
    : 'Search for it with nvidia-smi as root and in containers, or reset the GPU while nothing uses it (nvidia-smi --gpu-reset)';

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
// As nvidia-smi counts.
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

import type { Known } from '../base/known.ts';
import type { Gpu } from '../machine/description/gpus.ts';
import type { GpuProcess } from '../machine/sensors/nvidia.ts';
import type { RuleResult } from './rule.ts';
import { didYouMean, kindOf, list, text } from '../base/words.ts';

/** Problems of a profile's file. */
export const platformFileTexts = {
  notAMap: (value: unknown) =>
    text(`the file must be a map of keys such as \`description\` and \`rules\`, but is ${kindOf(value)}`),
  empty: () => text('the file is empty', 'The least it needs is `rules`, such as `rules: {cores: {least: 2}}`.'),
  noRules: 'it has no rule',
  either: (keys: string[]) => `it needs ${list(keys)}`,
};

/** Texts about a measurement on a machine that doesn't fit its platform. */
export const platformTexts = {
  unreadable: (file: string, issues: string[]) => `${file} can't be used: ${issues.join('; ')}`,
  unmet: (rule: string, { needs, found }: Pick<RuleResult, 'needs' | 'found'>, way: string) =>
    `${rule}: needs ${needs}, found ${found}. ${way}`,
  refusal: (profile: string, unmet: string[], rules: string[], unknown: string[]) =>
    [
      `this machine does not fit the platform ${profile}. ${unmet.join(' ')}`,
      `To measure all the same, and have each record say so: NX_STUDY_IGNORE_RULES=${rules.join(',')}`,
      ...unknown,
    ].join(' '),
  refusedAlike: 'this machine does not fit, as said above',
  warning: (profile: string, unmet: string) => `the platform ${profile} warns: ${unmet}`,
  overridden: (profile: string, unmet: string) =>
    `measured against a rule of the platform ${profile}, by NX_STUDY_IGNORE_RULES: ${unmet}`,
  unknownOverride: (name: string, known: string[]) =>
    `NX_STUDY_IGNORE_RULES names "${name}", which is no rule. ${didYouMean(name, known) ?? ''}`.trim(),
  refusedRow: (profile: string, rules: string[]) => `does not fit the platform ${profile} (${rules.join(', ')})`,
};

const GIB = 2 ** 30;
const gibOf = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
const textOf = <T>({ value, reason }: Known<T>, show: (value: T) => string = String): string =>
  value === null ? `unknown: ${reason}` : show(value);
const range = (least: number | undefined, most: number | undefined): string =>
  [least === undefined ? null : `${least} or more`, most === undefined ? null : `${most} at most`]
    .filter((part) => part !== null)
    .join(' and ') || 'any number';

const performance = (limit: number | string, { value }: Known<number>): string =>
  typeof limit === 'number'
    ? `${limit} at most`
    : `${value ?? 'as many'} at most, as there are performance cores to use`;

/** The result of each rule: what it needs, what was found, and advice. */
export const ruleTexts = {
  system: (met: boolean, accepted: (readonly string[] | undefined)[], found: string): RuleResult => ({
    met,
    needs: accepted.flatMap((words) => (words ? [words.join(' or ')] : [])).join(', '),
    found,
    way: 'Measure on such a machine.',
  }),
  cpu: (met: boolean, matches: string, found: string): RuleResult => ({
    met,
    needs: `a CPU "${matches}"`,
    found: `"${found}"`,
    way: 'Measure on such a machine.',
  }),
  bareMetal: (met: boolean, hypervisor: Known<string>): RuleResult => ({
    met,
    needs: 'a machine that is not virtual',
    found: textOf(hypervisor),
    way: 'Neighbours on the same host take time, and this machine cannot see them.',
  }),
  mainsPower: (met: boolean, power: Known<string>): RuleResult => ({
    met,
    needs: 'mains power',
    found: textOf(power),
    way: 'Plug it in: on battery the system slows the CPU.',
  }),
  governor: (met: boolean, is: string[], found: Known<string>): RuleResult => ({
    met,
    needs: `the governor ${is.join(' or ')}`,
    found: textOf(found),
    way: `Set it: sudo cpupower frequency-set -g ${is[0]}.`,
  }),
  processes: (met: boolean, names: string[], running: string[]): RuleResult => ({
    met,
    needs: `none of ${names.join(', ')} to run`,
    found: running.length > 0 ? running.slice(0, 8).join(', ') : 'none',
    way: 'End them first.',
  }),
  compiler: (met: boolean, found: string | null): RuleResult => ({
    met,
    needs: 'a C++ compiler',
    found: found ?? 'none on the PATH (c++, g++, clang++)',
    way: 'Install one (Debian, Ubuntu: apt install g++; macOS: xcode-select --install).',
  }),
  cores: (met: boolean, least: number | undefined, most: number | undefined, allowed: number): RuleResult => ({
    met,
    needs: `${range(least, most)} cores to use`,
    found: `${allowed}`,
    way:
      allowed < (least ?? 0)
        ? 'Allow more (affinity, control-group quota), or take a larger machine.'
        : `Allow fewer: taskset -c 0-${(most ?? 1) - 1} npx nx ….`,
  }),
  performanceCores: (met: boolean, least: number, found: Known<number>): RuleResult => ({
    met,
    needs: `${least} or more performance cores`,
    found: textOf(found),
    way: 'Measure on a larger machine.',
  }),
  threadCaps: (met: boolean, limit: number | string, limited: Known<number>, cpus: number): RuleResult => ({
    met,
    needs: `threads of a worker: ${performance(limit, limited)}`,
    found: limited.value === null ? textOf(limited) : `${cpus}`,
    way: `Write \`cpus: ${limited.value ?? 1}\` in the study.`,
  }),
  chains: (
    met: boolean,
    setting: string,
    limit: number | string,
    { limited, value }: { limited: Known<number>; value: number },
  ): RuleResult => ({
    met,
    needs: `\`${setting}\`: ${performance(limit, limited)}`,
    found: limited.value === null ? textOf(limited) : `${value}`,
    way: 'Chains that wait for a core make each other slow: run fewer of them.',
  }),
  noChains: (setting: string): RuleResult => ({
    met: true,
    needs: `a limit of \`${setting}\``,
    found: 'no such setting',
    way: '',
  }),
  memory: (met: boolean, least_gib: number, bytes: number | null, reason: string | null): RuleResult => ({
    met,
    needs: `${least_gib} GiB of memory`,
    found: bytes === null ? `unknown: ${reason}` : gibOf(bytes),
    way: 'Allow more (control-group limit), or take a larger machine.',
  }),
  freeMemory: (met: boolean, least_gib: number, bytes: number): RuleResult => ({
    met,
    needs: `${least_gib} GiB of free memory`,
    found: gibOf(bytes),
    way: 'End programs that use it.',
  }),
  swap: (met: boolean, most_gib: number, found: Known<number>): RuleResult => ({
    met,
    needs: most_gib === 0 ? 'swap to be off' : `${most_gib} GiB of swap at most`,
    found: textOf(found, (bytes) => (bytes === 0 ? 'no swap' : gibOf(bytes))),
    way: 'Turn it off: sudo swapoff -a. Memory that is swapped out makes times meaningless.',
  }),
  accelerators: (
    met: boolean,
    need: {
      least: number;
      most?: number | undefined;
      matches?: string | undefined;
      memory_least_gib?: number | undefined;
    },
    gpus: Known<Gpu[]>,
  ): RuleResult => ({
    met,
    needs: [
      `NVIDIA GPUs that a worker sees: ${range(need.least, need.most)}`,
      need.matches === undefined ? null : `of the model "${need.matches}"`,
      need.memory_least_gib === undefined ? null : `with ${need.memory_least_gib} GiB each`,
    ]
      .filter((part) => part !== null)
      .join(', '),
    found: textOf(gpus, gpuList),
    way: 'CUDA_VISIBLE_DEVICES chooses among several GPUs.',
  }),
  persistence: (met: boolean, others: Gpu[], reason: string | null): RuleResult => ({
    met,
    needs: 'persistence mode on',
    found: onGpus(met, others, reason, ({ persistence }) => textOf(persistence, (on) => (on ? 'on' : 'off'))),
    way: 'Turn it on: sudo nvidia-smi -pm 1. Without it each start loads the driver anew, with default settings.',
  }),
  mig: (is: string, met: boolean, others: Gpu[], reason: string | null): RuleResult => ({
    met,
    needs: `MIG ${is}`,
    found: onGpus(met, others, reason, ({ mig }) => textOf(mig, (on) => (on ? 'on' : 'off'))),
    way: 'sudo nvidia-smi -mig 0 or 1 changes it, while nothing uses the GPU.',
  }),
  powerLimit: (watts: number | undefined, met: boolean, others: Gpu[], reason: string | null): RuleResult => ({
    met,
    needs: watts === undefined ? 'the default power limit' : `a power limit of ${watts} W`,
    found: onGpus(
      met,
      others,
      reason,
      (gpu) =>
        `${textOf(gpu.power_limit_w, (w) => `${w} W`)} (default ${textOf(gpu.default_power_limit_w, (w) => `${w} W`)})`,
    ),
    way: 'Set it: sudo nvidia-smi -pl WATTS.',
  }),
  idle: (met: boolean, busy: GpuProcess[] | null, reason: string | null): RuleResult => ({
    met,
    needs: 'no process to compute on the GPUs',
    found:
      busy === null ? `unknown: ${reason}` : busy.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ') || 'none',
    way: 'End them first.',
  }),
};

const gpuList = (gpus: Gpu[]): string =>
  gpus.length === 0
    ? 'none'
    : gpus.map(({ index, model, memory_bytes }) => `GPU ${index} ${model}, ${textOf(memory_bytes, gibOf)}`).join('; ');

function onGpus(met: boolean, others: Gpu[], reason: string | null, show: (gpu: Gpu) => string): string {
  if (reason !== null) return `unknown: ${reason}`;
  return met ? 'on each GPU' : others.map((gpu) => `GPU ${gpu.index}: ${show(gpu)}`).join('; ');
}

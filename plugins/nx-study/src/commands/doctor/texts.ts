import { listed } from '../../base/layout.ts';
import type { Next } from '../../state/states.ts';
import { nxRun } from '../../workspace/project.ts';

const AFTER: Partial<Record<Next, (study: string) => string>> = {
  final: () => 'Correct the cause, then try it again: NX_STUDY_RETRY=1',
  'too-large': () =>
    'End programs that use memory, or take a smaller setting. NX_STUDY_IGNORE_MEMORY=1 starts it all the same.',
  fail: (study) => `Correct the input; ${nxRun(study, 'plan')} shows all that is wrong with it.`,
};

export const doctorTexts = {
  afterPlan: (study: string, next: Next): string | null => AFTER[next]?.(study) ?? null,
  expected: (why: string) => `The study expects a failure: ${why}`,
  memory: (needed: string, free: string, gpus: number) =>
    `fits: the largest needs at least ${needed}, and ${free} ${gpus === 0 ? 'are free' : 'of GPU memory are free'}`,

  toBuild: (name: string) => `the environment of ${name} is not made yet`,
  buildImage: 'The next run makes its image first; measure once while somebody looks on.',
  build: 'The next run makes it first, from the package index; measure once while somebody looks on.',
  system: (name: string) => `${name} runs on this system as it is`,
  ready: (name: string, versions: readonly string[]) =>
    `the environment of ${name} is ready${versions.length > 0 ? ` (${versions.join(', ')})` : ''}`,
  noGpu: (worker: string) => `${worker} would run in its CUDA environment, and the driver of NVIDIA shows no GPU here`,
  chooseCpu: 'Measure on a machine with a GPU, or set its device to cpu.',
  noDriverVersion: 'the driver of NVIDIA does not tell its version',
  driver: (version: string, models: readonly string[]) => `NVIDIA driver ${version}: ${listed(models, 4)}`,

  toFetch: (name: string, bytes: string) => `${name} is not on this machine: ${bytes} are to be fetched`,
  fetch: 'The next run fetches it first; the machine needs the network for that.',
  noModel: (path: string) => `there is no ${path}`,
  model: (name: string, bytes: string) => `${name} is here, and readable: ${bytes}`,
  unset: (name: string) => `the variable ${name}, which the study names, is not set`,
  set: (name: string) => `Set it where the run starts: export ${name}=…`,
  isSet: (name: string) => `the variable ${name} is set`,

  disk: (what: string, folder: string, free: string, needed: string | null) =>
    `${free} are free for ${what} (${folder})${needed === null ? '; how much they take is not known' : `, which take about ${needed}`}`,
  makeRoom: 'Make room there, or move the folder.',

  notBuilt: (worker: string) => `${worker} can't be asked: its environment is not made yet`,
  inContainer: (worker: string) => `${worker} runs in a container, which is not started for a look`,
  rebuild:
    'Remove its environment from the cache folder, so that the next run makes it anew; if that is no help, correct its lock.',
  importsFailed: (worker: string, names: readonly string[], reason: string) =>
    `${worker}: importing ${names.join(', ')} ended the program: ${reason}`,
  imported: (worker: string, name: string, version: string | null) =>
    `${worker}: ${version === null ? name : `${name} ${version}`} can be imported`,
  cuda: (builtFor: string | null, gpus: number) =>
    builtFor === null ? 'it is built without CUDA' : `it is built for CUDA ${builtFor}, and finds ${gpus} usable GPUs`,
  olderDriver: 'The driver of NVIDIA may be older than this CUDA needs, or CUDA_VISIBLE_DEVICES hides the GPUs.',
  notImported: (worker: string, name: string, error: string) => `${worker}: ${name} can't be imported: ${error}`,
  noAnswer: (worker: string, reason: string) => `the doctor command of ${worker} gave no answer: ${reason}`,
  ended: ({ by, how, said }: { by: string; how: string; said: string }) =>
    `${by === 'timeout' ? 'it took too long' : by === 'too-long' ? 'its answer is too long' : by === 'not-started' ? 'it could not be started' : how}${said === '' ? '' : `: ${said}`}`,

  nodesMeasure: 'jobs of Slurm measure on nodes, and all that is said here is about this machine',
  askNode: (study: string) =>
    `Ask a node, with the options that its jobs get: srun env NX_STUDY_EXECUTION='runner: local' npx ${nxRun(study, 'doctor')}`,
  free: 'no other run measures on this machine',
  waits: 'A run would wait until it has ended.',
  load: (cores: string, names: readonly string[]) =>
    `other programs use ${cores} cores${names.length > 0 ? `: ${names.join(', ')}` : ''}`,
  loadLimit: (cores: number) => `above ${cores} the study calls a measurement disturbed`,
  endThem: 'End them, or let them end, before the run.',
  clockBehind: (now: string, latest: string) => `the clock says ${now}, and a record was written at ${latest} already`,
  setClock: 'Set the clock: records are ordered by it.',
  synchronised: (now: string) => `${now}, set by a time server`,
  notKnownSynchronised: (now: string) => `${now}; nothing here says whether a time server sets it`,
  noCommit: (reason: string) => `records will name no commit: ${reason}`,
  dirty: (commit: string) =>
    `there are changes since ${commit.slice(0, 12)} that are not committed; records will say so`,
  clean: (commit: string) => `all is committed (${commit.slice(0, 12)})`,
  commit: 'Commit the study and its workers, so that records name what was measured.',
  nvml: (gpus: number) => `${gpus} NVIDIA GPUs, whose counters a worker reads`,
  noRapl: 'no RAPL counters of the processor',
  noCounters: 'no counters of energy here (neither RAPL nor an NVIDIA GPU): results will have no energy',
  rapl: (zones: number) => `${zones} RAPL counters may be read`,
  raplRefused: (refused: number, zones: number) => `${refused} of ${zones} RAPL counters may not be read by this user`,
  allowRapl: 'Until the next start of the machine: sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj',

  nothing: (study: string, done: number) => `${study}: nothing is left to measure (${done} done).`,
  head: (study: string, todo: number, done: number) =>
    `${study}: ${todo} to measure, ${done} done. Looked at before a run; nothing was measured, made or fetched.`,
};

import type { Pairing } from '../comparisons/compare.ts';
import type { Metric } from '../kinds/kind.ts';
import type { Verdict } from '../kinds/gates.ts';

const measurements = (count: number) => `${count} ${count === 1 ? 'measurement' : 'measurements'}`;

/** All words of the page that don't come from the study. */
export const pageTexts = {
  measuredOn: (hosts: readonly string[], cpus: readonly unknown[]) =>
    `measured on ${hosts.join(', ')} (${cpus.join('; ')})`,
  verdict: (verdict: Verdict, count: number) =>
    `${{ PASS: 'gates met', FAIL: 'gates failed', UNDECIDED: 'gates undecided' }[verdict]} ${count}×`,
  disturbed: (count: number) => `${count} disturbed by other work`,
  invalid: (count: number) => `${count} left out as invalid`,

  overridden: 'Measured against rules of the platform, on purpose',
  damaged: (count: number) => `${measurements(count)} damaged: no numbers of it are shown`,
  failed: (count: number) => `${measurements(count)} without a result`,
  failedGates: (count: number) => `Gates failed in ${measurements(count)}: these numbers are not to be relied on`,
  gate: (name: string, value: string | null, threshold: string) =>
    `${name} ${value === null ? 'has no value' : `is ${value}`}, must be ${threshold}`,
  relaxed: 'This study relaxed gates: by the default a PASS may be a FAIL',
  relaxedGate: (name: string, threshold: string, standard: number) => `${name} ${threshold} (default ${standard})`,
  stale: (count: number) =>
    `${measurements(count)} stale: measured with other settings, data or code than the study has now, and not compared`,
  findings: (count: number) => `${measurements(count)} with findings that weaken the numbers`,
  otherMessages: (count: number) => ` (and ${count} other ${count === 1 ? 'message' : 'messages'})`,
  machines: 'Measured on different machines: they are not compared with each other',
  images: 'Measured in different builds of the same image: what a build takes from elsewhere may differ between them',
  imagesOfEngines:
    'Measured by different engines, whose ids of an image are not comparable: nobody can tell whether they ran the same build',
  image: ({ worker, image, engine }: { worker: string; image: string; engine: string }, names: string) =>
    `${worker} in ${image.slice(0, 19)} of ${engine} (${names})`,
  fewRepetitions: (few: number, all: number, fewest: number) =>
    `${few} of ${all} experiments ${few === 1 ? 'has' : 'have'} fewer than ${fewest} repetitions, so there is no interval over repetitions for them`,
  repeatMore: (planned: number, fewest: number) =>
    `The study asks for ${planned}: set repeat.times to ${fewest} or more`,
  ofDraws:
    'That concerns times and sizes: numbers of a posterior have an interval and a Monte Carlo error within each measurement',
  missing: (count: number) => `${measurements(count)} not measured yet`,
  unusable: 'Folders that are left out, as they are not whole or not readable',

  differences: 'Differences to the baseline',
  experiments: 'Experiments',
  experimentsTable: 'Each experiment over its repetitions, and against its baseline',
  experiment: 'experiment',
  baseline: 'baseline',
  better: (side: 'higher' | 'lower') => `${side} is better`,
  intervals: (pairing: Pairing) =>
    `± and brackets are 95 % intervals over repetitions by Student’s t, on logarithms for times, rates and sizes; comparisons are ${{ all: 'paired by repetition', some: 'paired by repetition where both were measured in turns', none: 'not paired' }[pairing]}.`,
  corrected: (tests: number) =>
    tests === 0
      ? ''
      : `A star: can be told apart from the baseline${tests > 1 ? ` among all ${tests} comparisons (Holm’s correction)` : ''}.`,
  againstBaseline: 'How much each experiment differs from its baseline',
  howToReadAgainst:
    'a line is a 95 % interval; where it crosses the dashed line, the experiment can’t be told apart from its baseline. Rings are single pairs of repetitions.',
  describeAgainst: 'For each metric the ratio or difference of each experiment to its baseline, with its interval.',
  eachExperiment: 'Each experiment by itself',
  howToReadEach:
    'the mark is the mean over repetitions (the geometric mean for times, rates and sizes), the line its 95 % interval, rings are single repetitions.',
  describeEach: 'For each metric the mean of each experiment with its interval.',
  ratio: (better: Metric['better']) => `ratio to the baseline${better === null ? '' : `, ${better} is better`}`,
  difference: (unit: string, better: Metric['better']) =>
    `difference to the baseline${unit === '' ? '' : ` in ${unit}`}${better === null ? '' : `, ${better} is better`}`,

  axes: 'What the axes do',
  shares: 'How much of the variance each axis accounts for',
  howToReadShares:
    'a long part means that the axis moves the metric much; the last part is the noise between repetitions.',
  describeShares: 'For each metric the share of variance of each axis, of their interactions and between repetitions.',
  shareOfVariance: 'share of variance',
  higherInteractions: 'interactions of three axes or more',
  betweenRepetitions: 'between repetitions',
  levels: (metric: string, axis: string, low: string, high: string) =>
    `${metric} by ${axis}: from ${low} to ${high}, averaged over all else.`,
  interaction: (metric: string, axes: readonly string[]) =>
    `${metric}: the effect of ${axes[0]} depends on ${axes.slice(1).join(' and ')}.`,
  noShares: (reasons: readonly string[]) => `No shares of variance: ${reasons.join('; ')}.`,

  trust: 'Can the numbers be trusted?',
  gatesTable: 'Gates of each measurement',
  measurement: 'measurement',
  verdictHead: 'verdict',
  orderOfRunning: 'Whether the machine changed while the study ran',
  howToReadOrder:
    'from left to right in the order in which the measurements started; a slope that all experiments share is the machine, not the experiments.',
  describeOrder: 'The value of each run against its place in the order of starts.',
  relativeToMean: 'relative to the mean of its experiment',
  machinesHead:
    'Several machines of one kind share this study. Intervals are about these machines, and not about further ones of their kind. Against all of them together, by the experiments that each of them measured:',
  machineEffects: (metric: string, effects: string) => `${metric}: ${effects}`,
  drift: (
    metric: string,
    { percent, p, runs, isClear }: { percent: string; p: string; runs: number; isClear: boolean },
  ) =>
    `${metric}: ${isClear ? `drifts by ${percent} % a run` : 'no clear drift'} (Mann–Kendall p = ${p}, ${runs} runs).`,
  noDrift: (reason: string) => `Drift is not judged: ${reason}.`,
  phases: 'Where the time went',
  howToReadPhases: (shown: number, all: number) =>
    `each bar is one measurement, its parts are its phases.${shown < all ? ` The first ${shown} of ${all} are drawn.` : ''}`,
  describePhases: 'The duration of each phase of each measurement.',
  timeByPhase: 'time by phase',

  measurements: 'All measurements',
  onlyFirst: (shown: number, all: number, file: string) =>
    `Only the first ${shown.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} are shown here; ${file} beside this page has all.`,
  fewExperiments: (shown: number, all: number, file: string) =>
    `About ${shown} of ${all} experiments, the baselines among them; ${file} beside this page has all.`,
  badFirst: (shown: number, all: number, file: string) =>
    `Only ${shown.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} are shown here, those without a result or with failed gates first; ${file} beside this page has all.`,
  measurementsTable: 'All measurements; a head sorts by its column',
  state: 'state',
  gates: 'gates',
  flags: 'flags',

  details: 'Each measurement in detail',
  withoutNumbers: (most: number, file: string) =>
    `Of more than ${most} measurements the numbers stand only in ${file} beside this page.`,
  inPhase: (phase: string) => `in phase "${phase}"`,
  log: 'The end of the log',
  settings: 'settings',
  repetitionAndSeed: 'repetition, seed',
  started: 'started',
  attempts: (count: number) => `attempt ${count}`,
  took: 'took',
  machine: 'machine',
  telemetry: 'power, clocks, temperatures, memory',
  telemetryIn: (samples: number, file: string) => `${samples} samples in ${file}`,
  power: 'power',
  clocks: 'clock',
  temperatures: 'temperature',
  memoryOfWorker: 'memory of the worker',
  memoryOfGpus: 'memory of GPUs',
  memoryLeft: 'memory left on the machine',
  sinceStart: 'time since the start of the worker, s',
  telemetryOverTime: 'Power, clocks, temperatures and memory over time',
  howToReadTelemetry: (each: number) =>
    `a sample of each sensor about once a second${each === 1 ? '' : `, of ${each} samples in a row the lowest and the highest`}; a gap is a sample without a value`,
  describeTelemetry: (name: string) => `What the sensors of the machine gave while ${name} was measured.`,
  curvesLeft: (names: readonly string[]) => `Not drawn: ${names.join(', ')}`,
  curvesUnread: (reason: string) => `no curves: the file ${reason}`,
  curvesElsewhere: 'no curves: the page has room for those of the measurements above only',
  lowMeanHigh: (low: string, mean: string, high: string) => `${low} to ${high}, mean ${mean}`,
  commit: 'commit',
  dirty: 'with uncommitted changes',
  digest: 'digest',
  reusedFrom: 'reused from',
  numbers: 'All numbers',
  noValue: 'no value',
  unknown: 'unknown',

  reproduce: 'Measure it again',
  commands: 'Commands',
  measuredWith: 'measured with',
  files: 'The numbers as files, beside this page:',
  leftOut: 'Not measured, on purpose:',
  excluded: (count: number) => `${count} ${count === 1 ? 'combination' : 'combinations'} by the study’s \`exclude\``,
  merged: (id: string, count: number) => `${id} stands for ${count} equal configurations`,
  unplanned: (count: number) => `${measurements(count)} on this disk that the study no longer plans`,

  definitions: 'What the numbers mean',
  otherNumbers: (count: number) => `${count} more numbers`,
  method: (pairing: Pairing) => [
    'Repetitions are separate processes. Values within one process are never taken for repetitions.',
    'Intervals: 95 %, Student’s t over repetitions; of times, rates and sizes on logarithms, shown as geometric means. None below 3 repetitions.',
    {
      all: 'Comparisons are paired by repetition: the same repetition of all experiments has the same seed, and ran in the same cycle.',
      some: 'Comparisons are paired by repetition where each repetition of both ran before the next one of either. The others are not paired: Welch’s t.',
      none: 'Comparisons are not paired, as the repetitions of experiments were not measured in turns: Welch’s t.',
    }[pairing],
    'Many comparisons: p values are corrected by Holm’s method; intervals are not.',
  ],
  allStudies: 'All studies',
  studies: (count: number) => `${count} ${count === 1 ? 'study' : 'studies'}`,
  studiesTable: 'Studies with a report',
  study: 'study',
  question: 'question',
  latest: 'last measured',
  notMeasured: 'nothing measured yet',
  pageOf: (study: string) => `The report of ${study}`,
  indexFooter: 'Made by nx-study from the studies whose report was made in this workspace.',
  footer: (version: string) => `Made by nx-study ${version} from the records on disk. The page needs no network.`,
};

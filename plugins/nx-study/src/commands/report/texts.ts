import type { Pairing } from '../../comparisons/compare.ts';
import { nxRun } from '../../workspace/project.ts';

/** The head of a report, and the notes below its table. */
export const reportTexts = {
  nothing: (study: string, count: number) =>
    `Nothing is measured yet: ${counted(count)} pending.\n` +
    `Measure: ${nxRun(study, 'measure')}\n` +
    `See it before: ${nxRun(study, 'plan')}`,
  baseline: '* baseline',
  posterior: (percent: number) => `Brackets beside a mean: the middle ${percent} % of the posterior's draws`,
  prior: (percent: number) =>
    `Numbers named “(prior)” are medians of draws from the prior, with the middle ${percent} % of these: no posterior was sampled`,
  intervals:
    '± and brackets: 95 % intervals over repetitions, by Student’s t (on logarithms for times, rates and sizes)',
  noIntervals: (fewest: number) => `No intervals: they need ${fewest} repetitions`,
  comparedWith: (baselines: string[], pairing: Pairing, tests: number) =>
    `Second lines: against ${baselines.length === 1 ? `the baseline ${baselines[0]}` : 'its baseline'}${{ all: ', paired by repetition', some: ', paired by repetition where both were measured in turns', none: '' }[pairing]}${tests === 0 ? '' : `. A star: can be told apart from it${tests > 1 ? `, also among all ${tests} comparisons (Holm)` : ''}`}`,
  theseMachines: 'Intervals are about these machines, and not about further ones of their kind',
  machineEffects: (metric: string, effects: string) => `Machines, against all of them together: ${metric} ${effects}`,
  noColumn: (name: string, hint: string | null) =>
    `--columns: the results have no column \`${name}\`. ${hint === null ? '' : `${hint} `}After \`report\`, schema.json beside its tables lists them all.`,
  rowsLeftOut: (shown: number, all: number) =>
    `Only the first ${shown} of ${all} rows are shown; the CSV file has all.`,
  experimentsLeftOut: (shown: number, all: number) =>
    `Only the first ${shown} of ${all} experiments are shown; comparisons.csv has all.`,
  leftOut: (heads: string[]) =>
    `For lack of room without: ${heads.join(', ')}. A wider terminal or the CSV file shows them.`,
  tables: (folder: string) => `All numbers: ${folder} (measurements, comparisons: csv, parquet; samples.parquet)`,
  observations: (folder: string) => `Each observation, left out: ${folder}/observations.parquet`,
  page: (file: string, index: string) => `Report: ${file} (all studies: ${index})`,
  files: [
    ['measurements.parquet', 'one row for each measurement or workload'],
    ['measurements.csv', 'the same for spreadsheets'],
    ['comparisons.csv', 'each experiment and metric: its repetitions, and how it compares with the baseline'],
    ['comparisons.parquet', 'the same with types'],
    ['samples.parquet', 'one row for each number of each request, iteration or position'],
    ['observations.parquet', 'one row for each observation of a posterior: how it is predicted when it is left out'],
    ['schema.json', 'all columns with their meaning'],
  ] as const,
  crate: (study: string) =>
    `The nx-study study ${study}: its report, its files, and the records of its measurements. Files that stay on the machine that measured, such as draws, are left out.`,
  noLicense: 'not stated by the study',
  bundle: (file: string) => `Everything for an appendix: ${file}`,
  more: (count: number) => `… and ${count} more; the CSV file has all`,
  gates: (gates: string[]) => `Gates: ${gates.join(', ')}`,
  relaxed: (gates: string[]) => `RELAXED by this study: ${gates.join(', ')}. By the default a PASS may be a FAIL`,
  failedGates: (count: number) => `Gates failed in ${counted(count)}:`,
  undecidedGates: (count: number) =>
    `Gates are undecided in ${counted(count)}, for lack of requests, or of known times:`,
  failed: (count: number) => `${counted(count)} failed:`,
  tooLarge: (count: number) => `${counted(count)} not started, as too large:`,
  damaged: (count: number) =>
    `${counted(count)} DAMAGED: finished, but not whole any more, so no numbers are shown. The next run takes it from the cache of Nx, or measures again and keeps what lies there:`,
  unchecked: (count: number, ids: string) =>
    `${counted(count)} without a checksum of the record or the diagnostics (${ids}): an earlier version wrote them, so an edit of record.json or derived.json would not be seen.`,
  unusable: 'Left out, as it is not whole or not readable:',
  interrupted: (count: number) => `${counted(count)} interrupted, to be repeated by the next run:`,
  expectedFailures: (count: number) => `${counted(count)} failed, as the study expects:`,
  supervisorGone: 'interrupted: its supervisor is gone',
  overridden: "MEASURED AGAINST RULES of the study's platform, on purpose:",
  findings: 'Flags:',
  absent: 'Without a value:',
  seeFinding: (code: string) => `see the flag ${code}`,
  machines: (cpus: string[]) => `Measured on different machines (${cpus.join('; ')}): compare times with care.`,
  stale: (count: number, ids: string) =>
    `${counted(count)} stale (${ids}): the numbers shown were measured with other settings, data, code or another take than the study has now; "plan" says what changed.`,
  earlier: 'Also on this disk:',
  takes: (id: string, shown: number, others: number, place: string) =>
    `${id}: take ${shown} is shown, ${others} other ${others === 1 ? 'take is' : 'takes are'} kept in ${place}`,
  versions: (count: number) =>
    `${count} ${count === 1 ? 'measurement' : 'measurements'} with other settings, data or code`,
  retryRequested: (id: string, failure: string) => `${id}: asked for again, after ${failure}`,
  failedBefore: (id: string, type: string) => `${id}: failed before with other settings, data or code (${type})`,
  pending: (count: number, ids: string, study: string) =>
    `${count} to be measured (${ids}): ${nxRun(study, 'measure')}`,
  invalid: (count: number) => `Left out by the plan, as invalid (${count}):`,
  merged: 'Equal configurations, measured once:',
  excluded: (count: number) =>
    `Left out by the study's "exclude": ${count} ${count === 1 ? 'combination' : 'combinations'}.`,
  unplanned: (count: number, attempts: number) =>
    `No longer in the plan, and not shown: ${counted(count)} on this disk (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}).`,
};

function counted(count: number): string {
  return `${count} ${count === 1 ? 'measurement' : 'measurements'}`;
}

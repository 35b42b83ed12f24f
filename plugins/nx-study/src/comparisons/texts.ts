import { listed } from '../base/layout.ts';
import type { State } from '../state/states.ts';

/** Reasons why something is not compared. */
export const comparisonTexts = {
  ofDraws: (interval: string) => `${interval}, over seeds of the sampler: Monte Carlo error only`,
  monteCarlo: (labels: readonly string[]) =>
    `Intervals over repetitions of ${labels.join(', ')} are Monte Carlo intervals: only the sampler's seed differs. They say how exactly a number was computed, not how uncertain it is, given the data`,
  isBaseline: 'it is the baseline',
  noBaseline: 'the study names no baseline: add `report: {baseline: …}` to study.yaml',
  noSuchBaseline: (host: string | null, workload: string | null) =>
    `the baseline was not measured${workload === null ? '' : ` with the workload ${workload}`}${host === null ? '' : ` on ${host}`}`,
  severalBaselines: (names: readonly string[]) => `several baselines are equally near: ${names.join(', ')}`,
  notMeasuredYet: 'the baseline is not measured',
  byObservation:
    'the error of its difference is one over observations, which repetitions don’t show: posteriors of one study are compared observation by observation',
  priorAgainstPosterior: 'one of the two has draws from the prior only, the other one a posterior',
  notMeasured: (state: State) => `its state is ${state}`,
  notOfWorker: 'its worker gives no such number',
  severalMachines: 'the measurements are of several machines',
  machinesApart: 'machines of different kinds are not taken together',
  notWithinMachines:
    'no machine measured the same repetition of both in turns, so the difference can’t be told from that of the machines',
};

/** Sentences of the answer. */
export const answerTexts = {
  nothing: 'Nothing is measured yet.',
  single: 'There is only one experiment, so there is nothing to compare.',
  noBaseline: 'The study names no baseline, so nothing is compared: add `report: {baseline: …}` to study.yaml.',
  noMetric: 'The results have no number to compare the experiments by.',
  noComparison: 'No experiment has both a value and a baseline with one.',
  unreliable: (disturbed: number, measured: number) =>
    `Not to be relied on: other work, throttling or a suspension disturbed ${disturbed} of ${measured} measurements.`,
  sentence: (baseline: string, metric: string, parts: readonly string[]) =>
    `Against ${baseline}, ${metric} ${parts.join('; it ')}.`,
  part: {
    'relevantly larger': (list: string) => `is higher for ${list}`,
    'relevantly smaller': (list: string) => `is lower for ${list}`,
    equivalent: (list: string) => `differs by less than is relevant for ${list}`,
    'not told apart': (list: string) => `can't be told apart for ${list}`,
    'no interval': (list: string, reason: string) => `is ${list} (${reason})`,
  },
  bare: (estimate: string, name: string) => `${estimate} for ${name}`,
  failedGates: (names: string) => `Gates failed, so these numbers are not to be relied on: ${names}.`,
  targets: (limits: readonly string[], parts: readonly string[]) =>
    `The target ${listed(limits, 6)} is ${parts.join('; ')}.`,
  target: {
    PASS: (names: string) => `met by ${names}`,
    FAIL: (names: string) => `missed by ${names}`,
    UNDECIDED: (names: string) =>
      `undecided for ${names}: requests are too few, or failed, or their times are not known`,
  },
  needed: (count: number) => `about ${count.toLocaleString('en-US')} repetitions would be needed`,
  more: (count: number) => `${count} more`,
  list: (names: readonly string[]) =>
    names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`,
  corrected: (tests: number) =>
    `Brackets are 95 % intervals.${tests > 1 ? ` "Higher" and "lower" hold among all ${tests} comparisons that are shown (Holm's correction).` : ''}`,
};

/** Sentences about posteriors, beside those that compare two of them. */
export const posteriorTexts = {
  more: (count: number) =>
    `${count} more ${count === 1 ? 'experiment is' : 'experiments are'} compared in the tables of the report.`,
  refused: (names: readonly string[], baseline: string, reason: string) =>
    `${names.length} experiments can't be compared with \`${baseline}\` (${listed(names, 4)}): ${reason}.`,
  withoutBaseline: (names: readonly string[], reason: string) =>
    `Not compared with a baseline: ${listed(
      names.map((name) => `\`${name}\``),
      4,
    )}, as ${reason}.`,
  under: (value: string, name: string) => `${value} under \`${name}\``,
  besideEachOther: (label: string, values: readonly string[]) =>
    `Beside each other, without a difference: the ${label} is ${listed(values, 6)} (brackets: the middle 90 % of the draws).`,
  failedGatesOf: (name: string, gates: readonly string[]) => `\`${name}\` (${gates.join(', ')})`,
  failedGates: (names: readonly string[]) => `Gates failed, so this is not to be relied on: ${listed(names, 4)}.`,
};

/** Sentences about draws from the prior. */
export const priorTexts = {
  under: (name: string, draws: number, parts: readonly string[]) =>
    `Under the prior of \`${name}\` (${draws.toLocaleString('en-US')} draws, no posterior), ${parts.join(', ')}.`,
  value: (label: string, value: string) => `the ${label} is ${value}`,
  observed: (quantities: readonly string[], variable: string) =>
    `the observed ${listed(quantities, 4)} of ${variable} ${quantities.length === 1 ? 'lies' : 'lie'} outside the middle 90 % of the data that it makes`,
  brackets: 'Numbers under a prior are medians; brackets have the middle 90 % of the draws.',
  notCompared: (names: readonly string[]) =>
    `${listed(names, 4)}: draws from a prior are not compared with a posterior.`,
  more: (count: number) =>
    `${count} more ${count === 1 ? 'experiment draws' : 'experiments draw'} from a prior; the tables have ${count === 1 ? 'it' : 'them'}.`,
};

/** Sentences about fits of simulated data. */
export const calibrationTexts = {
  uniform: (name: string, all: number, fits: number) =>
    `Under \`${name}\`, ranks of ${all} of ${all} quantities are compatible with a uniform distribution over ${fits} fits of simulated data`,
  notUniform: (name: string, found: readonly string[], all: number, fits: number) =>
    `Under \`${name}\`, ranks of ${found.length} of ${all} quantities are not uniform over ${fits} fits of simulated data (${listed(found, 3)}): right draws show that in at most 5 % of studies, so look for an error in the sampler, the model or its simulation`,
  quantity: (name: string, p: string) => `${name}, p ${p}`,
  chance: (count: number, all: number) =>
    ` (${count} outside of their own 95 % band, which is no more than chance allows among ${all})`,
  covered: (level: number, share: string) => `; ${level} % intervals have the true value in ${share} of cases`,
  interval: (low: string, high: string) => ` (${low} to ${high})`,
  unknown: (count: number) => `; ${count} more have no ranks`,
  flagged: (name: string, count: number, of: number) =>
    `${count} of ${of} fits of \`${name}\` are flagged for their R-hat, effective sample size or divergences, or failed; they count all the same where they have ranks.`,
  few: (name: string, fits: number) => `${fits} fits of \`${name}\` show gross errors only; 100 or more are usual.`,
  refused: (name: string, reason: string) => `The simulated fits of \`${name}\` can't be counted: ${reason}.`,
  notAll: (name: string, measured: number, planned: number) =>
    `${measured} of ${planned} measurements of \`${name}\` are there; the others may change this.`,
};

import { isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { fixed } from '../../../base/numbers.ts';
import type { EstimateDifference } from './estimates.ts';
import type { PredictionDifference } from './prediction.ts';
import type { PositionComparison, Shift } from './shifts.ts';
import { compareReasons } from './texts.ts';

const MOST_NAMES = 3;

/** A posterior against that of the baseline, without words; differences are candidate less baseline. */
export interface Compared {
  /** Labels of the experiments. */
  candidate: string;
  baseline: string;
  estimates: EstimateDifference[] | Absent;
  positions: PositionComparison | Absent;
  /** By leave-one-out cross-validation. */
  prediction: PredictionDifference | Absent;
}

/** The answer in words. Each part says what its rule says, and no more; parts that could not be compared come last, with the reason. */
export function sentenceOf({ candidate, baseline, estimates, positions, prediction }: Compared): string {
  if (isAbsent(estimates)) return `\`${candidate}\` can't be compared with \`${baseline}\`: ${estimates.reason}.`;
  const parts = [
    ...estimates.filter(({ main }) => main).map((one) => estimateWords(one, candidate)),
    ...(isAbsent(positions) ? [] : [positionWords(positions)]),
    ...(isAbsent(prediction) ? [] : [predictionWords(prediction, candidate, baseline)]),
    // Most models have none: nothing is missing then.
    ...(isAbsent(positions) && positions.reason !== compareReasons.neitherHasPositions
      ? [`positions aren't compared: ${positions.reason}`]
      : []),
    ...(isAbsent(prediction) ? [`predictions aren't compared: ${prediction.reason}`] : []),
  ];
  const [first, ...others] = parts;
  return [`Against \`${baseline}\`, ${first}.`, ...others.map((part) => `${capitalised(part)}.`)].join(' ');
}

const capitalised = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}`;

function estimateWords(one: EstimateDifference, label: string): string {
  const { difference, candidate, baseline, mcse, sd, conclusion } = one;
  if (isAbsent(difference)) return `the ${one.label} isn't compared: ${difference.reason}`;
  if (isAbsent(candidate) || isAbsent(baseline)) return `the ${one.label} isn't compared`;
  const error = isAbsent(mcse) ? null : mcse;
  const [from, to] = [baseline, candidate].map((value) => signed(value, error));
  const unit = one.unit === '' ? '' : ` ${one.unit}`;
  const change = `${plus(difference, error)}${unit}, Monte Carlo error ${error === null ? 'not known' : rounded(error)}`;
  const spread = isAbsent(sd) ? '' : ` (sd of the difference ${rounded(sd, 2)})`;
  const words = {
    indistinguishable: `the ${one.label} under \`${label}\` can't be told from ${from}${unit}: it is ${to}${unit} (${change})`,
    'within uncertainty': `\`${label}\` moves the ${one.label} from ${from} to ${to}${unit} (${change}), which is small against posterior uncertainty${spread}`,
    'beyond uncertainty': `\`${label}\` moves the ${one.label} from ${from} to ${to}${unit} (${change}), which is large against posterior uncertainty${spread}`,
    unknown: `the ${one.label} is ${from}${unit} under the baseline and ${to}${unit} under \`${label}\` (${change}${isAbsent(mcse) ? `: ${mcse.reason}` : ''}), so nothing is concluded`,
  }[conclusion];
  return `${words}${relevanceWords(one)}`;
}

function relevanceWords({ relevance, relevant, unit }: EstimateDifference): string {
  if (relevance === null || relevant === null) return '';
  const limit = `${relevant}${unit === '' ? '' : ` ${unit}`}`;
  return {
    equivalent: `, and less than the relevant ${limit}`,
    relevant: `, and more than the relevant ${limit}`,
    undecided: `, and can't be told from the relevant ${limit}`,
  }[relevance];
}

function positionWords({
  correlation,
  by_group,
  beyond_uncertainty,
  beyond_monte_carlo,
  shifts,
  largest,
  unmatched,
}: PositionComparison): string {
  const groups = by_group.flatMap((one) => (isAbsent(one.correlation) ? [] : [one.correlation]));
  const within = groups.length > 1 ? ` (within groups ${towardsZero(Math.min(...groups))} at least)` : '';
  const all = isAbsent(correlation)
    ? 'no correlation of positions'
    : `positions correlate ${towardsZero(correlation)}${within}`;
  const known = shifts.filter(({ z }) => z !== null).length;
  const moved =
    beyond_uncertainty.length === 0
      ? `none of ${known} moved by more than the posterior standard deviation of the difference`
      : `${beyond_uncertainty.length} of ${known} moved by more than the posterior standard deviation of the difference: ${names(beyond_uncertainty)}`;
  const numerically = beyond_monte_carlo
    ? `, ${beyond_monte_carlo.shifts.length} by more than 2 Monte Carlo errors (by chance about ${Math.round(beyond_monte_carlo.expected)})`
    : '';
  const most = `, the largest shift is ${plus(largest.shift, largest.mcse)} (${largest.name})`;
  const lost = unmatched.candidate.length + unmatched.baseline.length;
  return `${all}; ${moved}${numerically}${most}${lost > 0 ? `; ${lost} are in only one of the two` : ''}`;
}

function names(shifts: readonly Shift[]): string {
  const shown = shifts.slice(0, MOST_NAMES).map(({ name, z }) => `${name} (z = ${plus(z ?? 0, 0.1)})`);
  const more = shifts.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function predictionWords(one: PredictionDifference, candidate: string, baseline: string): string {
  const numbers = `elpd ${plus(one.difference, one.se, 2)} ± ${rounded(one.se, 2)}, leaving out ${one.left_out}`;
  const words = {
    better: `leave-one-out prediction favours \`${candidate}\` (${numbers})`,
    worse: `leave-one-out prediction favours \`${baseline}\` (${numbers})`,
    'not told apart': `leave-one-out prediction can't tell the two apart (${numbers})`,
  }[one.conclusion];
  const notes = one.notes.map((note) => `; ${note}`).join('');
  return `${words}${unreliableWords(one, candidate, baseline)}${notes}`;
}

/** How many observations are not reliable under each, and whether the conclusion hangs on them. */
function unreliableWords(one: PredictionDifference, candidate: string, baseline: string): string {
  const { unreliable } = one;
  if (unreliable.candidate + unreliable.baseline === 0) return '';
  const count = `; of ${one.n.toLocaleString('en-US')} observations ${unreliable.candidate} under \`${candidate}\` and ${unreliable.baseline} under \`${baseline}\` are not reliable (Pareto k)`;
  const { without } = one;
  if (without === null) return count;
  const isOther = without.conclusion !== one.conclusion || Math.sign(without.difference) !== Math.sign(one.difference);
  const numbers = `elpd ${plus(without.difference, without.se, 2)} ± ${rounded(without.se, 2)}, ${without.conclusion}`;
  return `${count}, and without these the answer ${isOther ? 'is another one' : 'stays the same'} (${numbers})`;
}

/** An error, with one significant digit unless more are asked for. */
const rounded = (error: number, digits = 1) => String(Number(error.toPrecision(digits)));

/** A number with as many decimals as the digits of its error have; without an error, with four significant digits. */
function signed(value: number, error: number | null, digits = 1): string {
  return minus(withDigits(value, error, digits));
}

function withDigits(value: number, error: number | null, digits: number): string {
  if (error === null || !(error > 0)) return String(Number(value.toPrecision(4)));
  return fixed(value, Math.min(12, Math.max(0, Math.ceil(-Math.log10(error)) + digits - 1)));
}

/** A difference: a plus before what is above 0 as shown. */
function plus(value: number, error: number | null, digits = 1): string {
  const text = withDigits(value, error, digits);
  return Number(text) > 0 ? `+${text}` : minus(text);
}

const minus = (text: string) => text.replace('-', '−');

/** Three decimals, never rounded up to 1. */
const towardsZero = (value: number) => minus(fixed(Math.trunc(value * 1000) / 1000, 3));

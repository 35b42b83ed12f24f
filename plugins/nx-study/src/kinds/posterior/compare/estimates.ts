import { normalQuantile } from '../../../analysis/normal.ts';
import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { orReason } from '../../evidence.ts';
import type { Value } from '../../kind.ts';
import type { Estimate } from '../schema.ts';
import type { Comparable } from './comparable.ts';
import { compareReasons } from './texts.ts';

/** A difference of fewer Monte Carlo errors isn't one. */
export const ERRORS = 2;
/** As the gate of the kind. */
export const RHAT_LIMIT = 1.01;
const MASS = 0.9;

/**
 * The only words that the difference of two posterior means allows:
 * - `indistinguishable`: within 2 Monte Carlo errors.
 * - `within uncertainty`: told apart numerically, but the 90 % interval of the difference contains 0.
 * - `beyond uncertainty`: that interval doesn't contain 0.
 * - `unknown`: the Monte Carlo error, or the posterior standard deviation, isn't known.
 */
export type EstimateConclusion = 'indistinguishable' | 'within uncertainty' | 'beyond uncertainty' | 'unknown';

/** A quantity of the candidate less that of the baseline. */
export interface EstimateDifference {
  name: string;
  label: string;
  unit: string;
  description: string;
  main: boolean;
  /** Posterior means. */
  candidate: Value;
  baseline: Value;
  difference: Value;
  /** √(sd² + sd²) of the two posteriors, which are independent as draws. */
  sd: Value;
  /** The middle 90 % of the difference, as a normal distribution: difference ± 1.645 sd. */
  interval: { low: number; high: number; mass: number } | Absent;
  /** √(mcse² + mcse²): the Monte Carlo standard error of the difference of the means. */
  mcse: Value;
  conclusion: EstimateConclusion;
  /** The least difference that matters, in the quantity's unit; null where none is declared. */
  relevant: number | null;
  /** Of the difference ± 2 Monte Carlo errors: all below the relevant difference, all above, or neither; null where none is declared. */
  relevance: 'equivalent' | 'relevant' | 'undecided' | null;
}

/** Differences of all quantities that one of the two has, in the baseline's order. */
export function estimateDifferences(
  candidate: Comparable,
  baseline: Comparable,
  relevant: Readonly<Record<string, number>> = {},
): EstimateDifference[] {
  const names = [baseline, candidate].flatMap(({ derived }) => Object.keys(derived.estimates ?? {}));
  return [...new Set(names)].map((name) => differenceOf(name, { candidate, baseline }, relevant[name] ?? null));
}

function differenceOf(
  name: string,
  { candidate, baseline }: { candidate: Comparable; baseline: Comparable },
  relevant: number | null,
): EstimateDifference {
  const [one, other] = [quantityOf(candidate, name), quantityOf(baseline, name)];
  const known = { candidate: meanOf(one, name), baseline: meanOf(other, name) };
  const { label, unit, description, main } = (other.estimate ?? one.estimate)!;
  const about = { name, label, unit, description, main, ...known, relevant };
  const difference = meansDiffer(one, other) ?? combined(known.candidate, known.baseline, (a, b) => a - b);
  if (isAbsent(difference)) {
    const none = { difference, sd: difference, interval: difference, mcse: difference };
    return { ...about, ...none, conclusion: 'unknown', relevance: relevant === null ? null : 'undecided' };
  }
  const sd = combined(sdOf(one), sdOf(other), Math.hypot);
  const mcse = combined(errorOf(one, name), errorOf(other, name), Math.hypot);
  const interval = intervalOf(difference, sd);
  return {
    ...about,
    difference,
    sd,
    interval,
    mcse,
    conclusion: conclude(difference, mcse, interval),
    relevance: relevant === null ? null : relevanceOf(difference, mcse, relevant),
  };
}

interface Quantity {
  label: string;
  reasons: Readonly<Record<string, string>>;
  estimate: Estimate | null;
}

const quantityOf = ({ label, derived }: Comparable, name: string): Quantity => ({
  label,
  reasons: derived.reasons,
  estimate: Object.hasOwn(derived.estimates ?? {}, name) ? derived.estimates![name]! : null,
});

function meanOf({ label, reasons, estimate }: Quantity, name: string): Value {
  return estimate ? orReason(estimate.mean, reasons, `estimates.${name}.mean`) : absent(compareReasons.missing(label));
}

const sdOf = ({ estimate }: Quantity): Value => estimate?.sd ?? absent(compareReasons.noDraws);

function errorOf({ label, estimate }: Quantity, name: string): Value {
  const { mcse_mean = null, rhat = null } = estimate ?? {};
  if (mcse_mean === null) return absent(compareReasons.noError(`${name} of ${label}`));
  if (rhat !== null && rhat > RHAT_LIMIT)
    return absent(compareReasons.chainsDisagree(`${name} of ${label}`, rhat, RHAT_LIMIT));
  return mcse_mean;
}

/** Two quantities of one name that mean different things have no difference. */
function meansDiffer({ estimate: one }: Quantity, { estimate: other }: Quantity): Absent | null {
  if (!one || !other) return null;
  const isSame = one.description === other.description && one.unit === other.unit;
  return isSame ? null : absent(compareReasons.otherDescription);
}

function intervalOf(difference: number, sd: Value): EstimateDifference['interval'] {
  if (isAbsent(sd)) return sd;
  const half = normalQuantile((1 + MASS) / 2) * sd;
  return { low: difference - half, high: difference + half, mass: MASS };
}

function conclude(difference: number, mcse: Value, interval: EstimateDifference['interval']): EstimateConclusion {
  if (isAbsent(mcse)) return 'unknown';
  if (Math.abs(difference) <= ERRORS * mcse) return 'indistinguishable';
  if (isAbsent(interval)) return 'unknown';
  return interval.low <= 0 && interval.high >= 0 ? 'within uncertainty' : 'beyond uncertainty';
}

function relevanceOf(difference: number, mcse: Value, relevant: number): EstimateDifference['relevance'] {
  if (isAbsent(mcse)) return 'undecided';
  if (Math.abs(difference) + ERRORS * mcse < relevant) return 'equivalent';
  return Math.abs(difference) - ERRORS * mcse > relevant ? 'relevant' : 'undecided';
}

function combined(one: Value, other: Value, of: (one: number, other: number) => number): Value {
  if (isAbsent(one)) return one;
  return isAbsent(other) ? other : of(one, other);
}

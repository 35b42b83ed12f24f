import { elpdDifference } from '../../../analysis/elpd.ts';
import type { ElpdDifference, Pointwise } from '../../../analysis/elpd.ts';
import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { reasonOf } from '../../evidence.ts';
import { elpdOfEach } from '../observations.ts';
import type { Loo } from '../schema.ts';
import type { Comparable } from './comparable.ts';
import { compareReasons } from './texts.ts';

/** Below it the normal approximation of the difference fails, whatever its standard error: Sivula, Magnusson, Matamoros and Vehtari (2020), arXiv:2008.10296. */
const SMALL_ELPD = 4;
/** Below it the standard error itself is too small as a rule: the same paper, and ArviZ's `compare`. */
const FEW_OBSERVATIONS = 100;
const ERRORS = 2;

type Conclusion = 'better' | 'worse' | 'not told apart';

/** Leave-one-out prediction of the candidate against the baseline. */
export interface PredictionDifference extends ElpdDifference {
  /** What one observation is, in words. */
  left_out: string;
  /** `better`, `worse`: by more than 2 standard errors, and by 4 nats at least. */
  conclusion: Conclusion;
  /** Why the standard error says too little; none where it can be relied on. */
  notes: string[];
  /** Observations of one of the two whose Pareto k is above its limit. */
  unreliable: { candidate: number; baseline: number };
  /** The same without the observations that are not reliable in either; null where all are, or where they aren't listed. */
  without: (ElpdDifference & { left_out: number; conclusion: Conclusion }) | null;
}

/** The difference of elpd with its standard error, from pointwise values; absent with the reason where there are none. */
export function predictionDifference(candidate: Comparable, baseline: Comparable): PredictionDifference | Absent {
  const [one, other] = [looOf(candidate), looOf(baseline)];
  if (isAbsent(one)) return one;
  if (isAbsent(other)) return other;
  if (one.loo.left_out !== other.loo.left_out)
    return absent(compareReasons.otherUnit(one.loo.left_out, other.loo.left_out));
  if (one.loo.density !== other.loo.density)
    return absent(compareReasons.otherDensity(one.loo.density ?? 'neither', other.loo.density ?? 'neither'));
  const found = elpdDifference(one.pointwise, other.pointwise);
  if (isAbsent(found)) return found;
  return {
    ...found,
    left_out: one.loo.left_out,
    conclusion: conclusionOf(found),
    notes: [...notesOf(found), ...potentialNotes(one.loo, other.loo)],
    unreliable: { candidate: one.loo.pareto_k.above, baseline: other.loo.pareto_k.above },
    without: withoutUnreliable(one, other),
  };
}

function conclusionOf({ difference, se }: ElpdDifference): Conclusion {
  const isTold = Math.abs(difference) > ERRORS * se && Math.abs(difference) >= SMALL_ELPD;
  if (!isTold) return 'not told apart';
  return difference > 0 ? 'better' : 'worse';
}

function notesOf({ n, difference }: ElpdDifference): string[] {
  return [
    ...(n < FEW_OBSERVATIONS ? [compareReasons.fewObservations(n, FEW_OBSERVATIONS)] : []),
    ...(Math.abs(difference) < SMALL_ELPD ? [compareReasons.smallElpd(SMALL_ELPD)] : []),
  ];
}

function potentialNotes(...both: readonly Loo[]): string[] {
  const names = [...new Set(both.flatMap(({ potentials }) => potentials))];
  return names.length > 0 ? [compareReasons.potentials(names)] : [];
}

function withoutUnreliable(one: Readable, other: Readable): PredictionDifference['without'] {
  const lists = [one, other].map(({ loo }) => (loo.pareto_k.above === 0 ? [] : loo.pareto_k.at));
  const unreliable = new Set(lists.flatMap((list) => list ?? []));
  if (lists.includes(undefined) || unreliable.size === 0) return null;
  const found = elpdDifference(one.pointwise, other.pointwise, unreliable);
  return isAbsent(found) ? null : { ...found, left_out: unreliable.size, conclusion: conclusionOf(found) };
}

interface Readable {
  loo: Loo;
  pointwise: Pointwise;
}

function looOf({ label, derived }: Comparable): Readable | Absent {
  const { loo, reasons } = derived;
  if (!loo) return absent(`${compareReasons.noLoo(label)}${because(reasonOf(reasons, 'loo'))}`);
  const elpd = elpdOfEach(derived);
  if (isAbsent(elpd)) return absent(`${compareReasons.noPointwise(label)}${because(elpd.reason)}`);
  return { loo, pointwise: { elpd, observed: loo.observed_sha256 } };
}

const because = (reason: string | null) => (reason === null ? '' : `: ${reason}`);

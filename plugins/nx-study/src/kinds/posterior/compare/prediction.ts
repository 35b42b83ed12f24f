import { elpdDifference } from '../../../analysis/elpd.ts';
import type { ElpdDifference, Pointwise } from '../../../analysis/elpd.ts';
import { absent, isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { reasonOf } from '../../evidence.ts';
import type { Loo } from '../schema.ts';
import type { Comparable } from './comparable.ts';
import { compareReasons } from './texts.ts';

/** Below it the normal approximation of the difference fails, whatever its standard error: Sivula, Magnusson, Matamoros and Vehtari (2020), arXiv:2008.10296. */
const SMALL_ELPD = 4;
const ERRORS = 2;

/** Leave-one-out prediction of the candidate against the baseline. */
export interface PredictionDifference extends ElpdDifference {
  /** What one observation is, in words. */
  left_out: string;
  /** `better`, `worse`: by more than 2 standard errors, and by 4 nats at least. */
  conclusion: 'better' | 'worse' | 'not told apart';
  /** Observations of one of the two whose Pareto k is above its limit. */
  unreliable: { candidate: number; baseline: number };
}

/** The difference of elpd with its standard error, from pointwise values; absent with the reason where there are none. */
export function predictionDifference(candidate: Comparable, baseline: Comparable): PredictionDifference | Absent {
  const [one, other] = [looOf(candidate), looOf(baseline)];
  if (isAbsent(one)) return one;
  if (isAbsent(other)) return other;
  if (one.loo.left_out !== other.loo.left_out)
    return absent(compareReasons.otherUnit(one.loo.left_out, other.loo.left_out));
  const found = elpdDifference(one.pointwise, other.pointwise);
  if (isAbsent(found)) return found;
  const isTold = Math.abs(found.difference) > ERRORS * found.se && Math.abs(found.difference) >= SMALL_ELPD;
  return {
    ...found,
    left_out: one.loo.left_out,
    conclusion: isTold ? (found.difference > 0 ? 'better' : 'worse') : 'not told apart',
    unreliable: { candidate: one.loo.pareto_k.above, baseline: other.loo.pareto_k.above },
  };
}

function looOf({ label, derived }: Comparable): { loo: Loo; pointwise: Pointwise } | Absent {
  const { loo, reasons } = derived;
  if (!loo) return absent(`${compareReasons.noLoo(label)}${because(reasonOf(reasons, 'loo'))}`);
  if (loo.elpd_i === null)
    return absent(`${compareReasons.noPointwise(label)}${because(reasonOf(reasons, 'loo.elpd_i'))}`);
  return { loo, pointwise: { elpd: loo.elpd_i, observed: loo.observed_sha256 } };
}

const because = (reason: string | null) => (reason === null ? '' : `: ${reason}`);

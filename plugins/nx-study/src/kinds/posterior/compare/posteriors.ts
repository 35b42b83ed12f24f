import { isAbsent } from '../../../base/known.ts';
import { comparable } from './comparable.ts';
import type { Side } from './comparable.ts';
import { estimateDifferences } from './estimates.ts';
import { predictionDifference } from './prediction.ts';
import { sentenceOf } from './sentence.ts';
import type { Compared } from './sentence.ts';
import { comparePositions } from './shifts.ts';

export interface PosteriorComparison extends Compared {
  /** The answer in words, made by rules; also where nothing could be compared. */
  sentence: string;
}

/**
 * Compares what was derived from two measurements. All is refused, with the reason, where they are of other observations,
 * or of another coding or scale (`basis` of derived.json).
 * @param relevant - Quantity → the least difference that matters, in its unit.
 */
export function comparePosteriors(
  candidate: Side,
  baseline: Side,
  relevant: Readonly<Record<string, number>> = {},
): PosteriorComparison {
  const labels = { candidate: candidate.label, baseline: baseline.label };
  const both = comparable(candidate, baseline);
  const parts = isAbsent(both)
    ? { estimates: both, positions: both, prediction: both }
    : {
        estimates: estimateDifferences(both.candidate, both.baseline, relevant),
        positions: comparePositions(both.candidate, both.baseline),
        prediction: predictionDifference(both.candidate, both.baseline),
      };
  return { ...labels, ...parts, sentence: sentenceOf({ ...labels, ...parts }) };
}

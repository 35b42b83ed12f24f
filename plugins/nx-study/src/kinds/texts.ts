import { formatBeside } from '../base/numbers.ts';

/** Texts of results and reports. */
export const unknownKind = (name: string, known: string[]) =>
  `"${name}" is no kind of result. Known kinds: ${known.join(', ')}`;

/** Why a gate is not passed. */
export const gateReasons = {
  beyond: (metric: string, value: number, { threshold, sign }: Limit) =>
    `${metric} is ${formatBeside(value, threshold)}, must be ${sign} ${threshold}`,
  /** `bound`: the one that lies nearer to the limit. */
  boundBeyond: (metric: string, bound: number, { threshold, sign }: Limit) =>
    `${metric} has no value, but is ${sign === '<' ? 'at least' : 'at most'} ${boundText(bound, threshold)} (95 %), must be ${sign} ${threshold}`,
  undecided: (metric: string, [low, high]: [number | null, number | null], threshold: number) =>
    `${metric} lies between ${boundText(low, threshold)} and ${boundText(high, threshold)}, and ${threshold} is between them`,
  /** Requests that have no part in the value, but in its bounds. */
  counted: (all: number, failed: number, unknown: number) =>
    [
      ...(failed > 0
        ? [`${failed} of ${all} requests failed or are incomplete, and count as slower than any other`]
        : []),
      ...(unknown > 0 ? [`the time of ${unknown} of ${all} requests is not known, and may be any`] : []),
    ].join('; '),
  /** `what`: requests, values. */
  tooFewForBound: (metric: string, count: number, needed: number) =>
    `${metric}: ${count} values allow no upper bound; ${needed} are needed`,
};

interface Limit {
  threshold: number;
  sign: '<' | '>';
}

function boundText(bound: number | null, threshold: number): string {
  if (bound === null) return 'an unknown bound';
  return bound === Infinity ? 'more than any time' : formatBeside(bound, threshold);
}

/** Texts of results and reports. */
export const unknownKind = (name: string, known: string[]) =>
  `"${name}" is no kind of result. Known kinds: ${known.join(', ')}`;

/** Why a gate is not passed. */
export const gateReasons = {
  beyond: (metric: string, value: number | null, limit: string) =>
    value === null
      ? `${metric} must be ${limit}, and is not, though it has no value`
      : `${metric} is ${value}, must be ${limit}`,
  undecided: (metric: string, [low, high]: [number | null, number | null], threshold: number) =>
    `${metric} lies between ${low ?? 'an unknown bound'} and ${high ?? 'an unknown bound'}, and ${threshold} is between them`,
  /** `what`: requests, values. */
  tooFewForBound: (metric: string, count: number, needed: number) =>
    `${metric}: ${count} values allow no upper bound; ${needed} are needed`,
};

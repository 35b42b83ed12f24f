interface Unreliable {
  above: number;
  observations: number;
  limit: number;
  /** Of the worst observations. */
  names: readonly string[];
}

/** Findings about leave-one-out cross-validation. */
export const looTexts = {
  unreliable: ({ above, observations, limit, names }: Unreliable) =>
    `the elpd is not reliable: the Pareto k of ${above.toLocaleString('en-US')} of ${observations.toLocaleString('en-US')} observations is above ${limit.toFixed(2)}, where importance sampling fails${names.length > 0 ? `; the worst: ${names.join('; ')}` : ''}`,
};

import type { OneSensitivity } from './checks-schema.ts';

interface Unreliable {
  above: number;
  observations: number;
  limit: number;
  /** Of the worst observations. */
  names: readonly string[];
}

interface Sensitive extends OneSensitivity {
  name: string;
}

/** Findings and descriptions of posteriors. */
export const posteriorTexts = {
  unreliable: ({ above, observations, limit, names }: Unreliable) =>
    `the elpd is not reliable: the Pareto k of ${above.toLocaleString('en-US')} of ${observations.toLocaleString('en-US')} observations is above ${limit.toFixed(2)}, where importance sampling fails${names.length > 0 ? `; the worst: ${names.join('; ')}` : ''}`,
  noLoo: 'derived.json has no leave-one-out cross-validation',
  notKept: 'derived.json has no numbers of each observation',
  sensitivity: (name: string, side: string) =>
    `How far the posterior of ${name} moves for a doubling of the power of the ${side}, by the cumulative Jensen–Shannon distance (power-scaling; Kallioinen et al. 2023, doi:10.1007/s11222-023-10366-5)`,
  isSensitive: ({ name, diagnosis, prior, likelihood, noise }: Sensitive) =>
    `${name}: ${diagnosis} by power-scaling (sensitivity to the prior ${withChance(prior, noise?.prior)}, to the likelihood ${withChance(likelihood, noise?.likelihood)}; 0.05 and more counts)`,
};

const withChance = (value: number, noise: number | undefined): string =>
  `${value.toFixed(2)}${noise === undefined ? '' : `, by chance up to ${noise.toFixed(2)}`}`;

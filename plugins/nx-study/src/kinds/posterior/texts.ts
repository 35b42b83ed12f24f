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
  diagnosis: string;
}

export const potentialsApart = (names: readonly string[]): string =>
  names.length === 1 ? `the potential ${names[0]} is` : `the potentials ${names.join(', ')} are`;

/** Findings and descriptions of posteriors. */
export const posteriorTexts = {
  ofVariable: (label: string, variable: string, { size, constant }: { size: number; constant: number }) =>
    `${label} of ${variable}, the worst of its ${size} elements${constant > 0 ? `, without the ${constant} that are constant` : ''}`,
  constantElements: (left: readonly { name: string; size: number; constant: number }[]) =>
    left.map(({ name, size, constant }) => `${constant} of ${size} of ${name}`).join(', '),
  unreliable: ({ above, observations, limit, names }: Unreliable) =>
    `the elpd is not reliable: the Pareto k of ${above.toLocaleString('en-US')} of ${observations.toLocaleString('en-US')} observations is above ${limit.toFixed(2)}, where importance sampling fails${names.length > 0 ? `; the worst: ${names.join('; ')}` : ''}`,
  partialElpd: (potentials: readonly string[]) =>
    `the elpd is that of the observed variables alone: ${potentialsApart(potentials)} no part of it`,
  noLoo: 'derived.json has no leave-one-out cross-validation',
  notKept: 'derived.json has no numbers of each observation',
  sensitivity: (name: string, side: string, potentials: readonly string[]) =>
    `How far the posterior of ${name} moves for a doubling of the power of the ${side}, by the cumulative Jensen–Shannon distance (power-scaling; Kallioinen et al. 2023, doi:10.1007/s11222-023-10366-5)${potentials.length > 0 ? `. ${potentialsApart(potentials)} not scaled` : ''}`,
  isSensitive: ({ name, diagnosis, prior, likelihood, noise }: Sensitive) =>
    `${name}: ${diagnosis} by power-scaling (sensitivity to the prior ${withChance(prior, noise?.prior)}, to the likelihood ${withChance(likelihood, noise?.likelihood)}; 0.05 and more counts)`,
};

const withChance = (value: number, noise: number | undefined): string =>
  `${value.toFixed(2)}${noise === undefined ? '' : `, by chance up to ${noise.toFixed(2)}`}`;

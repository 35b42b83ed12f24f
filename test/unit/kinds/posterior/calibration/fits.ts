import type { Calibration } from '../../../../../plugins/nx-study/src/kinds/posterior/calibration/schema.ts';

interface Made {
  first?: number;
  count?: number;
  /** By quantity: the rank of fit `index`. */
  ranks?: Record<string, (index: number) => number | null>;
  flagged?: readonly number[];
}

/** Simulated fits with ranks out of 100. Numbers spread evenly by default. */
export function calibrationOf({ first = 0, count = 10, ranks = { mu: even }, flagged = [] }: Made = {}): Calibration {
  const indices = Array.from({ length: count }, (_, at) => first + at);
  return {
    simulate: 'prior',
    draws_ranked: 99,
    rhat_limit: 1.05,
    left_out: {},
    fits: indices.map((index) => ({
      index,
      seed: 1000 + index,
      rhat_max: 1.01,
      ess_min: 150,
      divergences: 0,
      gradients: 100,
      flags: flagged.includes(index) ? ['3 divergences'] : [],
    })),
    quantities: Object.fromEntries(
      Object.entries(ranks).map(([name, rankOf]) => {
        const rank = indices.map(rankOf);
        const covered = (level: number) => rank.map((one) => (one === null ? null : Math.abs(one - 49.5) < level / 2));
        return [
          name,
          {
            prior_sd: 1,
            rank,
            z: rank.map((one) => (one === null ? null : (49.5 - one) / 30)),
            contraction: rank.map((one) => (one === null ? null : 0.8)),
            covered: { 50: covered(50), 80: covered(80), 90: covered(90) },
          },
        ];
      }),
    ),
  };
}

/** 37 and 100 have no common factor: the ranks of 100 fits are all different. */
export const even = (index: number): number => (index * 37) % 100;

import type { JsonObject } from '../../../../plugins/nx-study/src/base/json.ts';

const replicated = (mean: number) => ({ mean, sd: 0.5, eti90: [mean - 1, mean + 1] });
const quantities = (mean: number) => ({
  mean: { observed: 8.75, replicated: replicated(mean), p_value: 0.1234 },
  max: { observed: 28, replicated: replicated(mean + 14), p_value: 0.99 },
});
const quantiles = (shift: number) => ({
  probabilities: [0.25, 0.5, 0.75],
  observed: [0, 8, 16],
  replicated_median: [1, 7 + shift, 15],
  replicated_low: [-2, 4, 10],
  replicated_high: [4, 11, 19],
});

/** What any worker may derive from a model: test quantities, LOO-PIT, sensitivities, overlap. */
export const checked = (derived: JsonObject): JsonObject => ({
  ...derived,
  predictive: [
    {
      variable: 'y',
      observations: 8,
      draws_used: 400,
      quantities: quantities(7.5),
      quantiles: quantiles(0),
      loo_pit: {
        observations: 8,
        histogram: [1, 1, 2, 4],
        points: [0.25, 0.5, 0.75],
        difference: [-0.125, -0.375, -0.25],
        low: [-0.25, -0.3, -0.25],
        high: [0.25, 0.3, 0.25],
        probability: 0.95,
        outside: 1,
      },
      prior: { draws_used: 1000, quantities: quantities(-3.25), quantiles: quantiles(-9) },
    },
    {
      variable: 'won',
      observations: 60,
      draws_used: 400,
      quantities: { mean: { observed: 0.5, replicated: replicated(0.51), p_value: 0.5 } },
      quantiles: null,
      loo_pit: null,
      prior: null,
    },
  ],
  sensitivity: {
    draws_used: 4000,
    powers: [0.99, 1.01],
    threshold: 0.05,
    scaled_priors: ['xi', 'beta'],
    potentials: ['limit'],
    estimates: {
      party_gap: {
        prior: 0.425,
        likelihood: 0.096,
        noise: { prior: 0.05, likelihood: 0.06 },
        diagnosis: 'potential prior-data conflict',
      },
      position_sd: { prior: 0.01, likelihood: 0.2, diagnosis: 'none' },
    },
  },
  overlap: {
    xi: {
      elements: 102,
      prior_draws: 1000,
      limit: 0.35,
      above: 2,
      mean: 0.198,
      min: { item: 'xi[49309]', overlap: 0.045 },
      max: { item: 'xi[99910]', overlap: 0.377 },
    },
    n: null,
  },
  reasons: {
    ...(derived['reasons'] as JsonObject),
    'predictive.1.loo_pit': 'of two values every place is nearly uniform, whatever the model',
    'predictive.1.prior': 'the model has potentials, which draws from the prior would leave out',
    'overlap.n': 'its values are no real numbers',
  },
});

import type { Gate, Metric } from '../kind.ts';
import { isCalibration } from './calibration/metrics.ts';
import { isOfPrior } from './prior/metrics.ts';
import { isSampled } from './size.ts';

/** Of fits of simulated data each is judged by itself: the worst of a hundred small ones would hardly ever pass. */
const ofOneFit = (metrics: readonly Metric[]): boolean => !isCalibration(metrics) && !isOfPrior(metrics);

/**
 * When draws count as draws from the posterior: limits of the worst gated variable. R-hat is the rank-normalised split
 * R-hat, the larger of bulk and folded; ESS is the smaller of bulk and tail (both of Vehtari et al. 2021, computed by the
 * worker). A value that is missing fails its gate, and so does NaN.
 */
export const gates: readonly Gate[] = [
  {
    name: 'rhat_max',
    metric: 'rhat_max',
    passes: 'below',
    threshold: 1.01,
    judges: 'reliability',
    concerns: isSampled,
    applies: ofOneFit,
    source:
      'Vehtari, Gelman, Simpson, Carpenter, Bürkner (2021): Rank-normalization, folding, and localization. doi:10.1214/20-BA1221',
  },
  {
    name: 'ess_min',
    metric: 'ess_min',
    passes: 'above',
    threshold: 400,
    judges: 'reliability',
    concerns: isSampled,
    applies: ofOneFit,
    source: 'Vehtari et al. (2021), as above: 100 per chain with four chains, for bulk and tail',
  },
  {
    name: 'divergences_max',
    metric: 'divergences',
    passes: 'below',
    threshold: 10,
    judges: 'reliability',
    concerns: isSampled,
    applies: ofOneFit,
    source:
      'Chosen: a tolerance that no paper gives. Any divergence may mean bias: Betancourt (2017), arXiv:1701.02434',
  },
  {
    name: 'ebfmi_min',
    metric: 'ebfmi_min',
    passes: 'above',
    threshold: 0.3,
    judges: 'reliability',
    concerns: isSampled,
    applies: ofOneFit,
    source:
      'Betancourt (2016): Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo. arXiv:1604.00695; 0.3 as in Stan',
  },
  {
    name: 'fits_flagged_share',
    metric: 'fits_flagged_share',
    passes: 'below',
    threshold: 0.2,
    judges: 'reliability',
    concerns: isSampled,
    applies: isCalibration,
    source:
      'Chosen: a tolerance that no paper gives. Flagged are fits with R-hat of 1.05 or more, fewer effective draws than are ranked, or divergences',
  },
];

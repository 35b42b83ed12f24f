import { listed } from '../../base/layout.ts';

/** All words about fits of simulated data. */
export const calibrationPageTexts = {
  title: 'Is the sampler right? Fits of simulated data',
  meaning:
    'Parameters were drawn from the prior, data from the model with these parameters, and the model was fitted to these data, many times. If the sampler, the model and its simulation are right, the rank of a true parameter among the draws of its posterior is uniform, whatever the data are.',
  notCounted: (name: string, reason: string) => `The fits of ${name} can't be counted together: ${reason}.`,
  shown: (shown: number, all: number, name: string) =>
    `Figures show the ${shown} of ${all} quantities of ${name} whose ranks are least uniform; the table has all of them.`,
  experimentsShown: (shown: number, all: number) =>
    `Figures show the first ${shown} of ${all} experiments; the table has all of them.`,
  leftOut: (name: string, left: readonly (readonly [variable: string, count: number])[]) =>
    `Of ${name}, evenly spaced elements of large variables are ranked; not ranked: ${listed(
      left.map(([variable, count]) => `${count} of ${variable}`),
      8,
    )}.`,

  table: 'Ranks, coverage and z-scores of each quantity',
  quantity: 'quantity',
  experiment: 'experiment',
  verdict: 'ranks',
  p: 'p',
  corrected: 'corrected',
  pDetail: 'of uniform ranks',
  correctedDetail: 'for all quantities',
  fits: 'fits',
  covered: (level: number) => `covered at ${level} %`,
  coveredDetail: 'and 95 % interval',
  meanZ: 'mean z',
  sdZ: 'sd of z',
  contraction: 'contraction',
  contractionDetail: 'mean over fits',
  verdicts: {
    uniform: 'uniform',
    chance: 'outside of its band, by chance at most',
    'not uniform': 'not uniform',
    unknown: 'not known',
  },
  hits: (hits: number, of: number) => `${hits} of ${of}`,
  howTable:
    'Covered: how many central intervals have the true value, with Wilson’s 95 % interval. Mean z near 0 and its sd near 1 mean that posterior means and standard deviations fit the truth. Contraction: 1 − posterior variance / prior variance; near 0 the data say nothing of the quantity, so that its ranks are uniform for any sampler that returns the prior.',

  difference: (name: string) => `Ranks against the uniform distribution, under ${name}`,
  howDifference: (quantities: number) =>
    `the line is the share of fits whose rank is below a value, less the share that is expected; the band holds the whole line of a right sampler in 95 of 100 studies (Säilynoja, Bürkner and Vehtari 2022), so of ${quantities} quantities about ${(quantities / 20).toFixed(1)} leave theirs by chance. A line that rises above 0 at once: true values are lower than the draws. A line above, then below 0: the draws are too narrow; the other way round: too wide.`,
  describeDifference: 'For each quantity the difference of two cumulative distributions, with a band.',
  curve: 'the fits, with the band for all points at once',
  rankAxis: 'rank of the true value, as a share',
  shareAxis: 'share of fits less the expected',
  pOf: (p: string, verdict: string) => `p ${p}: ${verdict}`,

  histograms: (name: string) => `How often each rank occurs, under ${name}`,
  howHistograms:
    'equally wide bins of ranks; flat is right. The band holds 99 of 100 bars. Higher on the left: true values are too low among the draws; high at both ends: the draws are too narrow.',
  describeHistograms: 'For each quantity how many fits have a rank in each of equal bins.',
  rankRow: (fits: number, draws: number) => `${fits} fits, ranks among ${draws} draws`,
  rankWords: { row: 'ranks', counted: 'fits', agree: '99 of 100 bins of a right sampler' },

  scatter: (name: string) => `Error against what the data say, under ${name}`,
  howScatter:
    'each mark is a fit. Across: contraction, how much narrower the posterior is than the prior. Upright: z-score, how many posterior standard deviations the posterior mean is above the truth; most are within ±2. Away from 0: biased; beyond ±3 in many fits: too narrow.',
  describeScatter: 'For each quantity and fit the z-score of the posterior mean against the contraction.',
  contractionAxis: 'contraction',
  zAxis: 'z-score',
  fit: (index: number) => `fit ${index}`,
  firstFits: (shown: number, all: number) => `Of ${all} fits the first ${shown} are drawn.`,

  flagged: 'Fits that are flagged: they count all the same, as leaving them out would bend the ranks',
  rhat: 'R-hat',
  ess: 'lowest ESS',
  divergences: 'divergences',
  flags: 'why',
  flaggedShown: (shown: number, all: number, file: string) => `The first ${shown} of ${all}; ${file} has all.`,
};

import { listed } from '../../base/layout.ts';
import type { Loo } from '../../kinds/posterior/schema.ts';
import { nxRun } from '../../workspace/project.ts';

const SHOWN = 6;
const names = (all: readonly string[]) => listed(all, SHOWN);

/** All words about posteriors that don't come from the study. */
export const posteriorPageTexts = {
  experiment: 'experiment',
  baseline: 'baseline',
  noBaseline: 'has no measured baseline',
  noReason: 'no reason is given',
  none: 'none',
  yes: 'yes',
  no: 'no',
  name: 'name',
  party: 'party',
  overall: 'overall',
  within: (group: string) => `within ${group}`,
  chain: (index: number) => `chain ${index}`,
  unreadable: (name: string, reason: string) => `${name} is measured, but not shown here: ${reason}.`,
  without: (all: readonly string[], what: string, study: string) =>
    `${names(all)}: derived.json has no ${what}; the worker doesn't derive that, or an earlier version of it did this. Derive again, which samples nothing: npx ${nxRun(study, 'measure')}`,
  drawn: (shown: number, all: number) =>
    `Figures show the first ${shown} of ${all} experiments; tables of experiments have all of them.`,
  refused: (name: string, reason: string) => `${name} is not compared here: ${reason}.`,

  findings: 'Key findings',
  estimate: (one: { label: string; own: string; unit: string; name: string; range: string | null; count: number }) =>
    `The ${one.label} is ${one.own}${one.unit && ` ${one.unit}`} under ${one.name}${one.range === null ? '' : `, and its mean goes from ${one.range} over ${one.count} experiments`}.`,
  between: (range: string) =>
    `Of the variance of positions, ${range} lies between the two parties, the rest within them.`,
  classified: (range: string) => `The models classify ${range} of the votes right that they were fitted to.`,
  ends: (low: string, high: string, name: string) => `At the ends of the scale under ${name}: ${low}; and ${high}.`,
  findingsTable: 'Each experiment, and its difference to the baseline',
  mcse: 'Monte Carlo error',
  correlation: 'correlation',
  movedMore: 'moved',
  largestShift: 'largest shift',
  reranked: 'changed rank',
  elpdDifference: 'Δ elpd',
  howDifferences:
    'Δ is the experiment less its baseline, ± its Monte Carlo error (of elpd: its standard error). “indistinguishable”: within 2 Monte Carlo errors; “within uncertainty”: the middle 90 % of the difference contains 0. Moved: positions that moved by more than the posterior standard deviation of the difference. Correlation: of positions, below within groups. Brackets are the middle 90 % of the draws. Of several repetitions the first measured one is shown.',

  model: 'The model, and how to read it',
  idealPointModel:
    'Each legislator i has a position ξ, each roll call j a discrimination β and a difficulty α. The log-odds of a vote for the side coded as 1 are β ξ − α. All are drawn together from their posterior, given the votes.',
  /** What a structure has beside, or instead. */
  ofModel: {
    hierarchical:
      'In the hierarchical model each party has a mean and a spread of its own, and its members’ positions are drawn towards that mean.',
    rasch: 'In the Rasch model all roll calls have the same β.',
    'two-dimensional':
      'In the two-dimensional model the log-odds are β₁ ξ₁ + β₂ ξ₂ − α. Where a section does not name the dimension, it is the first.',
    joint:
      'In the joint model several chambers are on one scale, by the assumption that who sits in more than one has the same position in each.',
    dynamic: 'In the dynamic model a person has a position in each term, which walks at random from term to term.',
  },
  identification: 'identification',
  observations: 'observations',
  members: 'members by party',
  freeParameters: 'free parameters',
  sampler: 'sampler',
  versions: 'versions',
  chains: (chains: number, draws: number, tune: number) =>
    `${chains} chains of ${draws} draws after ${tune} draws of tuning`,
  targetAccept: (value: number) => `target acceptance ${value}`,
  treeDepth: (value: number) => `trees of depth ${value} at most`,
  priorsTable: 'Priors by experiment',
  prior: 'prior',
  posterior: 'posterior',
  howToRead: 'How to read these sections',
  reading: [
    'A number is the mean of a posterior; its interval holds the middle 90 % of the draws: given the model and the data, the quantity lies there with a probability of 90 %.',
    'The Monte Carlo error says how far a mean would move if one sampled again. A difference within 2 of them is no difference.',
    'Posterior uncertainty is wider: what the data leave open. A shift can be real and still be small beside it.',
  ],
  readingPositions: (pair: readonly string[]) => [
    `Positions are standardised in each draw: mean 0, standard deviation 1 over all members${pair.length === 2 ? `; ${pair[0]} lies on the low side, ${pair[1]} on the high side` : ''}. Only relative places have a meaning.`,
    'A wide interval means few votes, or votes that say little.',
  ],

  plane: 'Positions in two dimensions',
  planeFigure: 'Where people are in both dimensions',
  howPlane:
    'each mark is one person. Across: the first dimension, which all other sections show. Up: the second. Both are standardised.',
  describePlane: 'Posterior means of the second dimension against those of the first.',
  firstDimension: 'dimension 1',
  secondDimension: 'dimension 2',

  positions: 'Positions across experiments',
  agreement: 'Whether the experiments place people alike',
  howAgreement:
    'each mark is one person; on the dashed line both experiments give the same position. Named are those farthest from it.',
  describeAgreement: 'Posterior means of all positions under each experiment against those under the baseline.',
  against: (name: string, baseline: string) => `${name} against ${baseline}`,
  less: (name: string, baseline: string) => `${name} less ${baseline}`,
  r: (value: string) => `correlation ${value}`,
  whoMoves: 'Who moves by more than the uncertainty',
  howWhoMoves:
    'the axis upward is the shift, in posterior standard deviations of the difference; outside the dashed lines at −1 and 1 it is larger than the uncertainty.',
  describeWhoMoves: 'The shift of each position against the position under the baseline.',
  shiftInSd: 'shift of each position',
  positionUnder: (name: string) => `position under ${name}`,
  shiftOverSd: 'shift / sd',
  noSd: 'the standard deviation is not known',
  correlationsTable: 'How well positions agree with those under the baseline',
  rankCorrelation: 'rank correlation',
  largestReranking: 'largest change of rank',
  meanShift: 'mean |shift|',
  beyondMonteCarlo: 'beyond 2 Monte Carlo errors',
  expected: (count: number) => `about ${count} by chance`,
  noMonteCarlo: 'an error is not known, or chains disagree',
  moved: (name: string, count: number, who: string) =>
    count === 0
      ? `${name}: nobody moved by more than the posterior standard deviation of the difference.`
      : `${name}: ${count} moved by more than the posterior standard deviation of the difference: ${who}.`,
  moversTable: (count: number) => `The ${count} of each experiment that moved most against their uncertainty`,
  underBaseline: 'under the baseline',
  underExperiment: 'under the experiment',
  shift: 'shift',
  rank: 'rank',

  forest: 'Every position with its uncertainty',
  forestOf: (name: string) => `Positions under ${name}`,
  positionsUnder: (name: string) => `under ${name}`,
  howForest: 'a mark is the posterior mean, its line the middle 90 %; sorted by the mean.',
  describeForest: 'The position of every person with its interval.',

  partiesAndQuantities: 'Parties and other quantities',
  quantities: 'Quantities of interest',
  gap: 'The gap between the parties, by experiment',
  howGap: 'a mark is the posterior mean, its line the middle 90 %; the dashed line is the mean under the baseline.',
  partyMeans: 'Where the parties stand',
  howPartyMeans: 'the mean position of each party’s members by experiment; the dashed line is the baseline’s.',
  partySpread: 'How far the members of a party lie apart',
  howPartySpread: 'the standard deviation of positions within each party, by experiment.',
  icc: 'How much of the variance lies between the parties',
  howIcc:
    'the share of the variance of positions that lies between the two parties (ICC): 1 means that parties have no spread.',
  otherQuantities: 'Other quantities',
  howQuantities:
    'a mark is the posterior mean, its line the middle 90 %; the dashed line is the mean under the baseline.',
  describeQuantities: 'The quantity under each experiment with its interval.',
  quantitiesTable: 'All quantities by experiment: mean [middle 90 %]',
  quantity: 'quantity',
  whatEstimates: 'quantities of interest',

  shrinkage: 'Shrinkage: hierarchical against flat',
  shrinkageFigure: 'How far the hierarchical model draws people to their party',
  howShrinkage: 'each mark is one person; off the dashed line the two models differ. Named are those who differ most.',
  describeShrinkage: 'Positions under the hierarchical model against those under the flat one.',
  shrinkageTable: 'Each position under both models',
  flat: 'flat',
  hierarchical: 'hierarchical',
  nearerToParty: 'nearer to the party',
  positiveIsNearer: 'positive: drawn towards its mean',
  sdRatio: 'sd, ratio to flat',
  alone: 'the only one of its group',

  rollcalls: 'Roll calls: discrimination against difficulty',
  rollcallsFigure: 'Which roll calls divide',
  howRollcalls:
    'each mark is one roll call; the farther from the dashed line at 0, the more it divides the two ends of the scale. Across: log-odds against it of someone at the mean.',
  describeRollcalls: 'Posterior means of discrimination against difficulty of each roll call.',
  difficulty: 'difficulty α',
  discrimination: 'discrimination β',
  noMean: 'has no mean',
  whatRollcalls: 'list of roll calls',

  convergence: 'Convergence: do the chains agree?',
  variablesTable: 'R-hat and effective sample size by variable',
  variable: 'variable',
  elements: 'elements',
  highest: 'highest',
  lowest: 'lowest',
  bulkEss: 'bulk ESS',
  tailEss: 'tail ESS',
  gated: 'gates use it',
  chainsTable: 'Energy and divergences by chain',
  draws: 'draws',
  ebfmiAndDivergences: 'E-BFMI',
  divergences: 'divergences',
  treeLimit: 'draws at the tree limit',
  diverged: (count: number) => `${count} divergent`,
  ranks: 'Whether every chain visits the same values',
  howRanks:
    'bars of a chain that agrees with the others are flat. The band holds 99 of 100 bars of independent draws; draws of a chain depend on each other, so some more leave it.',
  describeRanks: 'For each chain how many of its draws have a rank in each of equal bins.',
  energyTitle: 'Energy of each chain, as figures',
  energy: 'Whether the chains reach the tails',
  howEnergy:
    'where the change from draw to draw is much narrower than the energy itself, a chain moves too slowly through the tails (E-BFMI below 0.3).',
  describeEnergy: 'For each chain the distribution of the energy, and of its change from one draw to the next.',
  energyAxis: 'energy less its mean',
  shareOfDraws: 'share of draws',
  marginal: 'energy',
  transition: 'change',
  whatConvergence: 'counts of ranks and energies by chain',

  signs: 'Do all chains agree on the sign?',
  signsAgree: (count: number) =>
    count === 1
      ? 'All its chains have the same side positive, so its draws may be taken together.'
      : `In all ${count} experiments every chain has the same side positive, so its draws may be taken together.`,
  signsTurned: (all: readonly string[]) =>
    `Chains of ${names(all)} have different sides positive; draws were turned, or can't be taken together.`,
  signsTable:
    'Correlation of each chain’s mean positions with the first principal component of the votes; below the share of its draws with the other sign',
  whatSigns: 'signs of the chains',

  priors: 'Prior against posterior',
  priorsFigure: 'How far the data moved the variables',
  howPriors:
    'a mark is the median, its line the middle 90 %, over all elements of the variable together. A posterior like its prior has learned little.',
  describePriors: 'For each variable and experiment the quantiles of prior and posterior.',
  medianAnd90: 'median and middle 90 %',
  priorOf: (name: string, distribution: string) => `${name}, prior ${distribution}`,
  posteriorOf: (name: string) => `${name}, posterior`,
  overlapTable: 'Overlap of prior and posterior, over the elements of each variable',
  overlapMean: 'mean',
  learnedLittle: 'data say little',
  aboveLimit: (limit: number) => `overlap above ${limit}`,
  howOverlap:
    'The overlap is the area that the densities of prior and posterior share: 1 where the data taught nothing, 0 where both are apart. Above 0.35 the data say little about an element (Garrett and Zeger 2000).',
  whatPriors: 'quantiles of priors and posteriors',

  checks: 'Could the model have made these votes?',
  noPriors: (name: string, reason: string) => `${name} has no priors beside its posteriors: ${reason}.`,
  monteCarlo: (error: string) => `Monte Carlo error ${error}`,
  fitTable:
    'Shares of right predictions of the votes that were fitted, and votes outside of what the model would have cast',
  correctShare: 'classified right',
  majorityShare: 'by the majority alone',
  outsideMembers: 'members outside',
  outsideRollcalls: 'roll calls outside',
  outsideOf: (count: number, all: number) => `${count} of ${all.toLocaleString('en-US')}`,
  replicated: 'Votes that the model would have cast, by party',
  howReplicated:
    'a mark on the dashed line is reproduced by the model; its line is the middle 90 % of replicated data. Members and roll calls outside of theirs are counted in the table; of a right model it is one of ten at most, and mostly fewer, as the model was fitted to these same votes.',
  describeReplicated: 'The share of each party’s votes for the side coded as 1, as cast and as replicated.',
  observedShare: 'share as cast',
  replicatedShare: 'share as replicated',
  rates: 'Roll calls, as cast and as the model would have cast them',
  howRates:
    'each mark is one roll call: the share of its votes for the side coded as 1, with the middle 90 % of replicated votes; on the dashed line the model reproduces it.',
  describeRates: 'The share of each roll call’s votes for the side coded as 1, as cast and as replicated.',
  ratesOf: (name: string) => `roll calls under ${name}`,
  priorRatesTable: 'Shares of votes for the side coded as 1: as cast, and as the prior alone would have them',
  worstTable: (count: number, name: string) => `The ${count} roll calls that are predicted worst under ${name}`,
  rollcall: 'roll call',
  recoded: 'turned round',
  whatPredictive: 'predictive checks',
  noPredictive: (name: string, reason: string) => `No predictive checks of ${name}: ${reason}.`,

  prediction: 'Prediction: leave-one-out cross-validation',
  leftOut: (unit: string) =>
    `Left out is ${unit} at a time: the numbers say how well ${unit} is predicted from all the others, and nothing about a new person or a new group.`,
  unreliable: (all: readonly string[]) =>
    `Not reliable in parts: ${names(all)}; there the elpd is an approximation that failed.`,
  aboveOf: (name: string, { observations, pareto_k: { above, limit } }: Loo) =>
    `${above} of ${observations.toLocaleString('en-US')} under ${name} (Pareto k above ${limit.toFixed(2)})`,
  withoutUnreliable: ({ count, isSame, shown }: { count: number; isSame: boolean; shown: string }) =>
    `without ${count === 1 ? '1 observation that is' : `${count} observations that are`} not reliable the answer ${isSame ? 'stays the same' : 'is another one'}: ${shown}`,
  differenceNote: (name: string, note: string) => `Difference of ${name}: ${note}.`,
  ofVariable: (name: string, variable: string) => `${name}, ${variable} alone`,
  elpdFigure: 'Which experiment predicts better than the baseline',
  howElpd:
    'the difference of the expected log predictive density, with 2 standard errors; right of the dashed line is better. Differences below 4 are too small to be judged.',
  describeElpd: 'The difference of elpd of each experiment to its baseline with 2 standard errors.',
  higherPredicts: 'nats; higher predicts better',
  looTable: 'Leave-one-out cross-validation by experiment',
  higher: 'nats, higher is better',
  effectiveParameters: 'effective parameters',
  badK: 'Pareto k above the limit',
  worstK: 'largest k',
  smallestEss: 'smallest ESS',
  unreliableTable: (most: number) => `Observations that are not reliable, the worst ${most} of each experiment`,
  observation: 'observation',
  k: 'Pareto k',
  nats: 'nats',
  ess: 'ESS',
  howUnreliable:
    'p_loo is the log density of the observation with it less that without it: it is large where the model predicts an observation only after having seen it. ESS is how many draws the importance weights are worth; above the limit of k it is too high, and elpd and p_loo may be far off.',
  drawsUsed: 'draws used',
  whatLoo: 'leave-one-out cross-validation',

  parameters: 'Parameters of the analysis',
  differingTable: 'Settings that differ',
  sharedTable: 'Settings that all experiments share',
  setting: 'setting',
  value: 'value',
  notSet: 'not set',
};

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** The kinds of intervals, in words. */
export const intervalWords = {
  t: "Student's t interval of the mean",
  't-of-logs': "Student's t interval of the geometric mean, computed on logarithms",
  'paired-t': "Student's t interval of the mean difference, paired by repetition",
  'paired-t-of-logs': "Student's t interval of the ratio, computed on logarithms, paired by repetition",
  'welch-t': "Welch's t interval of the difference of the means, not paired",
  'welch-t-of-logs': "Welch's t interval of the ratio of the geometric means, computed on logarithms, not paired",
  'order-statistics': 'interval between two order statistics, without an assumption about the distribution',
} as const;

/** Reasons why a number isn't there. */
export const reasons = {
  noValues: 'no repetition has a value',
  notFinite: 'a value is not a finite number',
  notPositive: (value: number) =>
    `ratios and geometric means need positive values, and one is ${value}; compare by differences instead`,
  outOfRange: 'the number is outside the range of double-precision numbers',
  oneValue: 'one repetition has no spread',
  tooFew: (count: number, fewest: number) => `no interval below ${fewest} repetitions; there are ${count}`,
  tooFewPairs: (count: number, fewest: number) =>
    `no interval below ${fewest} pairs of repetitions; there are ${count}`,
  noSpread: 'all repetitions agree to 12 digits, so their spread cannot be estimated',
  repeated: (repetition: string | number) => `repetition ${repetition} is there twice on one side`,
  noDifference: 'there is no difference that repetitions could show',
  tooManyNeeded: (most: number) => `more than ${most.toLocaleString('en-US')} repetitions would be needed`,
  noMonteCarloError: 'no Monte Carlo error is given',
};

/** Reasons why a study's axes have no shares of variance. */
export const gridReasons = {
  noAxes: 'no axis has two levels or more',
  missing: (missing: number, all: number) =>
    `the grid is incomplete: ${missing} of ${plural(all, 'combination')} of the axes have no value`,
  noCompleteRepetition: 'no single repetition has a value for every combination of the axes',
  repeated: 'a combination of the axes is there twice in one repetition',
  noRepetitions: 'a single repetition has no spread to test against',
  allEqual: 'all values agree to 12 digits, so there is no variance to share',
};

/** Reasons why a series of runs isn't judged. */
export const seriesReasons = {
  tooFewRuns: (count: number, fewest: number) =>
    `no test for drift below ${fewest} runs of experiments that ran twice or more; there are ${count}`,
  meanNotPositive: (group: string) => `the mean of ${group} is not positive, so its runs have no relative value`,
  tooFewForOutliers: (count: number, fewest: number) =>
    `outliers are not judged below ${fewest} values; there are ${count}`,
  noScale: 'half of the values or more are equal, so there is no scale to judge the others by',
};

/** Reasons about the requests within processes, and about pointwise predictions. */
export const sampleReasons = {
  tooFewRequests: (count: number, needed: number) =>
    `this quantile needs ${plural(needed, 'request')}; the process has ${count}`,
  tooFewForProcesses: (count: number, needed: number) =>
    `an interval of this quantile needs ${plural(needed, 'request')} of each process; one has ${count}`,
  tooFewForInterval: (count: number) =>
    `${plural(count, 'request')} are too few for an interval of this quantile: one of its ends would lie beyond them`,
  otherObservations: 'the two were computed from different observations',
  otherLengths: (one: number, other: number) => `they have a different number of observations: ${one} and ${other}`,
  tooFewObservations: (count: number) => `a standard error needs 2 observations; there are ${count}`,
};

/** Why machines can't be told apart. */
export const machineReasons = {
  single: 'one machine measured all',
  noneShared: 'no experiment was measured by all machines',
};

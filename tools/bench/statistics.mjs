export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/** Median of the ratios round by round: the machine's speed drifts. */
export function medianRatio(theirs, ours) {
  return median(theirs.map((value, round) => value / ours[round]));
}

export const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

const deviation = (numbers) => {
  const middle = mean(numbers);
  return Math.sqrt(numbers.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (numbers.length - 1));
};

/** Coefficient of variation. */
export const variation = (numbers) => deviation(numbers) / mean(numbers);

// By degrees of freedom from 1.
const T95 = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

/** Student's t for 95 %; from 10 degrees of freedom on by the first terms of its expansion around 1.96, right to 0.003. */
export const t95 = (freedom) => T95[freedom - 1] ?? 1.96 + 2.372 / freedom + 2.823 / freedom ** 2;

/** Geometric mean of the ratios round by round, with its 95 % interval. */
export function meanRatio(theirs, ours) {
  const logs = theirs.map((value, round) => Math.log(value / ours[round]));
  const half = (t95(logs.length - 1) * deviation(logs)) / Math.sqrt(logs.length);
  const [low, ratio, high] = [-half, 0, half].map((by) => Math.exp(mean(logs) + by));
  return { ratio, low, high };
}

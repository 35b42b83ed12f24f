export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/** Median of the ratios round by round: the machine's speed drifts. */
export function medianRatio(theirs, ours) {
  return median(theirs.map((value, round) => value / ours[round]));
}

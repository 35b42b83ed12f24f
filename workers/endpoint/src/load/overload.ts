/** Follows how many requests are under way, and says when a server falls behind further and further. */
export interface Overload {
  /** At each measured arrival: the time after the beginning, and how many are under way or wait. */
  note(at_s: number, underWay: number): boolean;
}

const STRETCHES = 10;
// Of at most 45; one-sided p = 0.002 for ten values that mean nothing (normal approximation).
const LEAST_S = 33;
// Standard deviations of the difference between two counts of a server on which nothing waits. Chosen.
const SIGMAS = 4;
const BETWEEN_LOOKS_S = 1;

/**
 * It does when, after at least `patience_s` from the first arrival that is noted, the number under way rises from tenth to tenth of
 * all arrivals (Mann–Kendall), and has risen by more than it scatters by where nothing waits: there it is Poisson-distributed about its
 * mean, so a difference has twice that as variance; bursts scatter more.
 */
export function overloadOf(patience_s: number, arrival_cv: number): Overload {
  const counts: number[] = [];
  let next_s: number | null = null;
  return {
    note(at_s, underWay) {
      counts.push(underWay);
      next_s ??= at_s + patience_s;
      if (at_s < next_s || counts.length < STRETCHES) return false;
      next_s = at_s + BETWEEN_LOOKS_S;
      const means = meansOf(counts);
      const [first, last] = [means[0]!, means.at(-1)!];
      const variance = Math.max(1, meanOf(means)) * Math.max(1, arrival_cv ** 2);
      return last - first > SIGMAS * Math.sqrt(2 * variance) && risesOf(means) >= LEAST_S;
    },
  };
}

function meansOf(counts: readonly number[]): number[] {
  return Array.from({ length: STRETCHES }, (_, stretch) => {
    const from = Math.floor((stretch * counts.length) / STRETCHES);
    const part = counts.slice(from, Math.floor(((stretch + 1) * counts.length) / STRETCHES));
    return meanOf(part);
  });
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pairs that rise less pairs that fall. */
function risesOf(values: readonly number[]): number {
  let rises = 0;
  for (const [index, value] of values.entries())
    for (const earlier of values.slice(0, index)) rises += Math.sign(value - earlier);
  return rises;
}

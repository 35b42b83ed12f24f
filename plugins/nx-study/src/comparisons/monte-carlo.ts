import type { Errors } from '../analysis/monte-carlo.ts';
import type { Alternative } from './alternatives.ts';

/**
 * Monte Carlo errors of both sides' values of a metric that is the mean of a posterior, for one measurement on each side.
 * Null for several: then the spread over repetitions contains it.
 */
export function monteCarloErrors(candidate: Alternative, baseline: Alternative, metric: string): Errors | null {
  const [one, other] = [measuredOf(candidate), measuredOf(baseline)];
  if (one.length !== 1 || other.length !== 1) return null;
  return { candidate: errorOf(one[0]!, metric), baseline: errorOf(other[0]!, metric) };
}

const measuredOf = ({ rows }: Alternative) => rows.filter(({ state }) => state === 'measured');

function errorOf({ metrics }: Alternative['rows'][number], name: string): number | null {
  const metric = metrics.find((one) => one.name === name);
  return metric?.posterior?.mcse ?? metric?.mcse ?? null;
}

import { absent, isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { quantile, sort } from '../base/quantile.ts';
import { FEWEST_REPETITIONS, tInterval } from './interval.ts';
import type { Interval } from './interval.ts';
import { momentsOf } from './moments.ts';
import { finite, magnitudeOf, offScale, onScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { reasons } from './texts.ts';

/** The repetitions of one experiment in numbers. All but `n` are in the metric's unit. */
export interface Summary {
  n: number;
  mean: number;
  median: number;
  min: number;
  max: number;
  /** With n − 1; absent for a single repetition. */
  sd: number | Absent;
  /** The centre of the interval: the geometric mean on the scale `ratio`, else the mean. */
  center: number | Absent;
  /** 95 %, of the centre. Absent below 3 repetitions, and where they don't differ. */
  interval: Interval | Absent;
}

/**
 * Describes repetitions, which are processes of their own; values within one process are no repetitions. The interval is
 * Student's t: on logarithms for the scale `ratio`, which holds its level for skewed times too, else on the values.
 * @param values - those of the repetitions that have one.
 * @returns Absent for no values, or when one isn't finite.
 */
export function summarise(values: readonly number[], scale: Scale): Summary | Absent {
  const plain = onScale(values, 'difference');
  if (isAbsent(plain)) return plain;
  const { n, mean, sd } = momentsOf(plain);
  const sorted = sort(plain);
  return {
    n,
    mean,
    median: halfway(sorted),
    min: sorted[0]!,
    max: sorted[n - 1]!,
    sd: n > 1 ? finite(sd) : absent(reasons.oneValue),
    ...centerOf(values, scale),
  };
}

function centerOf(values: readonly number[], scale: Scale): Pick<Summary, 'center' | 'interval'> {
  const scaled = onScale(values, scale);
  if (isAbsent(scaled)) return { center: scaled, interval: scaled };
  const { n, mean, sd } = momentsOf(scaled, magnitudeOf(scaled, scale));
  const center = offScale(mean, scale);
  if (n < FEWEST_REPETITIONS) return { center, interval: absent(reasons.tooFew(n, FEWEST_REPETITIONS)) };
  const kind = scale === 'ratio' ? 't-of-logs' : 't';
  return { center, interval: tInterval({ center: mean, se: sd / Math.sqrt(n), df: n - 1 }, scale, kind) };
}

// The difference of two values overflows where they are as large as numbers get; half of it doesn't.
function halfway(sorted: Float64Array): number {
  const median = quantile(sorted, 0.5);
  return Number.isFinite(median)
    ? median
    : 2 *
        quantile(
          sorted.map((value) => value / 2),
          0.5,
        );
}

import { wilsonInterval } from '../../../analysis/proportion.ts';
import { holm } from '../../../analysis/holm.ts';
import { SIGNIFICANCE, tInterval } from '../../../analysis/interval.ts';
import type { Interval } from '../../../analysis/interval.ts';
import { momentsOf } from '../../../analysis/moments.ts';
import { testRanks } from '../../../analysis/uniform-ranks.ts';
import type { RankTest } from '../../../analysis/uniform-ranks.ts';
import { absent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { calibrationTexts as texts } from './texts.ts';
import type { Calibration, CalibrationFit, CalibrationQuantity } from './schema.ts';

/** What all simulated fits of an experiment say of its sampler. */
export interface CalibrationSummary {
  /** Of all measurements, in the order of their places in the study. */
  fits: readonly CalibrationFit[];
  draws: number;
  quantities: QuantitySummary[];
  /** By level in percent: the share of quantities whose interval has the true value, averaged over fits. */
  coverage: { level: number; share: number; interval: Interval | Absent }[];
}

export interface QuantitySummary {
  name: string;
  /** Absent where no fit has a rank. */
  test: RankTest | Absent;
  /** Corrected for all quantities of the experiment. */
  p_adjusted: number | null;
  verdict: RankVerdict;
  coverage: { level: number; hits: number; of: number; interval: [low: number, high: number] | null }[];
  values: CalibrationQuantity;
}

/**
 * `uniform`: within the 95 % band of this quantity. `chance`: outside of it, as one of 20 is by chance, and not after the
 * correction for all quantities. `not uniform`: after it, too.
 */
export type RankVerdict = 'uniform' | 'chance' | 'not uniform' | 'unknown';

/** Joins the measurements of one experiment; absent where there is none, or where they can't be joined. */
export function summarise(calibrations: readonly Calibration[]): CalibrationSummary | Absent {
  const [first] = calibrations;
  if (first === undefined) return absent(texts.none);
  const draws = new Set(calibrations.map(({ draws_ranked }) => draws_ranked));
  if (draws.size > 1) return absent(texts.severalDraws([...draws]));
  const names = Object.keys(first.quantities);
  if (calibrations.some(({ quantities }) => Object.keys(quantities).join('\n') !== names.join('\n')))
    return absent(texts.severalQuantities);
  const fits = calibrations.flatMap((one) => one.fits);
  if (new Set(fits.map(({ index }) => index)).size < fits.length) return absent(texts.sameFits);
  const joined = names.map(
    (name) => [name, joinedOf(calibrations.map(({ quantities }) => quantities[name]!))] as const,
  );
  const tests = joined.map(([, { rank }]) => testOf(rank, first.draws_ranked));
  const adjusted = holm(tests.map((test) => ('p' in test ? test.p : null)));
  return {
    fits,
    draws: first.draws_ranked,
    quantities: joined.map(([name, values], index) => ({
      name,
      test: tests[index]!,
      p_adjusted: adjusted[index]!,
      verdict: verdictOf(tests[index]!, adjusted[index]!),
      coverage: Object.entries(values.covered).map(([level, all]) => coverageOf(Number(level), all)),
      values,
    })),
    coverage: coverageOverFits(joined.map(([, { covered }]) => covered)),
  };
}

function joinedOf(parts: readonly CalibrationQuantity[]): CalibrationQuantity {
  const levels = Object.keys(parts[0]!.covered);
  return {
    prior_sd: parts[0]!.prior_sd,
    rank: parts.flatMap(({ rank }) => rank),
    z: parts.flatMap(({ z }) => z),
    contraction: parts.flatMap(({ contraction }) => contraction),
    covered: Object.fromEntries(levels.map((level) => [level, parts.flatMap(({ covered }) => covered[level] ?? [])])),
  };
}

function testOf(ranks: readonly (number | null)[], draws: number): RankTest | Absent {
  const known = ranks.filter((rank) => rank !== null);
  return known.length === 0 || draws === 0 ? absent(texts.noRank) : testRanks(known, draws);
}

function verdictOf(test: RankTest | Absent, adjusted: number | null): RankVerdict {
  if (!('p' in test) || adjusted === null) return 'unknown';
  if (adjusted <= SIGNIFICANCE) return 'not uniform';
  return test.p <= SIGNIFICANCE ? 'chance' : 'uniform';
}

function coverageOf(level: number, all: readonly (boolean | null)[]): QuantitySummary['coverage'][number] {
  const known = all.filter((one) => one !== null);
  const hits = known.filter(Boolean).length;
  if (known.length === 0) return { level, hits, of: 0, interval: null };
  const { low, high } = wilsonInterval(hits, known.length, 0.95);
  return { level, hits, of: known.length, interval: [low, high] };
}

/**
 * Quantities of one fit depend on each other, fits don't: so the interval is Student's t over the shares of fits. It is
 * cut to what a share can be.
 */
function coverageOverFits(all: readonly CalibrationQuantity['covered'][]): CalibrationSummary['coverage'] {
  return Object.keys(all[0] ?? {}).flatMap((level) => {
    const fits = all[0]![level]!.map((_, fit) => all.flatMap((covered) => covered[level]?.[fit] ?? []));
    const shares = fits.flatMap((one) => (one.length === 0 ? [] : [one.filter(Boolean).length / one.length]));
    return shares.length === 0
      ? []
      : [{ level: Number(level), share: momentsOf(shares).mean, interval: overFits(shares) }];
  });
}

function overFits(shares: readonly number[]): Interval | Absent {
  if (shares.length < 3) return absent(texts.fewFits);
  const { n, mean, sd } = momentsOf(shares);
  const estimate = { center: mean, se: sd / Math.sqrt(n), df: n - 1 };
  const interval = tInterval(estimate, 'difference', 't');
  return 'low' in interval
    ? { ...interval, low: Math.max(0, interval.low), high: Math.min(1, interval.high) }
    : interval;
}

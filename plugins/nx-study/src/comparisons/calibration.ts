import { isAbsent } from '../base/known.ts';
import type { Absent } from '../base/known.ts';
import { derivedOf } from '../kinds/evidence.ts';
import { posterior } from '../kinds/posterior/index.ts';
import { summarise } from '../kinds/posterior/calibration/summary.ts';
import type { CalibrationSummary } from '../kinds/posterior/calibration/summary.ts';
import { derivedSchema } from '../kinds/posterior/schema.ts';
import { measurementsOf } from '../state/rows.ts';
import type { Alternative } from './alternatives.ts';
import type { Comparisons } from './compare.ts';
import { calibrationTexts as texts } from './texts.ts';

/** An experiment with fits of simulated data. */
export interface Calibrated {
  alternative: Alternative;
  /** Over all its measurements. */
  summary: CalibrationSummary | Absent;
  measured: number;
  planned: number;
}

/** The experiments that simulate, in the order of the plan; those without a readable measurement are left out. */
export const calibrationsOf = ({ alternatives }: Pick<Comparisons, 'alternatives'>): Calibrated[] =>
  alternatives.flatMap((alternative) => {
    const found = alternative.rows.flatMap(({ state, stored }) => {
      if (state !== 'measured' || stored?.record.kind !== posterior.name) return [];
      const derived = derivedOf(stored, derivedSchema);
      return isAbsent(derived) ? [] : (derived.calibration ?? []);
    });
    if (found.length === 0) return [];
    const planned = measurementsOf(alternative.rows).length;
    return [{ alternative, summary: summarise(found), measured: found.length, planned }];
  });

// Below it even a band that is left says little.
const FEW_FITS = 50;

/** What the fits of simulated data say, experiment by experiment; nothing where a study has none. */
export const calibrationSentences = (comparisons: Pick<Comparisons, 'alternatives'>): string[] =>
  calibrationsOf(comparisons).flatMap(({ alternative: { name }, summary, measured, planned }) => {
    if (isAbsent(summary)) return [texts.refused(name, summary.reason)];
    const { fits } = summary;
    const flagged = fits.filter(({ flags }) => flags.length > 0).length;
    return [
      `${ranksOf(name, summary)}${coverageOf(summary)}.`,
      ...(flagged > 0 ? [texts.flagged(name, flagged, fits.length)] : []),
      ...(fits.length < FEW_FITS ? [texts.few(name, fits.length)] : []),
      ...(measured < planned ? [texts.notAll(name, measured, planned)] : []),
    ];
  });

function ranksOf(name: string, { quantities, fits }: CalibrationSummary): string {
  const known = quantities.filter(({ verdict }) => verdict !== 'unknown');
  const wrong = known.filter(({ verdict }) => verdict === 'not uniform');
  const outside = known.filter(({ verdict }) => verdict === 'chance').length;
  const unknown = quantities.length - known.length;
  const words =
    wrong.length === 0
      ? texts.uniform(name, known.length, fits.length) + (outside > 0 ? texts.chance(outside, known.length) : '')
      : texts.notUniform(
          name,
          wrong.toSorted((one, other) => one.p_adjusted! - other.p_adjusted!).map(quantityOf),
          known.length,
          fits.length,
        );
  return words + (unknown > 0 ? texts.unknown(unknown) : '');
}

const quantityOf = ({ name, p_adjusted }: CalibrationSummary['quantities'][number]): string =>
  texts.quantity(name, p_adjusted! < 0.001 ? '< 0.001' : p_adjusted!.toFixed(3));

/** Of the widest intervals. */
function coverageOf({ coverage }: CalibrationSummary): string {
  const widest = coverage.toSorted((one, other) => one.level - other.level).at(-1);
  if (widest === undefined) return '';
  const { level, share, interval } = widest;
  const range = isAbsent(interval) ? '' : texts.interval(percent(interval.low), percent(interval.high));
  return texts.covered(level, percent(share)) + range;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

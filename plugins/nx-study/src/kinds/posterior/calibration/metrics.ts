import { isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import { orReason, ratio } from '../../evidence.ts';
import { toMetric } from '../../kind.ts';
import type { Metric } from '../../kind.ts';
import type { Derived, Payload } from '../schema.ts';

const count = { unit: '', main: true, better: null } as const;

/** Whether the numbers of a measurement are of several fits of simulated data. */
export const isCalibration = (metrics: readonly Metric[]): boolean =>
  metrics.some(({ name }) => name === 'fits_flagged_share');

/** How many fits of simulated data a measurement has, and how many are flagged; none for a fit of real data. */
export function calibrationMetrics(payload: Payload | Absent, derived: Derived | Absent): Metric[] {
  if (isAbsent(derived) || derived.calibration === undefined) return [];
  const { fits } = derived.calibration;
  const flagged = fits.filter(({ flags }) => flags.length > 0).length;
  const sample_s = isAbsent(payload)
    ? payload
    : orReason(payload.timings.sample_s, payload.reasons, 'timings.sample_s');
  return [
    toMetric({ ...count, name: 'fits', label: 'fits', description: 'Fits of simulated data' }, fits.length),
    toMetric(
      {
        ...count,
        name: 'fits_flagged',
        label: 'flagged',
        better: 'lower',
        description: 'Fits whose R-hat, effective sample size or divergences are not good; they count all the same',
      },
      flagged,
    ),
    toMetric(
      {
        ...count,
        main: false,
        name: 'fits_flagged_share',
        label: 'flagged share',
        better: 'lower',
        description: 'fits_flagged / fits',
      },
      ratio(flagged, fits.length, 'the number of fits'),
    ),
    toMetric(
      {
        name: 'sample_s_per_fit',
        label: 'per fit',
        unit: 's',
        main: true,
        better: 'lower',
        description: 'sample_s / fits',
      },
      ratio(sample_s, fits.length, 'the number of fits'),
    ),
  ];
}

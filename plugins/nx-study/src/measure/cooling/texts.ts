import { duration } from '../../base/duration.ts';
import type { Reading } from '../watch/texts.ts';

/** Texts of the gap before a measurement. */
export const coolingTexts = {
  none: 'the study asks for no gap',
  first: 'nothing was measured here since the machine started',
  over: (gap_s: number) => `idle for longer than the gap of ${gap_s} s`,
  notStarted: 'not started',
  gap: (gap_s: number, isBoundary: boolean) => `gap of ${gap_s} s${isBoundary ? ' between cycles' : ''}`,
  /** `left_s` of the least gap, and `most_s` at most. */
  countdown: (left_s: number, most_s: number | null, readings: Reading[]) =>
    [
      left_s > 0 ? `cooling down for ${left_s.toFixed(0)} s` : 'cooling down',
      ...(most_s !== null && most_s > left_s ? [`${most_s.toFixed(0)} s at most`] : []),
      ...(readings.length > 0 ? [coolingTexts.readings(readings)] : []),
    ].join(', '),
  readings: (readings: Reading[]) =>
    readings
      .map(({ name, value, limit, unit }) => {
        const digits = unit === 'cores' ? 2 : 0;
        return unit === 'yes'
          ? name
          : `${name} ${value.toFixed(digits)} ${UNITS[unit] ?? unit} (until ${limit.toFixed(digits)})`;
      })
      .join(', '),
  criterion: (criterion: 'temperature' | 'others-cpu', why: string | null) =>
    `${criterion === 'temperature' ? 'by temperature' : 'by the CPU use of other processes'}${why === null ? '' : ` (${why})`}`,
  endedByMax: (waited_s: number, readings: Reading[]) =>
    `it started after the longest gap, ${duration(waited_s)}, although the machine had not recovered: ${readings.length > 0 ? coolingTexts.readings(readings) : 'nothing could be read in that time'}`,
};

const UNITS: Record<string, string> = { degC: '°C' };

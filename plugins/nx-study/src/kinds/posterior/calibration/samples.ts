import type { Quantity, Sample } from '../../kind.ts';
import type { Calibration, CalibrationFit } from './schema.ts';

/** Each fit as a sample, then each quantity of each fit; `fit` is the place among all fits of the study. */
export function calibrationSamples({ fits, quantities }: Calibration): Sample[] {
  const names = Object.keys(quantities);
  return [
    ...fits.map((fit, index) => ({
      ...sampleOf('calibration.fit', index, fit),
      item: `fit ${fit.index}`,
      quantities: valuesOf({
        fit: fit.index,
        rhat_max: fit.rhat_max,
        ess_min: fit.ess_min,
        divergences: fit.divergences,
        gradients: fit.gradients,
      }),
    })),
    ...names.flatMap((name, at) =>
      fits.map((fit, index) => ({
        ...sampleOf('calibration.rank', at * fits.length + index, fit),
        item: name,
        quantities: valuesOf(ofQuantity(quantities[name]!, index, fit)),
      })),
    ),
  ];
}

const sampleOf = (sample: string, index: number, { flags }: CalibrationFit): Omit<Sample, 'item' | 'quantities'> => ({
  workload: null,
  sample,
  index,
  attributes: flags.length > 0 ? { flags: flags.join('; ') } : {},
  status: flags.length > 0 ? 'flagged' : 'good',
});

type Values = Record<string, number | null | undefined>;

function ofQuantity(
  { rank, z, contraction, covered }: Calibration['quantities'][string],
  at: number,
  fit: CalibrationFit,
) {
  const levels = Object.entries(covered).map(([level, all]) => [`covered_${level}`, all[at] ?? null] as const);
  return {
    fit: fit.index,
    rank: rank[at],
    z: z[at],
    contraction: contraction[at],
    ...Object.fromEntries(levels.map(([name, is]) => [name, is === null ? null : Number(is)])),
  } satisfies Values;
}

/** Those that are known. */
const valuesOf = (values: Values): Quantity[] =>
  Object.entries(values).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [{ name, unit: '', value }],
  );

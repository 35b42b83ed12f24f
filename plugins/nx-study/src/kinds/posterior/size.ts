import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { absent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { Size } from '../../worker/size.ts';
import type { MemoryEstimate, MemoryRequest } from '../memory-estimate.ts';
import { memoryTexts } from '../memory-texts.ts';
import { PRIOR } from './schema.ts';

/** The settings that workers of this kind have in common. */
export const samplingSchema = z.looseObject({
  chains: z.int().min(1),
  tune: z.int().min(0),
  draws: z.int().min(0),
  /** Data are simulated, and so many fits are made of them in one measurement. */
  simulate: z.string().nullable().optional(),
  simulations: z.int().min(1).default(1),
  /** `prior`: nothing is sampled, and `draws` are draws from the prior. */
  sampler: z.string().optional(),
  keep: z.union([z.string(), z.looseObject({ every: z.int().min(1) })]).optional(),
});

const samplerSchema = z.looseObject({ sampler: z.string().optional() });

/** Whether a posterior is sampled, and not only the prior drawn from. */
export const isSampled = (configuration: JsonObject): boolean =>
  samplerSchema.safeParse(configuration).data?.sampler !== PRIOR;

const BYTES_PER_NUMBER = 8;

/** For each element without draws: mean, sd, three quantiles, R-hat, two ESS, two MCSE. */
const SUMMARY_NUMBERS = 10;

/**
 * Bytes that a measurement leaves on the disk: for each draw of each chain the saved numbers and the statistics of the sampler, and
 * the data beside them. Where draws are left out, the statistics of all draws stay, with all draws of scalars, what was computed of
 * each draw, and summaries; with `keep: {every: n}` once more those of the draws that are kept. The names of variables, people and
 * the like, and what the file's form adds, are not counted: some tens of kB, 0.2 MB with 1,400 names.
 * @returns null where the settings are of another form, or data are simulated; with `keep: summary` also where the size says nothing of scalars.
 */
export function drawsBytes(configuration: JsonObject, size: Size): number | null {
  const { data: settings } = samplingSchema.safeParse(configuration);
  if (settings === undefined || (settings.simulate ?? null) !== null) return null;
  const { draws, keep = 'all' } = settings;
  const chains = isSampled(configuration) ? settings.chains : 1;
  const {
    saved,
    scalars,
    by_draw = 0,
    summary_bytes = 0,
    statistics_bytes: statistics = 0,
    data_bytes: data = 0,
  } = size;
  const ofDraws = (count: number, numbers: number) => chains * count * (numbers * BYTES_PER_NUMBER + statistics);
  const summaries = (elements: number) => SUMMARY_NUMBERS * elements * BYTES_PER_NUMBER + summary_bytes;
  if (keep === 'all') return ofDraws(draws, saved) + data;
  if (typeof keep !== 'string')
    return (
      ofDraws(Math.ceil(draws / keep.every), saved) + ofDraws(draws, (scalars ?? 0) + by_draw) + summaries(saved) + data
    );
  if (keep !== 'summary' || scalars === undefined) return null;
  return ofDraws(draws, scalars + by_draw) + summaries(saved - scalars) + data;
}

/**
 * The least memory that a measurement takes: a fixed part for the libraries and the compiled model, the data where the worker says how much they take, and the draws of all
 * chains, those of tuning among them where the sampler holds them. Draws are held several times while they are put together and
 * written.
 * @returns absent where the settings are of another form; null where the size of the model is not known.
 */
export function estimateMemory({ configuration, size }: MemoryRequest): MemoryEstimate | Absent | null {
  if (size === null) return null;
  const { data: settings } = samplingSchema.safeParse(configuration);
  if (settings === undefined) return absent(memoryTexts.sampling);
  const chains = isSampled(configuration) ? settings.chains : 1;
  const bytesOf = (draws: number, copies: number) =>
    Math.round(copies * chains * draws * size.saved * BYTES_PER_NUMBER);
  const copies = TUNING_COPIES[settings.sampler ?? ''] ?? 0;
  const data = isSampled(configuration) ? (size.data_memory_bytes ?? 0) : 0;
  const terms = [
    { name: 'libraries and model', bytes: isSampled(configuration) ? FIXED_BYTES : FIXED_BYTES_OF_PRIOR },
    ...(data > 0 ? [{ name: 'data', bytes: data }] : []),
    { name: 'draws', bytes: bytesOf(settings.draws, TRACE_COPIES) },
    ...(copies > 0 ? [{ name: 'tuning draws', bytes: bytesOf(settings.tune, copies) }] : []),
  ];
  return { on: 'host', gpus: 0, terms, omitted: [] };
}

// Measured on `ideal-point` (flat, 60 roll calls of the 109th Senate, 2 chains): a peak of 431 and 461 MB with 0.7 MB of draws and
// of 596 MB with 71 MB, 1.9 for each byte or more; 467 MB with 500 roll calls and 3.5 MB. Rounded down, so that only what can't fit is refused.
const FIXED_BYTES = 400e6;
const TRACE_COPIES = 1.8;
// Draws of tuning are held until sampling has ended. 609 MB with 20,000 of them and 1,000 that are kept, 599 MB the other way round (nutpie
// 0.16.11). PyMC has room for both and puts only those that are kept together. Samplers in JAX write over them.
const TUNING_COPIES: Readonly<Record<string, number>> = { nutpie: TRACE_COPIES, pymc: 1 };
// A peak of 264 MB for five values under a normal model, and 373 MB for 30 × 40 simulated votes; 1,000 draws each. Rounded down, too.
const FIXED_BYTES_OF_PRIOR = 200e6;

import { z } from 'zod';
import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Size } from '../../worker/size.ts';
import type { MeasuredWork, RoughTime, SizedWork } from '../kind.ts';
import { payloadSchema, PRIOR } from './schema.ts';
import type { Payload } from './schema.ts';
import { isSampled, samplingSchema } from './size.ts';

/** How many fits of simulated data a result holds; without it it is one fit. */
const fitsSchema = z.looseObject({ simulations: z.looseObject({ fits: z.int().min(1) }).optional() });

/**
 * How long the work of a measured one would have taken at the size of another, s: the time of sampling grows with the draws of a
 * chain (tuning included), with the rounds in which chains run at once, with simulated fits, and with the observations; all other time stays.
 * @returns null where one of the two does not say its work.
 */
export function scaledTime_s(planned: SizedWork, { elapsed_s, cpus, payload }: MeasuredWork): number | null {
  const { data: result } = payloadSchema.safeParse(payload);
  const isOfPrior = !isSampled(planned.configuration);
  if (!result || isOfPrior !== (result.sampler.name === PRIOR)) return null;
  if (isOfPrior) return scaledPrior_s(planned, elapsed_s, result);
  const work = iterationsOf(planned);
  const { sampler, observations, timings } = result;
  const { chains, tune } = sampler;
  if (work === null || chains === null || tune === null) return null;
  const { data: fits } = fitsSchema.safeParse(payload);
  const done =
    iterations({ chains, tune, draws: sampler.draws, simulations: fits?.simulations?.fits ?? 1 }, cpus) * observations;
  const sample_s = timings.sample_s;
  if (sample_s === null || sample_s > elapsed_s || done === 0) return null;
  return elapsed_s - sample_s + (sample_s * work * planned.size.observations) / done;
}

/** Whether two configurations ask for the same draws, of the posterior or of the prior. */
export function asksForAsMuch(planned: JsonObject, measured: JsonObject): boolean {
  const asked = (configuration: JsonObject) => {
    const { data: settings } = samplingSchema.safeParse(configuration);
    const { chains, tune, draws, simulations } = settings ?? {};
    const isOfPosterior = isSampled(configuration);
    return canonicalJson([
      isOfPosterior,
      draws ?? null,
      ...(isOfPosterior ? [chains ?? null, tune ?? null, simulations ?? null] : []),
    ]);
  };
  return asked(planned) === asked(measured);
}

const drawingSchema = z.looseObject({ draw_s: z.number() });

/** Draws from the prior: their time grows with their number, all other time stays. */
function scaledPrior_s({ configuration }: SizedWork, elapsed_s: number, { sampler, timings }: Payload): number | null {
  const { data: settings } = samplingSchema.safeParse(configuration);
  const draw_s = drawingSchema.safeParse(timings).data?.draw_s;
  if (!settings || draw_s === undefined || draw_s > elapsed_s || sampler.draws === 0) return null;
  return elapsed_s - draw_s + (draw_s * settings.draws) / sampler.draws;
}

/** The same by a rule, where nothing was measured: draws of a chain × rounds × gradients for each draw × time of one. */
export function roughTime_s(planned: SizedWork): RoughTime | null {
  const work = iterationsOf(planned);
  if (work === null) return null;
  if (!isSampled(planned.configuration)) return roughPrior_s(planned);
  const sample_s = work * GRADIENTS_PER_DRAW * gradient_s(planned.size);
  const median_s = FIXED_S + sample_s;
  return { median_s, low_s: FIXED_S / 2 + sample_s / FACTOR, high_s: 2 * FIXED_S + sample_s * FACTOR };
}

function roughPrior_s({ configuration }: SizedWork): RoughTime | null {
  const { data: settings } = samplingSchema.safeParse(configuration);
  if (settings === undefined) return null;
  const draw_s = settings.draws * PRIOR_DRAW_S;
  return {
    median_s: FIXED_OF_PRIOR_S + draw_s,
    low_s: FIXED_OF_PRIOR_S / 2 + draw_s / FACTOR,
    high_s: 2 * FIXED_OF_PRIOR_S + draw_s * FACTOR,
  };
}

/** Draws of all chains and simulated fits that run one after another. */
function iterationsOf({ configuration, cpus }: SizedWork): number | null {
  const { data: settings } = samplingSchema.safeParse(configuration);
  return settings === undefined ? null : iterations(settings, cpus);
}

type Sampling = Record<'chains' | 'tune' | 'draws' | 'simulations', number>;

const iterations = ({ chains, tune, draws, simulations }: Sampling, cpus: number): number =>
  simulations * (tune + draws) * Math.ceil(chains / Math.max(1, Math.floor(cpus)));

const gradient_s = ({ observations }: Size): number => GRADIENT_S + observations * GRADIENT_PER_OBSERVATION_S;

/** Imports, compiling, reading and writing; chosen. */
const FIXED_S = 30;
// Measured on `ideal-point` (flat): 15 gradients for a draw with 60 roll calls of the 109th Senate, 37 with 500, about 15 with the 1,000 of a
// simulated House (205 s for 4 × 2,000 draws on two cores). One gradient took 36 to 52 µs of CPU time for 5,867 observations, 354 µs for 48,960,
// and 5.4 µs for 342 simulated ones: 6 to 9 ns for each. The rule is within about a factor of 2 of all of these. Where less than a fifth of the votes
// is observed a gradient takes about six times as long; FACTOR covers that.
const GRADIENTS_PER_DRAW = 20;
const GRADIENT_S = 10e-6;
const GRADIENT_PER_OBSERVATION_S = 8e-9;
/** Imports, the functions that draw, writing and diagnosing; 7 s for 30 × 40 simulated votes. */
const FIXED_OF_PRIOR_S = 10;
/** From 0.15 to 0.5 ms for the structures of `ideal-point`. */
const PRIOR_DRAW_S = 0.3e-3;
/** By how much the rule may be wrong either way, for other models and machines; chosen. */
const FACTOR = 5;

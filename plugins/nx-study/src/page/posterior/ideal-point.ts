import { z } from 'zod';
import type { Derived } from '../../kinds/posterior/schema.ts';

const number = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable().default(null);
const summary = z.looseObject({ mean: number, sd: number.default(null), eti90: interval });
const share = number.default(null);

/** A part that is missing or of another shape is null. */
const part = <T extends z.ZodType>(schema: T) => schema.nullable().default(null).catch(null);

const positionSchema = z.looseObject({
  legislator: z.string(),
  name: z.string(),
  party: z.string(),
  votes: number.default(null),
  aligned: summary,
  /** Of a model with two dimensions. */
  second: part(z.looseObject({ aligned: summary })),
});

const rollcallSchema = z.looseObject({
  rollcall: z.string(),
  recoded: z.boolean().default(false),
  aligned: z.looseObject({ alpha: summary, beta: summary }),
});

const signSchema = z.looseObject({
  per_chain_correlation_with_pc1: z.array(number),
  negative_draw_share: z.array(number).default([]),
  turned_chains: z.array(z.number()).default([]),
  split: z.boolean().default(false),
});

const replicatedSchema = z.looseObject({
  votes: z.number(),
  correct_share: share,
  observed_share: share,
  replicated_mean: share,
  replicated_eti90: interval,
});

const outsideSchema = z.looseObject({ count: z.number(), outside_eti90: z.number() });

const ratesSchema = z.looseObject({
  observed: z.array(number),
  replicated_mean: z.array(number),
  replicated_low: z.array(number),
  replicated_high: z.array(number),
});

const predictiveSchema = z.looseObject({
  rates: z.looseObject({ legislator: ratesSchema, rollcall: ratesSchema }).nullable().default(null),
  by_party: z.record(z.string(), replicatedSchema),
  legislators: outsideSchema,
  rollcalls: outsideSchema,
  correct_share: z.looseObject({ legislator: z.array(number), rollcall: z.array(number) }),
});

const priorPredictiveSchema = z.looseObject({ by_party: z.record(z.string(), replicatedSchema) });

const priorSectionSchema = z.looseObject({
  prior_predictive: part(priorPredictiveSchema),
  prior_rollcalls: part(
    z.array(
      z.looseObject({
        rollcall: z.string(),
        observed: number,
        replicated_mean: number,
        replicated_low: number,
        replicated_high: number,
      }),
    ),
  ),
});

const fitSchema = z.looseObject({
  correct_share: share,
  majority_share: share,
  apre: share,
  mcse: z.looseObject({ correct_share: share, apre: share }).optional(),
});

const correlationSchema = z.looseObject({ overall: number, within_party: z.record(z.string(), number).default({}) });

const partiesSchema = z.looseObject({
  members: z.record(z.string(), z.number()).default({}),
  pair: z.array(z.string()).default([]),
});

const idealPointSchema = z.looseObject({
  positions: z.array(positionSchema).min(1),
  rollcalls: part(z.array(rollcallSchema)),
  sign: part(signSchema),
  predictive: part(predictiveSchema),
  prior_predictive: part(priorPredictiveSchema),
  fit: part(fitSchema),
  parties: part(partiesSchema),
  correlation_with_pc1: part(correlationSchema),
});

/** What the worker `ideal-point` derives beside the contract of its kind; parts that an earlier version lacks are null. */
export type IdealPoint = z.infer<typeof idealPointSchema>;
export type Position = IdealPoint['positions'][number];

export const idealPointOf = (derived: Derived): IdealPoint | null => sectionOf(derived, idealPointSchema);

/** What it derives from draws from the prior alone. */
export const idealPointPriorOf = (derived: Derived): z.infer<typeof priorSectionSchema> | null =>
  sectionOf(derived, priorSectionSchema);

function sectionOf<T extends z.ZodType>(derived: Derived, schema: T): z.infer<T> | null {
  const sections = z.looseObject({ 'ideal-point': schema }).safeParse(derived['sections']);
  return (sections.data?.['ideal-point'] as z.infer<T> | undefined) ?? null;
}

/** The share of each party's votes for the side that is coded as 1, as cast and under a prior. */
export type PartyRates = z.infer<typeof priorPredictiveSchema>['by_party'];

/** `xi[KENNEDY]` for `xi[10808]`: an element of which the worker has the person's name. */
export const withNameOf = (label: string, idealPoint: IdealPoint | null): string =>
  label.replace(/\[(.+)\]$/, (whole, id: string) => {
    const found = idealPoint?.positions.find(({ legislator }) => legislator === id);
    return found === undefined ? whole : `[${found.name}]`;
  });

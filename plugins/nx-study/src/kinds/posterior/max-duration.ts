import { z } from 'zod';
import type { Work } from '../kind.ts';

// Reading data, compiling a model, writing draws.
const BEFORE_S = 3600;
const DRAW_S = 10;

const drawsSchema = z.looseObject({ tune: z.number().default(1000), draws: z.number().default(1000) });

/** Ten seconds for each draw of a chain, kept or not, and an hour for all around them; chains run side by side or few. */
export function maxDuration_s({ configuration }: Work): number {
  const { data } = drawsSchema.safeParse(configuration);
  return BEFORE_S + (data ? DRAW_S * (data.tune + data.draws) : 24 * BEFORE_S);
}

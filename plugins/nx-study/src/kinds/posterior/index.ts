import type { Kind } from '../kind.ts';
import { gates } from './gates.ts';
import { posteriorParts } from './metrics.ts';
import { posteriorPatience } from './patience.ts';
import { derivedSchema, payloadSchema } from './schema.ts';

/** Draws from a posterior distribution, with timings and convergence diagnostics. Knows nothing of any model. */
export const posterior: Kind = {
  name: 'posterior',
  payload: payloadSchema,
  derived: derivedSchema,
  parts: posteriorParts,
  gates,
  patience: posteriorPatience,
};

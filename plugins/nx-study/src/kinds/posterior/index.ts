import type { Kind } from '../kind.ts';
import { gates } from './gates.ts';
import { posteriorWorkloads } from './metrics.ts';
import { observationsOf } from './observations.ts';
import { maxDuration_s } from './max-duration.ts';
import { samplesOf } from './samples.ts';
import { drawsBytes, estimateMemory } from './size.ts';
import { asksForAsMuch, roughTime_s, scaledTime_s } from './time.ts';
import { derivedSchema, payloadSchema } from './schema.ts';

/** Draws from a posterior distribution, with timings and convergence diagnostics. Knows nothing of any model. */
export const posterior: Kind = {
  name: 'posterior',
  payload: payloadSchema,
  derived: derivedSchema,
  workloads: posteriorWorkloads,
  samples: samplesOf,
  observations: observationsOf,
  gates,
  objectives: [],
  maxDuration_s,
  estimateMemory,
  asksForAsMuch,
  costs: {
    disk: drawsBytes,
    scaled_s: scaledTime_s,
    rough_s: roughTime_s,
  },
};

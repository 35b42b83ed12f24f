import { refusalsOf } from './refuse.ts';
import { shapeSchema } from './schema.ts';

/**
 * `result.json`'s payload: raw samples with stamps, and settings as asked and as effective. Further keys are kept. A
 * payload of the right shape that isn't what was asked for is refused as well: see `refuse.ts`.
 */
export const payloadSchema = shapeSchema.superRefine((payload, context) => {
  for (const { path, message } of refusalsOf(payload)) context.addIssue({ code: 'custom', path, message });
});

import { refusalsOf } from './refuse.ts';
import { shapeSchema } from './schema.ts';

/**
 * `result.json`'s payload: raw samples with stamps, and what was asked and effective. Further keys are kept. Refused is
 * also what has the right shape but isn't what was asked: see `refuse.ts`.
 */
export const payloadSchema = shapeSchema.superRefine((payload, context) => {
  for (const { path, message } of refusalsOf(payload)) context.addIssue({ code: 'custom', path, message });
});

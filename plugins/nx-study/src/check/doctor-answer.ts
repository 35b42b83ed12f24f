import { z } from 'zod';
import { sizeSchema } from '../worker/size.ts';

/** `fails`: a run would fail. `unknown`: it can't be known here and now. */
export const ITEM_STATES = ['ok', 'warning', 'fails', 'unknown'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

const itemSchema = z.object({
  item: z.string().min(1).max(40).describe('One or two words, such as `server`.'),
  state: z.enum(ITEM_STATES).describe('`fails`: a run would fail. `unknown`: it can not be known here before a run.'),
  message: z.string().min(1).describe('A sentence for people: what was found, with the value.'),
  next: z.string().min(1).nullable().default(null).describe('What to do about it.'),
});

/** The JSON that a worker's `doctor` command writes to stdout; it reads the same as a check, and `modules`. */
export const doctorAnswerSchema = z.object({
  items: z.array(itemSchema).max(100).describe('All that was looked at.'),
  size: sizeSchema
    .nullable()
    .default(null)
    .describe('How large the model is, where `worker.json` says `sizes`; null where that is not known.'),
});

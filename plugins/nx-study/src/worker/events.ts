import { z } from 'zod';

const stamped = { t: z.number() };

// Whatever a worker says has to fit into records, tables and one look of a person; its log has the rest.
const upTo = (characters: number) =>
  z.string().transform((text) => (text.length > characters ? `${text.slice(0, characters - 1)}…` : text));
const word = upTo(120);
const message = upTo(4000);

/** One line of `events.jsonl`. */
export const eventSchema = z.discriminatedUnion('event', [
  z.object({ ...stamped, event: z.literal('phase'), phase: word.refine((phase) => phase !== '') }),
  z.object({
    ...stamped,
    event: z.literal('progress'),
    done: z.number(),
    total: z.number().nullable(),
    unit: word,
    detail: z.record(z.string(), z.json()).optional(),
  }),
  z.object({ ...stamped, event: z.literal('warning'), code: word, message }),
  z.object({ ...stamped, event: z.literal('heartbeat') }),
  z.object({
    ...stamped,
    event: z.literal('failure'),
    type: z.enum(['oom', 'unsupported', 'environment', 'crash']),
    message,
    traceback: z.string().nullish(),
  }),
]);

export type WorkerEvent = z.infer<typeof eventSchema>;

import { z } from 'zod';

const stamped = { t: z.number() };

/** One line of `events.jsonl`. */
export const eventSchema = z.discriminatedUnion('event', [
  z.object({ ...stamped, event: z.literal('phase'), phase: z.string().min(1) }),
  z.object({
    ...stamped,
    event: z.literal('progress'),
    done: z.number(),
    total: z.number().nullable(),
    unit: z.string(),
    detail: z.record(z.string(), z.json()).optional(),
  }),
  z.object({ ...stamped, event: z.literal('warning'), code: z.string(), message: z.string() }),
  z.object({ ...stamped, event: z.literal('heartbeat') }),
  z.object({
    ...stamped,
    event: z.literal('failure'),
    type: z.enum(['oom', 'unsupported', 'environment', 'crash']),
    message: z.string(),
    traceback: z.string().optional(),
  }),
]);

export type WorkerEvent = z.infer<typeof eventSchema>;

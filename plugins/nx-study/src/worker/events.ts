import { z } from 'zod';

const stamped = { t: z.number().describe('When it happened: Unix time in seconds.') };

// Texts of a worker are cut so that they fit into records and tables; worker.log has all of it.
const upTo = (characters: number, text = z.string()) =>
  text.transform((text) => (text.length > characters ? `${text.slice(0, characters - 1)}…` : text));
const word = upTo(120);
const message = upTo(4000);

const phaseSchema = z.object({
  ...stamped,
  event: z.literal('phase'),
  phase: upTo(120, z.string().min(1)).describe(
    'The name of the phase that begins: any name; records keep 120 characters. Neighbours and throttling are watched ' +
      'anew from the end of the last phase called `starting`, `importing`, `reading`, `building` or `loading`.',
  ),
});

const progressSchema = z.object({
  ...stamped,
  event: z.literal('progress'),
  done: z.number().describe('How many units are finished.'),
  total: z.number().nullable().describe('How many units there are; null when that is not known.'),
  unit: word.describe('What is counted, in the plural, such as `draws`.'),
  detail: z.record(z.string(), z.json()).describe('Anything else worth showing.').optional(),
});

const warningSchema = z.object({
  ...stamped,
  event: z.literal('warning'),
  code: word.describe('A short name of this kind of warning, in lower case with hyphens.'),
  message: message.describe('What a reader of the numbers must know; records keep 4,000 characters.'),
});

const heartbeatSchema = z.object({ ...stamped, event: z.literal('heartbeat') });

const failureSchema = z.object({
  ...stamped,
  event: z.literal('failure'),
  type: z
    .enum(['oom', 'unsupported', 'environment', 'crash'])
    .describe(
      '`oom`: memory ran out. `unsupported`: what was asked cannot be done, however often it is tried. ' +
        '`environment`: something outside of the worker is missing or refuses, such as a server. `crash`: all else.',
    ),
  message: message.describe('Why there is no result, for people; records keep 4,000 characters.'),
  traceback: z.string().describe('Where in the code of the worker it happened.').nullish(),
});

/** One line of `events.jsonl`. */
export const eventSchema = z.discriminatedUnion('event', [
  phaseSchema.describe('The measurement enters a phase.'),
  progressSchema.describe('How far the measurement is.'),
  warningSchema.describe('Something weakens the result; it becomes a finding of the record.'),
  heartbeatSchema.describe('The worker is alive though it has nothing to report.'),
  failureSchema.describe('The measurement ends without a result; the worker exits with a code that is not 0.'),
]);

export type WorkerEvent = z.infer<typeof eventSchema>;

import type { Failure, FailureType } from '../record/schema.ts';
import type { State } from './states.ts';

/** Not tried again until a person requests it: the same would happen. What was `too-large` depends on more. */
const finalTypes: ReadonlySet<FailureType> = new Set(['oom', 'unsupported']);

/** What `expect: failed` may stand for: what lies in the measurement itself, not failures of the surroundings. */
const expectableTypes: ReadonlySet<FailureType> = new Set([
  'oom',
  'timeout',
  'stalled',
  'crash',
  'invalid-result',
  'unsupported',
  'too-large',
]);

/** The failure of something around the worker: nothing was measured. */
export const outerFailure = (type: FailureType, message: string, phase: string | null = null): Failure => ({
  type,
  phase,
  message,
  traceback: null,
  log_tail: '',
  exit_code: null,
  signal: null,
});

/** Equal for failures of one cause: numbers and paths are left out of the message. */
export const failureShape = ({ type, message }: Pick<Failure, 'type' | 'message'>): string =>
  `${type}: ${message.replace(/0x[0-9a-f]+|[0-9]+/gi, '#').replace(/\/\S+/g, '/…')}`;

/** Whether the same would happen again, whatever else has changed. The limits are those of memory, bytes; null is none. */
export function isFinal(type: FailureType, limits: { before: number | null; now: number | null }): boolean {
  if (type === 'oom' && isRaised(limits.before, limits.now)) return false;
  return finalTypes.has(type);
}

/** Whether a memory limit is higher now than it was; null is none. */
export const isRaised = (then: number | null, now: number | null): boolean =>
  then !== null && (now === null || now > then);

/** Whether a failure is the outcome that the study declared. */
export const isExpected = (failure: Pick<Failure, 'type'> | null, expect: 'failed' | null): boolean =>
  expect === 'failed' && failure !== null && expectableTypes.has(failure.type);

/** The state of a measurement whose last attempt failed. */
export function failureState(failure: Pick<Failure, 'type'>, expect: 'failed' | null): State {
  if (isExpected(failure, expect)) return 'expected-failure';
  return failure.type === 'interrupted' || failure.type === 'too-large' ? failure.type : 'failed';
}

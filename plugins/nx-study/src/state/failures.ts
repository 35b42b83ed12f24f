import type { Failure, FailureType } from '../record/schema.ts';
import type { State } from './states.ts';

/** Not tried again until asked for: the same would happen. */
const settledTypes: ReadonlySet<FailureType> = new Set(['oom', 'unsupported', 'too-large']);

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

/** A failure, as far as it tells whether the same would happen again. */
interface Failed {
  type: FailureType;
  /** That was in force. */
  memory_limit_bytes: number | null;
}

/** What may have changed since. */
interface Now {
  memory_limit_bytes: number | null;
  /** Whether what was too large still is. */
  isTooLarge: boolean;
}

/** Whether the same would happen again. */
export function isSettled({ type, memory_limit_bytes }: Failed, now: Now): boolean {
  if (type === 'too-large') return now.isTooLarge;
  if (type === 'oom' && isRaised(memory_limit_bytes, now.memory_limit_bytes)) return false;
  return settledTypes.has(type);
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

import { join } from 'node:path';
import { endings } from '../errors/endings.ts';
import { openRegular } from '../machine/regular-file.ts';
import type { Failure, FailureType } from '../record/schema.ts';
import type { State } from '../record/states.ts';
import type { WorkerEvent } from '../worker/events.ts';
import type { ResultCheck } from './result.ts';
import type { Supervised } from './supervise.ts';

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

const LOG_TAIL_BYTES = 4096;
const TRACEBACK_CHARACTERS = 4000;
const MESSAGE_CHARACTERS = 4000;

export interface Ending {
  supervised: Supervised;
  result: ResultCheck;
  /** Whether its run directory was gone in the end, or something else in its place. */
  isGone: boolean | 'replaced';
  lastPhase: string | null;
  reported: Extract<WorkerEvent, { event: 'failure' }> | null;
  stopCause: string | null;
  /** What the kernel's counters say of a kill for lack of memory; null when they say nothing. */
  outOfMemory: { message: string; own: boolean } | null;
}

type Verdict = { type: FailureType; message: string };

/** Why an ended worker's measurement failed; null when its result counts. */
export async function failureOf(ending: Ending, directory: string): Promise<Failure | null> {
  const verdict = verdictOf(ending);
  if (verdict === null) return null;
  const { reported, supervised, lastPhase } = ending;
  return {
    ...verdict,
    message: verdict.message.slice(0, MESSAGE_CHARACTERS),
    phase: lastPhase,
    traceback: reported?.traceback?.slice(-TRACEBACK_CHARACTERS) ?? null,
    log_tail: await tailOf(join(directory, 'worker.log')),
    exit_code: supervised.exitCode,
    signal: supervised.signal,
  };
}

function verdictOf({
  supervised,
  result,
  isGone,
  reported,
  stopCause,
  outOfMemory,
  lastPhase,
}: Ending): Verdict | null {
  const { exitCode, signal, endedBy, breach, startError, survivors } = supervised;
  if (startError) return { type: 'environment', message: endings.notStarted(startError.message) };
  if (survivors.length > 0) return { type: 'crash', message: endings.survivors(survivors) };
  // A voluntary non-zero exit overrides a complete result; a kill or a stop after it does not.
  const asked = signal !== null || endedBy === 'teardown' || stopCause !== null;
  if (result.state === 'complete' && (exitCode === 0 || asked)) return null;
  if (stopCause !== null || endedBy === 'stop')
    return { type: 'interrupted', message: endings.stopped(stopCause, lastPhase) };
  if (breach) return { type: breach.type, message: breach.message };
  if (outOfMemory && (outOfMemory.own || signal === 'SIGKILL' || exitCode === 137))
    return { type: 'oom', message: endings.outOfMemory(outOfMemory.message, lastPhase) };
  if (isGone === 'replaced') return { type: 'crash', message: endings.runDirectoryReplaced(lastPhase) };
  if (isGone) return { type: 'crash', message: endings.runDirectoryGone(lastPhase) };
  if (reported) return { type: reported.type, message: reported.message };
  if (result.state === 'invalid') return { type: 'invalid-result', message: result.problem };
  if (result.state === 'partial') return { type: 'interrupted', message: endings.partial(lastPhase) };
  if (signal !== null) return { type: 'crash', message: endings.signal(signal, lastPhase) };
  if (exitCode === 137) return { type: 'crash', message: endings.killed(lastPhase) };
  if (exitCode !== 0) return { type: 'crash', message: endings.exitCode(exitCode, lastPhase) };
  return { type: 'invalid-result', message: endings.noResult };
}

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

/** The last part of a log; empty when there is none. */
export async function tailOf(path: string): Promise<string> {
  try {
    const handle = await openRegular(path);
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, LOG_TAIL_BYTES);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

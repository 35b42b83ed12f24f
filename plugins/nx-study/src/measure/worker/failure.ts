import { join } from 'node:path';
import { endings } from './texts.ts';
import { openRegular } from '../../machine/regular-file.ts';
import type { Failure, FailureType } from '../../record/schema.ts';
import type { WorkerEvent } from '../../worker/events.ts';
import type { ResultCheck } from './result.ts';
import type { Supervised } from './supervise.ts';

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
  /** A kill by the kernel for lack of memory, by its counters; null when they count none. */
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

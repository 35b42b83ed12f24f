import type { MeasureTask } from '../graph/task.ts';
import type { Failure, MeasurementRecord } from '../record/schema.ts';
import { isExpected, isSettled } from './failures.ts';
import { mayFit } from './memory.ts';
import type { MemoryNow } from './memory.ts';
import type { TooLarge } from './out-of-memory.ts';
import { isSet } from '../base/switch.ts';

/** What earlier attempts mean for a measurement without a result. */
export type Consequence =
  /** It failed as the study declares. */
  | { state: 'expected'; failure: Failure }
  /** The same would happen again. */
  | { state: 'settled'; failure: Failure; attempt: number }
  | ({ state: 'too-large' } & TooLarge)
  | { state: 'measure' };

/** What is looked at only where it matters. */
interface Looks {
  /** Null where nothing says that the measurement is too large. */
  whyTooLarge(): TooLarge | null | Promise<TooLarge | null>;
  memoryNow(): MemoryNow | Promise<MemoryNow>;
}

/** The one place that decides whether a measurement that failed runs again by itself; `last` is its last attempt. */
export async function consequenceOf(
  { expect, execution }: Pick<MeasureTask, 'expect' | 'execution'>,
  last: MeasurementRecord | null,
  { whyTooLarge, memoryNow }: Looks,
): Promise<Consequence> {
  // Somebody asked for this one.
  if (last !== null && last.retry_requested_at !== null) return { state: 'measure' };
  const failure = last?.failure ?? null;
  if (failure !== null && isExpected(failure, expect)) return { state: 'expected', failure };
  if (isSet(process.env['NX_STUDY_RETRY'])) return { state: 'measure' };
  const large = await whyTooLarge();
  if (last !== null && failure !== null) {
    const { type } = failure;
    const { allowance, memory, larger_than, attempt } = last;
    // A neighbour may have had the memory then.
    const isByMemory = type === 'too-large' && larger_than === null;
    const isTooLarge = isByMemory ? !mayFit(memory, await memoryNow()) : large !== null;
    const now = { memory_limit_bytes: execution.memory_limit_bytes, isTooLarge };
    if (isSettled({ type, memory_limit_bytes: allowance.memory_bytes }, now))
      return { state: 'settled', failure, attempt };
  }
  return large === null ? { state: 'measure' } : { state: 'too-large', ...large };
}

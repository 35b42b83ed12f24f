import type { Failure, FailureType, MemoryNeed } from '../record/schema.ts';
import { fitsNow, ignoresMemory } from './memory.ts';
import type { MemoryNow } from './memory.ts';
import { isSet } from './policy.ts';

/** Not tried again until asked for: the same would happen. */
const settledTypes: ReadonlySet<FailureType> = new Set(['oom', 'unsupported', 'skipped']);

/** Whether a failure is only reported again. What is free now matters for `skipped`, with the need of then. */
export function isSettled({ type }: Failure, need: MemoryNeed | null, memory: MemoryNow | null): boolean {
  if (!settledTypes.has(type) || isSet(process.env['NX_STUDY_RETRY'])) return false;
  // A neighbour may have had the memory then.
  const startsNow = ignoresMemory() || (memory !== null && fitsNow(need, memory));
  return type !== 'skipped' || !startsNow;
}

/** Why there is no value. The only form of absence: records have it with both keys, computations return it in place of a value. */
export interface Absent {
  value: null;
  /** One sentence or part of one, for a person. */
  reason: string;
}

/** A value, or why there is none, side by side: for records, which have both keys either way. */
export type Known<T> = { value: T; reason: null } | Absent;

export const known = <T>(value: T): Known<T> => ({ value, reason: null });

export const absent = (reason: string): Absent => ({ value: null, reason });

/** Whether a computation (`T | Absent`) came to nothing; a `Known` with a value is none. */
export const isAbsent = (result: unknown): result is Absent =>
  typeof result === 'object' && result !== null && 'reason' in result && typeof result.reason === 'string';

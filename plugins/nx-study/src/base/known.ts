/** A value, or why there is none. */
export type Known<T> = { value: T; reason: null } | { value: null; reason: string };

export const known = <T>(value: T): Known<T> => ({ value, reason: null });

export const absent = (reason: string): { value: null; reason: string } => ({ value: null, reason });

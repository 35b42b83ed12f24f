/** The system's code of an error, such as `ENOENT`; undefined when it has none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The result of `read`, or null when a file or process doesn't exist (any more), or may not be read. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (ABSENT.has(errorCode(error) ?? '')) return null;
    throw error;
  }
}

/** Tries something on which nothing depends: its result, or null for any error of the system. */
export function tried<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (errorCode(error) !== undefined) return null;
    throw error;
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM', 'EIO', 'EINVAL']);

/** The system's code of an error, such as `ENOENT`; undefined when it has none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What `read` returns, or null when a file or process isn't there (any more) or isn't ours to look at. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (ABSENT.has(errorCode(error) ?? '')) return null;
    throw error;
  }
}

/** Does what nothing depends on: what it returns, or null whatever the system says. */
export function tried<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (errorCode(error) !== undefined) return null;
    throw error;
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM', 'EIO', 'EINVAL']);

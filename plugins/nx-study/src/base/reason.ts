/** Something about this machine keeps nx-study from working; `cause` holds the system's own error. */
export class MachineError extends Error {
  override name = 'MachineError';
}

/** Why the system refused a file, by its code, and what to do. */
const CAUSES: Record<string, string> = {
  EACCES: 'correct its permissions, or what stands in its place, then run again',
  EPERM: 'correct its permissions, or what stands in its place, then run again',
  EROFS: 'the file system is read-only. Make it writable, then run again',
  ENOTDIR: 'a part of its path is no folder. Remove what stands in its place, then run again',
  EEXIST: 'something else stands in its place. Remove that, then run again',
  EISDIR: 'a folder stands in its place. Remove that, then run again',
  ELOOP: 'a link stands in its place. Remove that, then run again',
  ENXIO: 'a FIFO or a socket stands in its place. Remove that, then run again',
  EFBIG:
    'it is longer than files of this process may be (`ulimit -f`), or than the file system can hold. Raise the limit, then run again',
  EMFILE: 'this process has too many files open. Raise its limit (`ulimit -n`), then run again',
  ENFILE: 'the system has too many files open. Close some, then run again',
  EIO: 'the disk reports an error. Check the disk, then run again',
  ENAMETOOLONG: 'its name is too long for the file system. Use a workspace with a shorter path',
  ENODEV: 'its disk is gone. Mount it, then run again',
  ESTALE: 'its network file system has lost it. Mount it again, then run again',
  ETXTBSY: 'it is a program that runs. End that, then run again',
};

/** An error as text for a person; an error of the file system with the path, the cause and the next step. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof MachineError) return error.message;
  const { code, message, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const place = dest ?? path;
  if (code === 'ENOSPC') return `no space left for ${place ?? 'results'}: free some, then run again`;
  if (code === 'EDQUOT')
    return `no space left for ${place ?? 'results'} (the disk quota is used up): free some, then run again`;
  const cause = CAUSES[code ?? ''];
  return cause === undefined ? message : `${place ?? 'a file'} can't be written (${code}): ${cause}`;
}

/** Does something with a file, and adds its path to an error of the system that has none. */
export async function naming<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const system = error as NodeJS.ErrnoException;
    if (system instanceof Error && typeof system.code === 'string') system.path ??= path;
    throw error;
  }
}

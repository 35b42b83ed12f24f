import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder for temporary files of the worker that carries the token. Short: paths of sockets end at 108 bytes. */
export const temporaryFolderOf = (token: string): string => join(tmpdir(), `nx-study-${token}`);

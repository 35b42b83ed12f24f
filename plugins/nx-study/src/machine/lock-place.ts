import { accessSync, chmodSync, closeSync, constants, fstatSync, lstatSync } from 'node:fs';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { IrregularFile, unsafeFolder } from './texts.ts';
import { orNull, tried } from '../base/errno.ts';
import { openRegularSync } from './regular-file.ts';

/** A folder, and how the names of our files in it begin. */
export interface LockPlace {
  folder: string;
  prefix: string;
}

/**
 * Where the device lock and what is remembered of this host lie: `NX_STUDY_LOCK_DIR`; else `/run/lock` where that is a
 * sticky folder for all users; else `/tmp`. The choice is the same for all users, for they must agree on one lock. Both are
 * root's, so that no user owns the folder in which all lock, and no unit's `PrivateTmp` or cleaner touches the first.
 */
export function lockPlace(runLock = '/run/lock'): LockPlace {
  const own = process.env['NX_STUDY_LOCK_DIR'];
  if (own) return { folder: own, prefix: '' };
  const isShared = process.platform === 'linux' && isForAll(runLock);
  return { folder: isShared ? runLock : (tried(() => realpathSync('/tmp')) ?? '/tmp'), prefix: 'nx-study-' };
}

/** The path of one of our files there. */
export function inLockPlace(name: string): string {
  const { folder, prefix } = lockPlace();
  return join(folder, `${prefix}${name}`);
}

function isForAll(folder: string): boolean {
  const stats = tried(() => lstatSync(folder));
  if (stats === null || !stats.isDirectory() || !isTrusted(stats.uid) || (stats.mode & 0o1007) !== 0o1007) return false;
  return tried(() => accessSync(folder, constants.W_OK)) !== null;
}

/** Makes the folder, for all users or for this one; one that was there already keeps its mode. */
export function makeLockFolder(folder: string, forAllUsers: boolean): void {
  // The umask takes bits from the mode of mkdir.
  if (mkdirSync(folder, { recursive: true }) !== undefined && forAllUsers) chmodSync(folder, 0o1777);
}

/**
 * Whoever owns a folder can put links in the place of our files, and so can everybody where it isn't sticky.
 * @throws MachineError unless it is a folder of root or of this user; the system's own error where there is none.
 */
export function refuseUnsafeFolder(folder: string): void {
  const stats = lstatSync(folder);
  if (stats.isSymbolicLink()) throw unsafeFolder(folder, 'is a link');
  if (!stats.isDirectory()) throw unsafeFolder(folder, 'is no folder');
  if (!isTrusted(stats.uid)) throw unsafeFolder(folder, `belongs to user ${stats.uid}`);
  if ((stats.mode & 0o1002) === 0o002) throw unsafeFolder(folder, 'may be changed by everybody, and is not sticky');
}

// In a user namespace root's files may look like nobody's: whoever owns `/` is root.
const isTrusted = (uid: number): boolean =>
  uid === process.getuid?.() || uid === 0 || uid === orNull(() => statSync('/'))?.uid;

/**
 * Opens a file in which another user may have put something.
 * @throws IrregularFile for anything but a regular file with this one name, and the system's own errors.
 */
export function openShared(path: string, flags: number): number {
  const fd = openRegularSync(path, flags);
  if (fstatSync(fd).nlink === 1) return fd;
  closeSync(fd);
  throw new IrregularFile(path, 'is a file with further names (hard links)', 'EMLINK');
}

import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import { cacheLockUnusable, lockUnusable, relativeLock, windowsUnsupported } from './texts.ts';
import { errorCode, tried } from '../base/errno.ts';
import { lockNow, lockWaiting } from './flock.ts';
import { readHolder, readLabel, writeLabel, type Holder, type HolderLabel } from './holder.ts';
import { inLockPlace, makeLockFolder, openShared, refuseUnsafeFolder } from './lock-place.ts';
import { machineName } from './name.ts';

export interface HeldLock {
  path: string;
  /** Hand it to children through `stdio`: the lock stays taken until the last process that has it is gone. */
  fd: number;
  /** The holder before; without `released` when it was killed. */
  previous: HolderLabel | null;
  /** Whether others would still wait for it: not once somebody has removed or replaced the file. */
  isStillHeld(): boolean;
  relabel(label: HolderLabel): void;
  /** Closes our descriptor. The lock is free once no child has it either. */
  release(): void;
}

export interface AcquireOptions {
  label: HolderLabel;
  /** Called at once when another process has the lock, and again whenever the holder changes. */
  onWait?: (holder: Holder) => void;
  signal?: AbortSignal;
  /** A lock that the host's users share (the default) is readable and writable by all of them. */
  forAllUsers?: boolean;
  /** How often a waiter reads the label again, ms. */
  lookEveryMs?: number;
}

/**
 * The path of the host's device lock: one file for all users, workspaces and clones; one for each node where a host stands
 * for several nodes of Slurm. `NX_STUDY_LOCK_DIR` moves it.
 */
export function deviceLockPath(): string {
  const name = machineName();
  return inLockPlace(name === hostname() ? 'device.lock' : `device-${name.replaceAll(/[^\w.-]/g, '_')}.lock`);
}

/**
 * Takes a kernel lock (flock) on a file, and makes the file where there is none. Waits while another open file description
 * has the lock, also one of this process; waiting costs no CPU. The kernel frees it when the last holder is gone, even after
 * kill -9.
 * @param path - absolute; see `deviceLockPath` for the one by which measurements take turns.
 * @throws MachineError when the file can't be opened safely or locked; `signal.reason` when aborted.
 */
export async function acquireLock(path: string, options: AcquireOptions): Promise<HeldLock> {
  if (process.platform === 'win32') throw windowsUnsupported();
  for (;;) {
    options.signal?.throwIfAborted();
    const fd = openLockFile(path, options.forAllUsers ?? true);
    try {
      if (!(await lockNow(fd, path))) await waitForLock(fd, path, options);
      options.signal?.throwIfAborted();
      if (isStillThatFile(fd, path)) {
        const previous = readLabel(fd);
        writeLabel(fd, options.label);
        return heldLock(fd, path, options.label, previous);
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    // A cleaner of temporary folders removed the file while we waited: others lock its successor.
    closeSync(fd);
  }
}

/**
 * Who has the lock now; null where it is free, also where there is no such file. Looks, and leaves no lock behind.
 * @throws MachineError when the file can't be opened safely or locked.
 */
export async function holderNow(path: string): Promise<Holder | null> {
  const fd = openThere(path);
  if (fd === null) return null;
  try {
    return (await lockNow(fd, path)) ? null : await readHolder(fd);
  } finally {
    closeSync(fd);
  }
}

function openThere(path: string): number | null {
  try {
    return openExisting(path);
  } catch (cause) {
    throw lockUnusable(path, cause);
  }
}

function heldLock(fd: number, path: string, first: HolderLabel, previous: HolderLabel | null): HeldLock {
  let label = first;
  let open = true;
  return {
    path,
    fd,
    previous,
    isStillHeld: () => open && isStillThatFile(fd, path),
    relabel(next) {
      label = next;
      writeLabel(fd, next);
    },
    release() {
      if (!open) return;
      open = false;
      writeLabel(fd, { ...label, released: new Date().toISOString() });
      closeSync(fd);
    },
  };
}

async function waitForLock(fd: number, path: string, options: AcquireOptions): Promise<void> {
  const reporter = reportHolder(fd, options);
  try {
    await lockWaiting(fd, path, options.signal);
  } finally {
    reporter.stop();
  }
}

const SETTLE_MS = 100;

// A holder that has just taken the lock may not have labelled it yet, so the first report waits a moment.
function reportHolder(fd: number, { onWait, lookEveryMs = 2000 }: AcquireOptions) {
  let timer: NodeJS.Timeout | undefined;
  let stopped = onWait === undefined;
  let last: string | undefined;
  const look = async (isFirst: boolean) => {
    const holder = await readHolder(fd);
    if (stopped) return;
    if (isFirst && holder.state !== 'measuring') {
      timer = setTimeout(() => void look(false), SETTLE_MS);
      return;
    }
    const seen = JSON.stringify(holder);
    if (seen !== last) onWait?.(holder);
    last = seen;
    timer = setTimeout(() => void look(false), lookEveryMs);
  };
  if (!stopped) void look(true);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function openLockFile(path: string, forAllUsers: boolean): number {
  try {
    if (!isAbsolute(path)) throw relativeLock(dirname(path));
    makeLockFolder(dirname(path), forAllUsers);
    if (forAllUsers) refuseUnsafeFolder(dirname(path));
    return openExisting(path) ?? createLockFile(path, forAllUsers);
  } catch (cause) {
    throw forAllUsers ? lockUnusable(path, cause) : cacheLockUnusable(path, cause);
  }
}

// Without O_CREAT: Linux refuses to re-create another user's file in a sticky folder (fs.protected_regular).
function openExisting(path: string): number | null {
  try {
    return openShared(path, constants.O_RDWR);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

// The umask takes bits from the mode of open.
function createLockFile(path: string, forAllUsers: boolean): number {
  try {
    const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    if (forAllUsers) fchmodSync(fd, 0o666);
    return fd;
  } catch (error) {
    const lost = errorCode(error) === 'EEXIST' ? openExisting(path) : null;
    if (lost !== null) return lost;
    throw error;
  }
}

function isStillThatFile(fd: number, path: string): boolean {
  const named = tried(() => lstatSync(path));
  const ours = fstatSync(fd);
  return named !== null && named.ino === ours.ino && named.dev === ours.dev;
}

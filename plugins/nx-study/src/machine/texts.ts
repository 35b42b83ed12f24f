import { errorCode } from '../base/errno.ts';
import type { Holder } from './holder.ts';
import { MachineError } from '../base/reason.ts';

/** A path leads to no regular file, or to one that is too long; `code` is the system's code for that. */
export class IrregularFile extends MachineError {
  override name = 'IrregularFile';
  /** What is there instead, as text after the name of the file. */
  readonly nature: string;
  readonly code: string;

  constructor(path: string, nature: string, code: string) {
    super(`${path} ${nature}: it is left alone, for a file is expected there`);
    this.nature = nature;
    this.code = code;
  }
}

/** Why a file could not be read, after its name: `is a FIFO`, `can't be read (EACCES)`. */
export function unreadableText(error: unknown): string {
  if (error instanceof IrregularFile) return error.nature;
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is gone';
  return `can't be read (${code ?? messageOf(error)})`;
}

export const windowsUnsupported = () =>
  new MachineError('nx-study runs on Linux and macOS; on Windows use WSL 2 (https://learn.microsoft.com/windows/wsl)');

export const lockUnusable = (path: string, cause: unknown) =>
  new MachineError(
    `The device lock ${path} cannot be opened: ${messageOf(cause)}. ` +
      'Measurements on one host take turns through it. ' +
      "Remove what lies there if it is left over from another user, or set NX_STUDY_LOCK_DIR to a folder that all of this host's users can write.",
    { cause },
  );

/** A lock beside a file of the cache folder can't be opened. */
export const cacheLockUnusable = (path: string, cause: unknown) =>
  new MachineError(
    `${path} cannot be opened: ${messageOf(cause)}. Runs on one host take turns through it to write in the cache folder. ` +
      'Correct the permissions there or remove what lies in its place, or set NX_STUDY_CACHE_DIR to a folder that you can write.',
    { cause },
  );

export const relativeLock = (folder: string) =>
  new MachineError(
    `${folder} is a relative path, so runs from different folders would not take turns. Give an absolute one`,
  );

export const unsafeFolder = (folder: string, why: string) =>
  new MachineError(
    `${folder} ${why}, so that another user could put links in the place of its files. ` +
      'Give a folder of your own or of root: as root, install -d -m 1777 /srv/nx-study makes one for all users',
  );

/** The device lock is not held any more, before anything has been started under it. */
export class LockLost extends MachineError {
  override name = 'LockLost';
}

export const lockLostFinding = {
  code: 'device-lock-lost',
  message:
    'somebody removed or replaced the device lock while it was measured: another run may have measured at the same time',
};

export const lockLost = (path: string) =>
  `somebody removed or replaced the device lock ${path} while it was held: it is taken anew before anything else is measured`;

export const noLocker = (cause: unknown) =>
  new MachineError(
    'Neither `flock` nor `perl` was found on the PATH; one of them is needed to lock the device. ' +
      'Install util-linux (Debian, Ubuntu: apt install util-linux; Alpine: apk add util-linux; Fedora: dnf install util-linux).',
    { cause },
  );

export const lockFailed = (path: string, command: string, code: number | null, stderr: string) =>
  new MachineError(
    `Locking ${path} with \`${command}\` failed (exit code ${code ?? 'none'}): ${stderr.trim() || 'no message'}. ` +
      'Some network file systems have no locks: set NX_STUDY_LOCK_DIR to a local folder.',
  );

export const guardFailed = (cause: unknown) =>
  new MachineError(
    `The guard process, which ends a worker whose supervisor was killed, did not start: ${messageOf(cause)}. ` +
      'It needs a POSIX `sh`: check that /bin/sh runs.',
    { cause },
  );

/** Why nothing keeps the machine awake. */
export const awakeTexts = {
  noSystemd: 'systemd does not run here',
  systemdAbsent: (said: string) => {
    const line = said.split('\n')[0]!.replace(/\.$/, '');
    return `systemd is installed, but neither it nor its login manager runs here (systemd-inhibit says: ${line})`;
  },
};

/** One line for a person who waits: who holds the device, since when. */
export function describeHolder(holder: Holder): string {
  if (holder.label === null) return 'the device is in use by a process that left no label';
  const { study, measurement, pid, since, workspace, host } = holder.label;
  const what = `${study} · ${measurement}`;
  if (holder.state === 'ending')
    return `${what} has ended or was killed (pid ${pid}); its worker's tree is still ending`;
  return `${what} holds the device since ${since} (pid ${pid} on ${host}, ${workspace})`;
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

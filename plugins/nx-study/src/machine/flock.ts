import { spawn, type ChildProcess } from 'node:child_process';
import { lockFailed, noLocker } from './texts.ts';
import { errorCode } from '../base/errno.ts';

/** Locks the open file description behind `fd` unless another one has the lock; returns whether it did. */
export async function lockNow(fd: number, path: string): Promise<boolean> {
  const { command, code, stderr } = await runLocker(fd, (locker) => [...locker.now]);
  if (code === 0) return true;
  if (code === CONFLICT && stderr === '') return false;
  throw lockFailed(path, command, code, stderr);
}

/** The same, but waits in a child process, which sleeps in the kernel; an abort kills it at once. */
export async function lockWaiting(fd: number, path: string, signal?: AbortSignal): Promise<void> {
  const { command, code, stderr } = await runLocker(fd, (locker) => ['sh', '-c', WAIT, 'sh', ...locker.wait], signal);
  signal?.throwIfAborted();
  if (code !== 0) throw lockFailed(path, command, code, stderr);
}

const FD = 3;
const CONFLICT = 1;

// Ends with its parent: at the end of our standard input the locker is killed, so that no waiter outlives a killed run.
const WAIT = `
exec 4<&0
"$@" 4<&- &
locker=$!
{ read -r _ <&4; kill "$locker"; } 3<&- 2>/dev/null &
watcher=$!
wait "$locker"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

interface Locker {
  now: string[];
  wait: string[];
}

const perl = (operation: string) => [
  'perl',
  '-MErrno=EWOULDBLOCK',
  '-MFcntl=:flock',
  '-e',
  `open(my $f, "+<&=${FD}") or die; exit 0 if flock($f, ${operation}); exit ${CONFLICT} if $! == EWOULDBLOCK; die "$!\\n"`,
];

/** util-linux and busybox have flock(1), macOS has perl; both call flock(2). */
export const LOCKERS: Locker[] = [
  { now: ['flock', '-n', '-x', String(FD)], wait: ['flock', '-x', String(FD)] },
  { now: perl('LOCK_EX|LOCK_NB'), wait: perl('LOCK_EX') },
];

let chosen = 0;

interface LockerExit {
  command: string;
  code: number | null;
  stderr: string;
}

async function runLocker(fd: number, argsOf: (locker: Locker) => string[], signal?: AbortSignal): Promise<LockerExit> {
  for (;;) {
    const locker = LOCKERS[chosen]!;
    const [command, ...args] = argsOf(locker);
    const exit = await finished(spawnLocker(fd, command!, args), signal).catch(absence);
    if (!(exit instanceof Error) && exit.code !== NOT_FOUND) return { command: locker.now[0]!, ...exit };
    if (chosen === LOCKERS.length - 1) throw noLocker(exit);
    chosen += 1;
  }
}

// The exit code of a shell, and of a busybox without the applet, when there is no such program.
const NOT_FOUND = 127;

function absence(error: unknown): Error {
  if (error instanceof Error && errorCode(error) === 'ENOENT') return error;
  throw error;
}

const spawnLocker = (fd: number, command: string, args: string[]) =>
  spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe', fd] });

function finished(child: ChildProcess, signal?: AbortSignal): Promise<Omit<LockerExit, 'command'>> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    const stop = () => child.stdin?.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    child.stdin?.on('error', () => {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      resolve({ code, stderr });
    });
  });
}

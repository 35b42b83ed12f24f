import { waitForAbort } from '../../base/wait.ts';

/** Whether, and by what, this process was asked to stop. */
export interface Stop {
  signal: AbortSignal;
  /** A person asked again: no more time for anything. */
  force: AbortSignal;
  /** The signal's name, or `disconnect` when the parent process died; null while nothing was asked. */
  cause(): string | null;
  /** Whether there is a stop, also one that comes within a second: Nx ends our children before us. */
  stopWithin(): Promise<boolean>;
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const LATE_STOP_MS = 1000;
const SECOND_AFTER_MS = 500;

// sysexits.h EX_SOFTWARE: Nx takes 0 from a process that ended early for success.
const UNFINISHED = 70;

/** Listens for the signals that Nx or a person sends, and for the death of Nx itself. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  const again = new AbortController();
  let firstAt = 0;
  const stop = (cause: string) => {
    // Nx passes a Ctrl+C on, so that it comes twice at once.
    const isSecond = controller.signal.aborted && performance.now() - firstAt > SECOND_AFTER_MS;
    if (isSecond && cause === 'SIGINT') again.abort();
    if (!controller.signal.aborted) firstAt = performance.now();
    controller.abort(cause);
  };
  const onDisconnect = () => stop('disconnect');
  const onExit = () => {
    if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = UNFINISHED;
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.on('disconnect', onDisconnect);
  process.on('exit', onExit);
  return {
    signal: controller.signal,
    force: again.signal,
    cause: () => (controller.signal.aborted ? String(controller.signal.reason) : null),
    stopWithin: () => waitForAbort(controller.signal, LATE_STOP_MS),
    dispose() {
      for (const signal of SIGNALS) process.off(signal, stop);
      process.off('disconnect', onDisconnect);
      process.off('exit', onExit);
    },
  };
}

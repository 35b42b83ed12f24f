/** Whether, and by what, this process was asked to stop. */
export interface Stop {
  signal: AbortSignal;
  /** The signal's name, or `disconnect` when the parent process died; null while nothing was asked. */
  cause(): string | null;
  /** Whether there is a stop, also one that comes within a second: Nx ends our children before us. */
  soon(): Promise<boolean>;
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const LATE_STOP_MS = 1000;

// sysexits.h EX_SOFTWARE: Nx takes 0 from a process that ended early for success.
const UNFINISHED = 70;

/** Listens for the signals that Nx or a person sends, and for the death of Nx itself. */
export function listenForStop(): Stop {
  const controller = new AbortController();
  const stop = (cause: string) => controller.abort(cause);
  const onDisconnect = () => stop('disconnect');
  const onExit = () => {
    if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = UNFINISHED;
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.on('disconnect', onDisconnect);
  process.on('exit', onExit);
  return {
    signal: controller.signal,
    cause: () => (controller.signal.aborted ? String(controller.signal.reason) : null),
    soon: () => waitForAbort(controller.signal, LATE_STOP_MS),
    dispose() {
      for (const signal of SIGNALS) process.off(signal, stop);
      process.off('disconnect', onDisconnect);
      process.off('exit', onExit);
    },
  };
}

/** Waits `ms`, or until the signal aborts; true when it aborted. */
export function waitForAbort(signal: AbortSignal, ms: number): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer);
      resolve(true);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve(false);
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

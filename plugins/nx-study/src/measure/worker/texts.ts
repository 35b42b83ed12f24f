import type { Finding } from '../../record/schema.ts';
import { during } from '../watch/during.ts';

/** Why the system sends some signals. */
const SIGNAL_CAUSES: Record<string, string> = {
  SIGXFSZ: ': a file became longer than the limit of this shell allows (`ulimit -f`)',
  SIGXCPU: ': it used more CPU time than the limit of this shell allows (`ulimit -t`)',
  SIGBUS: ': often a full disk under a file that it had mapped into memory, such as /dev/shm',
};

// As a shell reports its child's end, by the numbers of Linux.
const SIGNAL_CODES: Record<number, string> =
  process.platform === 'linux' ? { 135: 'SIGBUS', 152: 'SIGXCPU', 153: 'SIGXFSZ' } : {};

/** How a measurement failed. */
export const endings = {
  notStarted: (why: string) => `the worker could not be started: ${why}`,
  containerNotStarted: (engine: string) => `${engine} did not start its container, and says why in the log`,
  survivors: (pids: number[]) => `processes of the worker could not be ended: ${pids.join(', ')}`,
  stopped: (cause: string | null, phase: string | null) => `stopped by ${cause ?? 'a signal'}${during(phase)}`,
  outOfMemory: (what: string, phase: string | null) => `${what}${during(phase)}`,
  partial: (phase: string | null) => `the worker ended early, with a partial result${during(phase)}`,
  signal: (signal: string, phase: string | null) => `killed by ${signal}${during(phase)}${SIGNAL_CAUSES[signal] ?? ''}`,
  killed: (phase: string | null) => `exit code 137, as after SIGKILL${during(phase)}: out of memory?`,
  exitCode: (code: number | null, phase: string | null) => {
    const signal = SIGNAL_CODES[code ?? 0];
    const cause = signal === undefined ? '' : `, as after ${signal}${SIGNAL_CAUSES[signal]}`;
    return `exit code ${code}${during(phase)}${cause}`;
  },
  noResult: 'the worker exited with 0, but wrote no result.json',
  runDirectoryGone: (phase: string | null) => `the worker deleted its run directory${during(phase)}`,
  runDirectoryReplaced: (phase: string | null) =>
    `the worker put something else in the place of its run directory${during(phase)}: the files there are not taken for its result`,
  supervisorKilled: (pid: number, phase: string | null) =>
    `its supervisor (pid ${pid}) was killed${during(phase)}, or could no longer write`,
};

/** What is wrong with a result.json. */
export const resultTexts = {
  unreadable: (why: string) => `result.json ${why}`,
  protocol: (why: string) => `result.json is not a result of this protocol: ${why}`,
  kind: (found: string, declared: string) => `result.json is of kind "${found}", but its worker declares "${declared}"`,
  shape: (kind: string, why: string) => `result.json does not fit kind "${kind}": ${why}`,
  missing: (path: string) => `result.json names ${path}, which is not there`,
  sideFile: (path: string, why: string) => `result.json names ${path}, which ${why}`,
  checksum: (path: string) => `${path} does not have the checksum that result.json names`,
};

/** How a worker ended whose result counts all the same. */
export const endingFindings = {
  slowTeardown: {
    code: 'slow-teardown',
    message: 'the worker did not exit after its result was complete, and was ended',
  },
  killedInTeardown: (signal: string | null): Finding => ({
    code: 'killed-in-teardown',
    message: `the worker was ended by ${signal ?? 'a stop'} after its result was complete`,
  }),
  exitNotSeen: {
    code: 'exit-not-seen',
    message: 'the supervisor was killed, or could no longer write, after the result was complete',
  },
  malformedEvents: (count: number): Finding => ({
    code: 'malformed-events',
    message: `${count} lines of events.jsonl were no events`,
  }),
  unreadEvents: (bytes: number): Finding => ({
    code: 'events-unread',
    message: `${bytes} bytes at the end of events.jsonl were not read: they are too many`,
  }),
  straysUnseen: {
    code: 'strays-unseen',
    message:
      'there is no /proc here, so processes that the worker started outside of its process group could not be seen: they may still run beside later measurements',
  },
  strayAfterKill: {
    code: 'strays-unseen',
    message:
      'its supervisor was gone, and without /proc its guard ends only the process group of a worker: processes that left the group may still run beside later measurements',
  },
  shortenedLog: (bytes: number): Finding => ({
    code: 'log-shortened',
    message: `${bytes} bytes in the middle of worker.log were left out`,
  }),
  longLog: (why: string): Finding => ({
    code: 'log-not-shortened',
    message: `worker.log is very long, and could not be shortened: ${why}`,
  }),
  eventsDropped: (count: number): Finding => ({ code: 'events-dropped', message: `${count} more phases or warnings` }),
};

import { describe, expect, it } from 'vitest';
import type { Supervised } from '../../../../plugins/nx-study/src/measure/worker/supervise.ts';
import { failureOf } from '../../../../plugins/nx-study/src/measure/worker/failure.ts';
import type { Ending } from '../../../../plugins/nx-study/src/measure/worker/failure.ts';

const supervised: Supervised = {
  exitCode: 0,
  signal: null,
  startError: null,
  endedBy: 'worker',
  breach: null,
  elapsed_s: 1,
  supervision_cpu_s: 0.01,
  malformedEvents: 0,
  unreadEvents: 0,
  survivors: [],
};
const complete: Ending['result'] = {
  state: 'complete',
  result: { protocol: 1, kind: 'values', partial: false, payload: {}, files: [] },
  files: [],
};

async function typeOf(process: Partial<Supervised>, rest: Partial<Ending> = {}): Promise<string | null> {
  const ending: Ending = {
    supervised: { ...supervised, ...process },
    result: { state: 'absent' },
    isGone: false,
    lastPhase: 'sampling',
    reported: null,
    stopCause: null,
    outOfMemory: null,
    ...rest,
  };
  const failure = await failureOf(ending, '/nonexistent');
  return failure && `${failure.type}: ${failure.message}`;
}

describe('a complete result', () => {
  it('counts after exit 0, after a kill in teardown, and when we had to end a slow teardown', async () => {
    expect(await typeOf({}, { result: complete })).toBeNull();
    expect(await typeOf({ exitCode: null, signal: 'SIGKILL' }, { result: complete })).toBeNull();
    expect(await typeOf({ exitCode: 1, endedBy: 'teardown' }, { result: complete })).toBeNull();
    expect(await typeOf({ exitCode: 143 }, { result: complete, stopCause: 'SIGTERM' })).toBeNull();
  });

  it('does not count after an exit of its own with another code', async () => {
    expect(await typeOf({ exitCode: 1 }, { result: complete })).toBe('crash: exit code 1 in phase "sampling"');
  });

  it('does not count while processes of the worker live on', async () => {
    expect(await typeOf({ survivors: [12, 13] }, { result: complete })).toBe(
      'crash: processes of the worker could not be ended: 12, 13',
    );
  });
});

describe('without a complete result', () => {
  it.each<[string, Partial<Supervised>, Partial<Ending>, string]>([
    ['exit code', { exitCode: 3 }, {}, 'crash: exit code 3 in phase "sampling"'],
    ['signal', { exitCode: null, signal: 'SIGSEGV' }, {}, 'crash: killed by SIGSEGV in phase "sampling"'],
    [
      'a limit on the length of files',
      { exitCode: null, signal: 'SIGXFSZ' },
      {},
      'crash: killed by SIGXFSZ in phase "sampling": a file became longer than the limit of this shell allows (`ulimit -f`)',
    ],
    [
      'a run directory that is another one',
      {},
      { isGone: 'replaced' },
      'crash: the worker put something else in the place of its run directory in phase "sampling": the files there are not taken for its result',
    ],
    [
      'a kill by the kernel for lack of memory',
      { exitCode: null, signal: 'SIGKILL' },
      { outOfMemory: { message: 'killed by the kernel for lack of memory', own: false } },
      'oom: killed by the kernel for lack of memory in phase "sampling"',
    ],
    [
      'a child that the kernel killed at the limit',
      { exitCode: 1 },
      { outOfMemory: { message: 'killed by the kernel at its limit', own: true } },
      'oom: killed by the kernel at its limit in phase "sampling"',
    ],
    [
      'another end while the kernel killed somebody',
      { exitCode: null, signal: 'SIGSEGV' },
      { outOfMemory: { message: 'killed by the kernel for lack of memory', own: false } },
      'crash: killed by SIGSEGV in phase "sampling"',
    ],
    ['exit 0', {}, {}, 'invalid-result: the worker exited with 0, but wrote no result.json'],
    [
      'time limit',
      {
        exitCode: null,
        signal: 'SIGKILL',
        endedBy: 'limit',
        breach: { type: 'timeout', message: 'took longer than 60 s in phase "sampling"' },
      },
      {},
      'timeout: took longer than 60 s in phase "sampling"',
    ],
    [
      'stop',
      { exitCode: 143, endedBy: 'stop' },
      { stopCause: 'SIGINT' },
      'interrupted: stopped by SIGINT in phase "sampling"',
    ],
    [
      'a wrapper that turns our stop into exit 1',
      { exitCode: 1 },
      { stopCause: 'disconnect' },
      'interrupted: stopped by disconnect in phase "sampling"',
    ],
    ['invalid', {}, { result: { state: 'invalid', problem: 'half a file' } }, 'invalid-result: half a file'],
    [
      'not started',
      { exitCode: null, startError: new Error('spawn x ENOENT') },
      {},
      'environment: the worker could not be started: spawn x ENOENT',
    ],
    [
      'reported',
      { exitCode: 1 },
      { reported: { t: 1, event: 'failure', type: 'oom', message: 'too little memory' } },
      'oom: too little memory',
    ],
  ])('%s', async (_what, process, rest, expected) => {
    expect(await typeOf(process, rest)).toBe(expected);
  });
});

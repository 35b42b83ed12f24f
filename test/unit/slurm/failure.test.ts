import { expect, it, test } from 'vitest';
import { explained, failureTypeOf } from '../../../plugins/nx-study/src/slurm/failure.ts';
import { outerFailure } from '../../../plugins/nx-study/src/state/failures.ts';

test.each([
  ['TIMEOUT', 'timeout'],
  ['DEADLINE', 'timeout'],
  ['OUT_OF_MEMORY', 'oom'],
  ['FAILED', 'crash'],
  ['CANCELLED', 'interrupted'],
  ['PREEMPTED', 'interrupted'],
  ['NODE_FAIL', 'interrupted'],
  ['BOOT_FAIL', 'interrupted'],
  [null, 'interrupted'],
])('a job that ended with %s is %s', (state, type) => {
  expect(failureTypeOf({ state })).toBe(type);
});

const ending = (state: string) => ({ state, node: 'n1', exit: '0:15', reason: 'TimeLimit' });

it('says of a supervisor that was ended what Slurm knows', () => {
  const failure = explained(outerFailure('interrupted', 'stopped by SIGTERM', 'measuring'), '17', ending('TIMEOUT'));
  expect(failure).toMatchObject({
    type: 'timeout',
    phase: 'measuring',
    message: 'job 17 ended on n1 with TIMEOUT (reason TimeLimit, exit code and signal 0:15); stopped by SIGTERM',
  });
  expect(explained(outerFailure('crash', 'killed by SIGKILL'), '17', ending('OUT_OF_MEMORY'))).toMatchObject({
    type: 'oom',
  });
});

it('leaves a failure that the node knows better', () => {
  expect(explained(outerFailure('stalled', 'silent'), '17', ending('TIMEOUT'))).toBeNull();
  expect(explained(outerFailure('crash', 'exit code 3'), '17', ending('FAILED'))).toBeNull();
  expect(explained(outerFailure('interrupted', 'killed'), '17', ending('FAILED'))).toBeNull();
});

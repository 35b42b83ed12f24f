import { describe, expect, it } from 'vitest';
import { failureShape, outerFailure } from '../../../plugins/nx-study/src/measure/failures.ts';
import { failurePolicy } from '../../../plugins/nx-study/src/measure/policy.ts';
import { aTask } from './task.ts';

const { execution } = aTask();
const stopping = aTask({ execution: { ...execution, stop_after_same_failure: 2 } });
const crash = (message: string) => outerFailure('crash', message);

describe('stop_after', () => {
  it('stops a study after the same failure n times in a row, and no other study', () => {
    const policy = failurePolicy(false);
    expect(policy.note(stopping, crash('exit code 3 at /tmp/a'))).toBeNull();
    expect(policy.note(stopping, crash('exit code 4 at /tmp/b'))).toContain('the same failure 2 times in a row');
    expect(policy.reasonToSkip(stopping)).toContain('stopped after repeated failures');
    expect(policy.reasonToSkip(aTask({ study: 'other' }))).toBeNull();
  });

  it('starts to count again after a success or another failure', () => {
    const policy = failurePolicy(false);
    policy.note(stopping, crash('a'));
    policy.note(stopping, null);
    expect(policy.note(stopping, crash('a'))).toBeNull();
    expect(policy.note(stopping, crash('b'))).toBeNull();
    expect(policy.reasonToSkip(stopping)).toBeNull();
  });

  it('does not count what was skipped: it cost nothing', () => {
    const policy = failurePolicy(false);
    const skipped = outerFailure('skipped', 'needs 12.3 GiB of memory');
    policy.note(stopping, crash('a'));
    expect(policy.note(stopping, skipped)).toBeNull();
    expect(policy.note(stopping, skipped)).toBeNull();
    expect(policy.reasonToSkip(stopping)).toBeNull();
    expect(policy.note(stopping, crash('a'))).toContain('2 times in a row');
  });

  it('does not count failures that are expected', () => {
    const policy = failurePolicy(true);
    const expected = { ...stopping, expect: 'failed' as const };
    policy.note(expected, crash('a'));
    expect(policy.note(expected, crash('a'))).toBeNull();
    expect(policy.reasonToSkip(stopping)).toBeNull();
  });
});

it('fail-fast runs nothing after the first failure, in any study', () => {
  const policy = failurePolicy(true);
  policy.note(aTask(), crash('a'));
  expect(policy.reasonToSkip(aTask({ study: 'other' }))).toContain('NX_STUDY_FAIL_FAST');
});

it('fail-fast counts a measurement that could not be prepared; without it that is none in a row', () => {
  const policy = failurePolicy(true);
  policy.noteUnprepared();
  expect(policy.reasonToSkip(aTask())).toContain('NX_STUDY_FAIL_FAST');
  const patient = failurePolicy(false);
  patient.noteUnprepared();
  expect(patient.reasonToSkip(aTask())).toBeNull();
});

it('a failure has a shape, without its numbers and paths', () => {
  expect(failureShape(crash('exit code 12 in /a/b c'))).toBe('crash: exit code # in /… c');
  expect(failureShape(crash('fault at 0x7f3c9a'))).toBe(failureShape(crash('fault at 0x55d0e1b')));
});

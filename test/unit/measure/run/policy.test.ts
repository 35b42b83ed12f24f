import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openFailFast } from '../../../../plugins/nx-study/src/measure/run/fail-fast.ts';
import { failureShape, outerFailure } from '../../../../plugins/nx-study/src/state/failures.ts';
import { failurePolicy } from '../../../../plugins/nx-study/src/measure/run/policy.ts';
import { aTask } from '../task.ts';

const { execution } = aTask();
const stopping = aTask({ execution: { ...execution, stop_after_same_failure: 2 } });
const patient = openFailFast(null, false);
const crash = (message: string) => outerFailure('crash', message);

describe('stop_after', () => {
  it('stops a study after the same failure n times in a row, and no other study', () => {
    const policy = failurePolicy(patient);
    expect(policy.note(stopping, crash('exit code 3 at /tmp/a'))).toBeNull();
    expect(policy.note(stopping, crash('exit code 4 at /tmp/b'))).toContain('the same failure 2 times in a row');
    expect(policy.reasonToSkip(stopping)).toContain('stopped after repeated failures');
    expect(policy.reasonToSkip(aTask({ study: 'other' }))).toBeNull();
  });

  it('starts to count again after a success or another failure', () => {
    const policy = failurePolicy(patient);
    policy.note(stopping, crash('a'));
    policy.note(stopping, null);
    expect(policy.note(stopping, crash('a'))).toBeNull();
    expect(policy.note(stopping, crash('b'))).toBeNull();
    expect(policy.reasonToSkip(stopping)).toBeNull();
  });

  it('does not count what was too large: it cost nothing', () => {
    const policy = failurePolicy(patient);
    const large = outerFailure('too-large', 'needs 12.3 GiB of memory');
    policy.note(stopping, crash('a'));
    expect(policy.note(stopping, large)).toBeNull();
    expect(policy.note(stopping, large)).toBeNull();
    expect(policy.reasonToSkip(stopping)).toBeNull();
    expect(policy.note(stopping, crash('a'))).toContain('2 times in a row');
  });

  it('does not count failures that are expected', () => {
    const policy = failurePolicy(patient);
    const expected = { ...stopping, expect: 'failed' as const };
    policy.note(expected, crash('a'));
    expect(policy.note(expected, crash('a'))).toBeNull();
    expect(policy.reasonToSkip(stopping)).toBeNull();
  });
});

describe('fail-fast', () => {
  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nx-study-policy-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    // As on a host on which nothing was measured yet.
    vi.stubEnv('NX_STUDY_LOCK_DIR', join(folder, 'lock'));
  });

  it('runs nothing after the first failure, in any study and any process of the same run', () => {
    const nx = { pid: 4242, start_time: '1234 5' };
    const first = openFailFast(nx, true);
    expect(failurePolicy(first).reasonToSkip(aTask())).toBeNull();
    first.noteFailure();
    expect(failurePolicy(first).reasonToSkip(aTask({ study: 'other' }))).toContain('NX_STUDY_FAIL_FAST');
    expect(failurePolicy(openFailFast(nx, true)).reasonToSkip(aTask())).toContain('NX_STUDY_FAIL_FAST');
    const later = { ...nx, start_time: '9999 5' };
    expect(failurePolicy(openFailFast(later, true)).reasonToSkip(aTask())).toBeNull();
    expect(failurePolicy(openFailFast(nx, false)).reasonToSkip(aTask())).toBeNull();
  });

  it('forgets runs of long ago', async () => {
    openFailFast({ pid: 1, start_time: '1' }, true).noteFailure();
    const folder = process.env['NX_STUDY_LOCK_DIR']!;
    const [name] = await readdir(folder);
    await utimes(join(folder, name!), 0, 0);
    openFailFast({ pid: 2, start_time: '2' }, true).noteFailure();
    expect(await readdir(folder)).toEqual(['failed-run-2-2']);
  });
});

it('a failure has a shape, without its numbers and paths', () => {
  expect(failureShape(crash('exit code 12 in /a/b c'))).toBe('crash: exit code # in /… c');
  expect(failureShape(crash('fault at 0x7f3c9a'))).toBe(failureShape(crash('fault at 0x55d0e1b')));
});

import { expect, it, test } from 'vitest';
import { explained, failureTypeOf, withWordsOf } from '../../../plugins/nx-study/src/slurm/failure.ts';
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
  expect(failureTypeOf({ state, reason: null })).toBe(type);
});

const ending = (state: string) => ({ state, node: 'n1', exit: '0:15', reason: 'TimeLimit' });

it('says of a supervisor that was ended what Slurm knows', () => {
  const failure = explained(outerFailure('interrupted', 'stopped by SIGTERM', 'measuring'), {
    job: '17',
    ending: ending('TIMEOUT'),
    isAlone: true,
  });
  expect(failure).toMatchObject({
    type: 'timeout',
    phase: 'measuring',
    message: 'job 17 ended on n1 with TIMEOUT (reason TimeLimit, exit code and signal 0:15); stopped by SIGTERM',
  });
  for (const known of ['crash', 'oom'] as const)
    expect(
      explained(outerFailure(known, 'killed by SIGKILL'), {
        job: '17',
        ending: ending('OUT_OF_MEMORY'),
        isAlone: true,
      }),
    ).toMatchObject({
      type: 'oom',
      message: expect.stringMatching(/^job 17 ended on n1 with OUT_OF_MEMORY .*; killed by SIGKILL$/),
    });
});

it('takes what Slurm wrote into the log of a job for the reason, where that was its memory', () => {
  // As Slurm 22.05.8 wrote it with `JobAcctGatherParams=OverMemoryKill`, and with `task/cgroup`.
  const killed = { state: 'FAILED', node: 'n2', exit: '0:9', reason: 'JobLaunchFailure' };
  const log =
    '[1/3] s v1: measured in 1 s\nslurmstepd-n2: error: StepId=2.batch exceeded memory limit (78139392 > 52428800), being killed\n';
  const known = withWordsOf(log, killed);
  expect(failureTypeOf(known)).toBe('oom');
  expect(explained(outerFailure('interrupted', 'killed'), { job: '2', ending: known, isAlone: true })!.message).toMatch(
    /^job 2 ended on n2 with FAILED \(reason StepId=2\.batch exceeded memory limit .* being killed, exit code and signal 0:9\)/,
  );
  const detected = 'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=10.batch. Some of your processes may';
  expect(failureTypeOf(withWordsOf(detected, killed))).toBe('oom');
  // A worker's own words, as they come along with its failure, are none of Slurm.
  expect(withWordsOf('    exceeded memory limit\n', killed)).toEqual(killed);
  expect(failureTypeOf(killed)).toBe('crash');
  expect(withWordsOf(log, { ...killed, state: 'COMPLETED' }).reason).toBe('JobLaunchFailure');
});

it('says it once, whoever watches', () => {
  const failure = explained(outerFailure('interrupted', 'stopped'), {
    job: '17',
    ending: ending('PREEMPTED'),
    isAlone: true,
  })!;
  expect(explained(failure, { job: '17', ending: ending('PREEMPTED'), isAlone: true })).toBeNull();
});

it('leaves a failure that the node knows better', () => {
  expect(
    explained(outerFailure('stalled', 'silent'), { job: '17', ending: ending('TIMEOUT'), isAlone: true }),
  ).toBeNull();
  expect(
    explained(outerFailure('crash', 'exit code 3'), { job: '17', ending: ending('FAILED'), isAlone: true }),
  ).toBeNull();
  expect(
    explained(outerFailure('interrupted', 'killed'), { job: '17', ending: ending('FAILED'), isAlone: true }),
  ).toBeNull();
});

it('does not blame a later attempt of a job for what an earlier one was killed for, or for the time that others took', () => {
  const later = (failure: ReturnType<typeof outerFailure>, state: string, reason: string | null) =>
    explained(failure, { job: '17', ending: { state, node: 'n1', exit: '0:9', reason }, isAlone: false });
  const counted = 'Detected 1 oom_kill event in StepId=17.batch. Some of the step tasks have been OOM Killed.';
  expect(later(outerFailure('crash', 'exit code 3'), 'OUT_OF_MEMORY', null)).toBeNull();
  expect(later(outerFailure('crash', 'exit code 3'), 'FAILED', counted)).toBeNull();
  for (const state of ['OUT_OF_MEMORY', 'TIMEOUT'])
    expect(later(outerFailure('interrupted', 'killed'), state, null)).toMatchObject({
      type: 'interrupted',
      message: `job 17 ended on n1 with ${state} (exit code and signal 0:9); killed`,
    });
  // This ends a job at once, so that it is about the attempt that ran then.
  const ended = 'StepId=17.batch exceeded memory limit (78139392 > 52428800), being killed';
  expect(later(outerFailure('interrupted', 'killed'), 'FAILED', ended)).toMatchObject({ type: 'oom' });
});

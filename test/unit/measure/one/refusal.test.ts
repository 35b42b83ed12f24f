import { rmSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { deviceLockPath } from '../../../../plugins/nx-study/src/machine/lock.ts';
import { LockLost } from '../../../../plugins/nx-study/src/machine/texts.ts';
import type { MeasureTask } from '../../../../plugins/nx-study/src/graph/task.ts';
import { CHECKS, refusal } from '../../../../plugins/nx-study/src/measure/one/refusal.ts';
import type { Job } from '../../../../plugins/nx-study/src/measure/one/job.ts';
import { actsOf, jobOf, batchIn } from '../workspace.ts';

/** A job that may start, what stops its run, and reasons against its start that a test can add. */
async function setUp() {
  const acts = await actsOf(['measure']);
  const { batch, stop, lines } = await batchIn(acts.root);
  const job = await jobOf(acts, batch, acts.of('measure'));
  return { acts, job, stop, lines };
}

const memoryIsEnough = CHECKS.find(({ name }) => name === 'memoryIsEnough')!;

const withTask = (job: Job, change: Partial<MeasureTask>): Job => ({ ...job, task: { ...job.task, ...change } });

const outOfTime = ({ task }: Job): Partial<MeasureTask> => ({ execution: { ...task.execution, budget_s: 0 } });

describe('what must hold before a worker starts', () => {
  it('is checked in this order', () => {
    expect(CHECKS.map(({ name }) => name)).toEqual([
      'noContainersLeft',
      'gpuMemoryIsFree',
      'engineAccepts',
      'memoryIsEnough',
      'hasCooledDown',
      'isNotStopped',
      'lockIsHeld',
      'timeIsLeft',
      'platformFits',
      'filesAreUnchanged',
    ]);
  });

  it('is found out for the record, and asked of no check twice', async () => {
    const { job } = await setUp();
    const checked = await refusal(job);
    expect(checked).toMatchObject({
      heldBefore: null,
      memory: { state: 'unchecked' },
      coolDown: { ended_by: 'nothing' },
      fitness: { refusal: null },
      before: { digest: job.task.digest },
    });
    expect(checked).toHaveProperty('machine.cpus.allowed');
  });

  it('a check that refuses ends the list', async () => {
    const { job } = await setUp();
    const refused = { success: false, failure: null, directory: null, text: 'no' };
    const later = vi.fn<() => Promise<object>>(async () => ({}));
    expect(await refusal(job, [async () => ({}), async () => ({ refused }), later])).toEqual({ refused });
    expect(later).not.toHaveBeenCalled();
  });
});

describe('a measurement is not started', () => {
  it('after a stop, whatever else is against it', async () => {
    const { acts, job, stop } = await setUp();
    await acts.changeCode();
    rmSync(deviceLockPath());
    stop.abort('SIGINT');
    expect(await refusal(withTask(job, outOfTime(job)))).toMatchObject({
      refused: { failure: { type: 'interrupted' }, text: expect.stringContaining('SIGINT') },
    });
  });

  it('where the draws of a model of this size can not fit, and is told so', async () => {
    const { job } = await setUp();
    const manifest = { ...job.worker.manifest, kind: 'posterior' as const };
    const sampled = { chains: 4, tune: 10, draws: 1_000_000 };
    const large = withTask({ ...job, worker: { ...job.worker, manifest } }, { configuration: sampled });
    const size = { parameters: 10, observations: 10, saved: 1e9 };
    expect(await refusal({ ...large, size })).toMatchObject({
      refused: {
        failure: { type: 'too-large', message: expect.stringMatching(/^needs .* \(libraries and model .*, draws /) },
      },
    });
    expect(await refusal({ ...large, size: null }, [memoryIsEnough])).toMatchObject({ memory: { state: 'unchecked' } });
  });

  it('under a lock that is no longer held, whatever comes later in the list', async () => {
    const { acts, job } = await setUp();
    await acts.changeCode();
    rmSync(deviceLockPath());
    await expect(refusal(withTask(job, outOfTime(job)))).rejects.toBeInstanceOf(LockLost);
  });

  it('when its time is over: that is no failure', async () => {
    const { acts, job } = await setUp();
    await acts.changeCode();
    const late = withTask(job, { ...outOfTime(job), cpus: 100_000 });
    expect(await refusal(late)).toMatchObject({ refused: { status: 'skipped', failure: null } });
    expect(await acts.failed('measure')).toEqual([]);
  });

  it('on a machine that does not fit, and its record says so', async () => {
    const { acts, job } = await setUp();
    await acts.changeCode();
    expect(await refusal(withTask(job, { cpus: 100_000 }))).toMatchObject({
      refused: { failure: { type: 'platform' } },
    });
    expect(await acts.failed('measure')).toMatchObject([{ outcome: 'failed', failure: { type: 'platform' } }]);
  });

  it('with code that is not the one that was planned, and stays pending', async () => {
    const { acts, job } = await setUp();
    await acts.changeCode();
    expect(await refusal(job)).toMatchObject({ refused: { failure: { type: 'changed-during-run' } } });
    expect(await acts.failed('measure')).toEqual([]);
  });
});

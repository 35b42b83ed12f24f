import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { processIdentity } from '../../../../plugins/nx-study/src/machine/process.ts';
import { openBatch } from '../../../../plugins/nx-study/src/measure/batch/batch.ts';
import { recordNotStarted } from '../../../../plugins/nx-study/src/measure/one/not-started.ts';
import { failedAttempts, partialDirectory } from '../../../../plugins/nx-study/src/record/attempts.ts';
import { readRecord } from '../../../../plugins/nx-study/src/record/read.ts';
import { outerFailure } from '../../../../plugins/nx-study/src/state/failures.ts';
import { studyOf } from '../../record/workspace.ts';

/** A measurement that another process has begun, which lives or was killed, and is refused here. */
async function refusedBeside(isAlive: boolean) {
  const study = await studyOf([1]);
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const { pid, bootId: boot, startTime } = (await processIdentity(child.pid))!;
  const supervisor = { host: hostname(), pid, boot, start_time: isAlive ? startTime : '0' };
  await study.begun(1, true, { supervisor });
  const batch = await openBatch(study.root);
  onTestFinished(() => batch.stop.dispose());
  const { task } = study.of(1);
  const outcome = await recordNotStarted(batch, task, outerFailure('platform', 'too few CPUs'));
  const slot = { workspaceRoot: study.root, ...task };
  return { outcome, begun: await readRecord(partialDirectory(slot, boot)), failed: await failedAttempts(slot) };
}

test('what another process measures goes on there, although this one refuses it', async () => {
  const { outcome, begun, failed } = await refusedBeside(true);
  expect(outcome).toMatchObject({ success: false, failure: { type: 'platform' }, directory: null });
  expect(outcome.text).toContain('too few CPUs');
  expect(begun?.outcome).toBe('running');
  expect(failed).toEqual([]);
});

test('what a killed process has begun is ended by the refusal', async () => {
  const { begun, failed } = await refusedBeside(false);
  expect(begun).toBeNull();
  expect(failed).toMatchObject([{ outcome: 'failed', failure: { type: 'platform' } }]);
});

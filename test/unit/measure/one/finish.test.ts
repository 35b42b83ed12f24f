import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { outerFailure } from '../../../../plugins/nx-study/src/state/failures.ts';
import { finish } from '../../../../plugins/nx-study/src/measure/one/finish.ts';
import { partialDirectory } from '../../../../plugins/nx-study/src/record/attempts.ts';
import { failedDirectory } from '../../../../plugins/nx-study/src/record/paths.ts';
import { readRecord } from '../../../../plugins/nx-study/src/record/read.ts';
import { canMount } from '../../../helpers/mounts.ts';
import { planOf, STUDY, workspaceOf } from '../../commands/report/workspace.ts';
import { aTask } from '../task.ts';

const id = 'normal-1a2b3c4d';

test.runIf(canMount())('on a full disk a failure is recorded all the same, with the place and the cause', async () => {
  const { workspaceRoot, digests, write } = await workspaceOf(planOf({ normal: {} }));
  const results = join(workspaceRoot, 'results');
  mkdirSync(results);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', results]);
  onTestFinished(() => void execFileSync('umount', ['-l', results]));
  const task = aTask({ study: STUDY, id, digest: digests.get(id)! });
  const folder = basename(partialDirectory({ workspaceRoot, ...task }, 'boot'));
  const directory = await write({ id, folder, record: { outcome: 'running' } });
  const record = (await readRecord(directory))!;
  // As it is written at the start: indented.
  writeFileSync(join(directory, 'record.json'), JSON.stringify(record, null, 2));
  expect(() => writeFileSync(join(results, 'all-of-it'), 'x'.repeat(1 << 20))).toThrow('ENOSPC');

  const failure = outerFailure('crash', 'exit code 3');
  const outcome = await finish({ workspaceRoot }, task, directory, { ...record, outcome: 'failed', failure });
  const told = /^exit code 3 \(no space left for .*record\.json: free some, then run again\)$/;
  expect(outcome.failure?.message).toMatch(told);
  const kept = await readRecord(join(failedDirectory({ workspaceRoot, study: STUDY, id }), '001'));
  expect(kept).toMatchObject({ outcome: 'failed', failure: { type: 'crash', message: expect.stringMatching(told) } });
});

test.runIf(canMount())('on a full disk a result is left for the next run, and the place is told', async () => {
  const { workspaceRoot, digests, write } = await workspaceOf(planOf({ normal: {} }));
  const results = join(workspaceRoot, 'results');
  mkdirSync(results);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', results]);
  onTestFinished(() => void execFileSync('umount', ['-l', results]));
  const task = aTask({ study: STUDY, id, digest: digests.get(id)! });
  const folder = basename(partialDirectory({ workspaceRoot, ...task }, 'boot'));
  const directory = await write({ id, folder, record: { outcome: 'running' } });
  const record = (await readRecord(directory))!;
  expect(() => writeFileSync(join(results, 'all-of-it'), 'x'.repeat(1 << 20))).toThrow('ENOSPC');
  await expect(finish({ workspaceRoot }, task, directory, { ...record, outcome: 'measured' })).rejects.toMatchObject({
    code: 'ENOSPC',
    path: join(directory, 'record.json'),
  });
  expect(await readRecord(directory)).toMatchObject({ outcome: 'running' });
});

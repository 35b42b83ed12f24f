import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recoverInterrupted } from '../../../../plugins/nx-study/src/measure/one/recover.ts';
import { shortenLog } from '../../../../plugins/nx-study/src/measure/worker/log.ts';
import { partialDirectory } from '../../../../plugins/nx-study/src/record/attempts.ts';
import { failedDirectory } from '../../../../plugins/nx-study/src/record/paths.ts';
import { readRecord } from '../../../../plugins/nx-study/src/record/read.ts';
import { planOf, STUDY, workspaceOf } from '../../commands/report/workspace.ts';
import { aTask } from '../task.ts';

const MIB = 2 ** 20;

async function flooded(directory: string): Promise<string> {
  const log = join(directory, 'worker.log');
  await writeFile(log, 'begin\n');
  await truncate(log, 40 * MIB);
  return log;
}

test('of a log that was flooded begin and end are kept', async () => {
  const folder = await temporaryFolder();
  const log = await flooded(folder);
  expect(await shortenLog(folder)).toMatchObject([{ code: 'log-shortened' }]);
  expect((await stat(log)).size).toBeLessThan(9 * MIB);
  expect((await readFile(log, 'utf8')).slice(0, 6)).toBe('begin\n');
  expect(await shortenLog(folder)).toEqual([]);
});

test.runIf(process.platform === 'linux')('a log that can not be shortened costs no measurement', async () => {
  const folder = await temporaryFolder();
  const log = join(folder, 'worker.log');
  // Nobody may write into a program that runs, not even root.
  await copyFile(process.execPath, log);
  const program = spawn(log, ['-e', 'setTimeout(() => {}, 60_000)']);
  onTestFinished(() => void program.kill('SIGKILL'));
  await new Promise((resolve) => program.once('spawn', resolve));
  expect(await shortenLog(folder)).toMatchObject([
    { code: 'log-not-shortened', message: expect.stringContaining('ETXTBSY') },
  ]);
});

test('so is the log of a run whose supervisor was killed', async () => {
  const { workspaceRoot, digests, write } = await workspaceOf(planOf({ normal: {} }));
  const id = 'normal-1a2b3c4d';
  const task = aTask({ study: STUDY, id, digest: digests.get(id)! });
  const folder = basename(partialDirectory({ workspaceRoot, ...task }, 'boot'));
  await flooded(await write({ id, folder, record: { outcome: 'running' } }));
  expect(await recoverInterrupted({ workspaceRoot }, task)).toBeNull();
  const kept = join(failedDirectory({ workspaceRoot, study: STUDY, id }), '001');
  expect((await stat(join(kept, 'worker.log'))).size).toBeLessThan(9 * MIB);
  expect(await readRecord(kept)).toMatchObject({
    failure: { type: 'interrupted' },
    findings: [{ code: 'log-shortened' }],
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nx-study-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

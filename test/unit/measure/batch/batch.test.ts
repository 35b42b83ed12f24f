import { spawn } from 'node:child_process';
import { closeSync, existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { holderLabel } from '../../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock, deviceLockPath } from '../../../../plugins/nx-study/src/machine/lock.ts';
import { processIdentity } from '../../../../plugins/nx-study/src/machine/process.ts';
import { untilNobodyMeasures } from '../../../../plugins/nx-study/src/measure/run/elsewhere.ts';
import { holdDevice } from '../../../../plugins/nx-study/src/measure/run/held-device.ts';
import { noteBatch } from '../../../../plugins/nx-study/src/measure/run/batch-journal.ts';
import { takeDevice } from '../../../../plugins/nx-study/src/measure/batch/batch.ts';
import type { Device, Batch } from '../../../../plugins/nx-study/src/measure/batch/batch.ts';
import { partialDirectory } from '../../../../plugins/nx-study/src/record/attempts.ts';
import { journalFile } from '../../../../plugins/nx-study/src/record/journal.ts';
import { followJournal } from '../../../../plugins/nx-study/src/record/journal-reader.ts';
import { planOf, STUDY, workspaceOf } from '../../commands/report/workspace.ts';
import { aTask } from '../task.ts';

const supervisor = { host: 'bench', pid: process.pid, boot: 'b', start_time: null };
const [a, b] = ['a', 'b'].map((study) => aTask({ study }));

let workspaceRoot: string;
let stop: AbortController;
let batch: Pick<Batch, 'workspaceRoot' | 'supervisor' | 'nx' | 'stop' | 'print'>;

beforeEach(async () => {
  workspaceRoot = await mkdtemp(join(tmpdir(), 'nx-study-batch-'));
  onTestFinished(() => rm(workspaceRoot, { recursive: true, force: true }));
  vi.stubEnv('NX_STUDY_LOCK_DIR', join(workspaceRoot, 'lock'));
  stop = new AbortController();
  const listening = { signal: stop.signal, cause: () => null } as unknown as Batch['stop'];
  batch = { workspaceRoot, supervisor, nx: null, stop: listening, print() {} };
});

afterEach(() => void vi.unstubAllEnvs());

const journalOf = (study: string) => followJournal(journalFile(workspaceRoot, study)).read().entries;

test('each study that waits for the device says so', async () => {
  const label = await holderLabel({ study: 'other', measurement: 'x', workspace: workspaceRoot });
  const lock = await acquireLock(deviceLockPath(), { label });
  const taking = takeDevice(batch, [a!, a!, b!]);
  await vi.waitFor(() => {
    for (const study of ['a', 'b'])
      expect(journalOf(study)).toMatchObject([{ event: 'waiting', detail: expect.stringContaining('other · x') }]);
  }, 30_000);
  stop.abort('SIGINT');
  await expect(taking).rejects.toBe('SIGINT');
  lock.release();
});

test('a study of which nothing is left has ended, though others of the batch go on', async () => {
  const journal = await noteBatch(batch, [a!, a!, b!, b!]);
  await journal.noteOutcome({ task: a! });
  expect(journalOf('a')).toMatchObject([{ event: 'batch', tasks: 2 }]);
  // Out of its budget.
  await journal.noteOutcome({ task: a!, status: 'skipped' });
  expect(journalOf('a')).toMatchObject([{ event: 'batch' }, { event: 'batch-ended', left: 0, cause: null }]);
  await journal.noteOutcome({ task: b! });
  await journal.noteOutcome({ task: b!, status: 'stopped' });
  await journal.noteEnd();
  expect(journalOf('a')).toHaveLength(2);
  expect(journalOf('b')).toMatchObject([{ event: 'batch' }, { event: 'batch-ended', left: 1 }]);
});

const holding = async (path = deviceLockPath()) =>
  acquireLock(path, { label: await holderLabel({ study: 'other', measurement: 'x', workspace: workspaceRoot }) });

test('a device whose lock was removed is taken anew before the next measurement, after whoever has it now', async () => {
  const said: string[] = [];
  const held = await holdDevice({ ...batch, print: (line) => void said.push(line) }, [a!]);
  onTestFinished(() => held.free());
  const first = await held.keep(a!);
  expect(await held.keep(a!)).toBe(first);
  expect(said).toEqual([]);
  rmSync(deviceLockPath());
  const successor = await holding();
  let second = null as Device | null;
  const keeping = held.keep(b!).then((device) => (second = device));
  await vi.waitFor(() => expect(said.at(-1)).toMatch(/^waiting: other · x holds the device/), 30_000);
  expect(said[0]).toContain(`somebody removed or replaced the device lock ${deviceLockPath()}`);
  expect(second).toBeNull();
  successor.release();
  await keeping;
  expect(second).not.toBe(first);
  expect(second!.lock.isStillHeld()).toBe(true);
});

test('what another process measures now is waited for', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const { pid, bootId, startTime } = (await processIdentity(child.pid))!;
  const alive = { host: hostname(), pid, boot: bootId, start_time: startTime };
  const { workspaceRoot: root, digests, write } = await workspaceOf(planOf({ normal: {} }));
  const id = 'normal-1a2b3c4d';
  const task = aTask({ study: STUDY, id, digest: digests.get(id)! });
  const own = basename(partialDirectory({ workspaceRoot: root, ...task }, bootId));
  await write({
    id,
    folder: own.replace(`@${process.pid}.`, `@${pid}.`),
    record: { outcome: 'running', supervisor: alive },
  });
  const said: string[] = [];
  const waiting = untilNobodyMeasures({ ...batch, workspaceRoot: root, print: (line) => void said.push(line) }, task);
  await vi.waitFor(() => expect(said).toEqual([expect.stringContaining('another run measures just this now')]), 30_000);
  child.kill('SIGKILL');
  await waiting;
  expect(said).toHaveLength(1);
});

test('what stands in a label is no program to start: everybody may write there', async () => {
  const mark = join(workspaceRoot, 'started');
  const evil = join(workspaceRoot, 'docker');
  await writeFile(evil, `#!/bin/sh\necho "$0" >> ${mark}\n`, { mode: 0o755 });
  vi.stubEnv(
    'PATH',
    (process.env['PATH'] ?? '')
      .split(':')
      .filter((it) => !existsSync(join(it, 'docker')))
      .join(':'),
  );
  const label = await holderLabel({ study: 'o', measurement: 'x', workspace: '/', engine: evil });
  const lock = await acquireLock(deviceLockPath(), { label });
  // As whoever was killed leaves it: without a word that it let go.
  closeSync(lock.fd);
  await (await takeDevice(batch, [a!])).free();
  expect(existsSync(mark)).toBe(false);
});

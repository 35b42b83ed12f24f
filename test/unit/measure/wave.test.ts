import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { holderLabel } from '../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock, deviceLockPath } from '../../../plugins/nx-study/src/machine/lock.ts';
import { noteWave } from '../../../plugins/nx-study/src/measure/wave-journal.ts';
import { takeDevice } from '../../../plugins/nx-study/src/measure/wave.ts';
import type { Wave } from '../../../plugins/nx-study/src/measure/wave.ts';
import { journalFile } from '../../../plugins/nx-study/src/record/journal.ts';
import { followJournal } from '../../../plugins/nx-study/src/record/journal-reader.ts';
import { aTask } from './task.ts';

const supervisor = { host: 'bench', pid: process.pid, boot: 'b', start_time: null };
const [a, b] = ['a', 'b'].map((study) => aTask({ study }));

let workspaceRoot: string;
let stop: AbortController;
let wave: Pick<Wave, 'workspaceRoot' | 'supervisor' | 'nx' | 'stop' | 'print'>;

beforeEach(async () => {
  workspaceRoot = await mkdtemp(join(tmpdir(), 'nx-study-wave-'));
  onTestFinished(() => rm(workspaceRoot, { recursive: true, force: true }));
  vi.stubEnv('NX_STUDY_LOCK_DIR', join(workspaceRoot, 'lock'));
  stop = new AbortController();
  const listening = { signal: stop.signal, cause: () => null } as unknown as Wave['stop'];
  wave = { workspaceRoot, supervisor, nx: null, stop: listening, print() {} };
});

afterEach(() => void vi.unstubAllEnvs());

const journalOf = (study: string) => followJournal(journalFile(workspaceRoot, study)).look().entries;

test('each study that waits for the device says so', async () => {
  const label = await holderLabel({ study: 'other', measurement: 'x', workspace: workspaceRoot });
  const lock = await acquireLock(deviceLockPath(), { label });
  const taking = takeDevice(wave, [a!, a!, b!]);
  await vi.waitFor(() => {
    for (const study of ['a', 'b'])
      expect(journalOf(study)).toMatchObject([{ event: 'waiting', detail: expect.stringContaining('other · x') }]);
  });
  stop.abort('SIGINT');
  await expect(taking).rejects.toBe('SIGINT');
  lock.release();
});

test('a study of which nothing is left has ended, though others of the wave go on', async () => {
  const journal = await noteWave(wave, [a!, a!, b!, b!]);
  await journal.noteOutcome({ task: a! });
  expect(journalOf('a')).toMatchObject([{ event: 'wave', tasks: 2 }]);
  // Out of its budget.
  await journal.noteOutcome({ task: a!, status: 'skipped' });
  expect(journalOf('a')).toMatchObject([{ event: 'wave' }, { event: 'wave-ended', left: 0, cause: null }]);
  await journal.noteOutcome({ task: b! });
  await journal.noteOutcome({ task: b!, status: 'stopped' });
  await journal.noteEnd();
  expect(journalOf('a')).toHaveLength(2);
  expect(journalOf('b')).toMatchObject([{ event: 'wave' }, { event: 'wave-ended', left: 1 }]);
});

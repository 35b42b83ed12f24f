import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openBatch } from '../../../../plugins/nx-study/src/measure/batch/batch.ts';
import {
  claimJob,
  jobPlace,
  logOf,
  readJob,
  writeOutcome,
} from '../../../../plugins/nx-study/src/measure/slurm/job-file.ts';
import { settle, settleEarly } from '../../../../plugins/nx-study/src/measure/slurm/settle.ts';
import { failedAttempts, unfinishedAttempts } from '../../../../plugins/nx-study/src/record/attempts.ts';
import type { Supervisor } from '../../../../plugins/nx-study/src/record/schema.ts';
import { studyOf } from '../../record/workspace.ts';

// No process has it: larger than any that Linux gives.
const GONE = { pid: 2 ** 22 + 1 };

interface Left {
  /** With the record of a supervisor on its node that is there no more. */
  begun?: boolean;
  position?: number;
  /** So many attempts whose supervisor saw a crash. */
  crashed?: number;
}

/** A measurement whose job 17 has ended so. */
async function ended(
  state: string,
  { begun = false, position = 0, crashed = 0, by = {} }: Left & { by?: Partial<Supervisor> } = {},
) {
  const study = await studyOf([1]);
  const { task } = study.of(1);
  const batch = await openBatch(study.root);
  onTestFinished(() => batch.stop.dispose());
  const place = jobPlace(study.root, task);
  const { name, comment } = place;
  const ofJob = { job: '17', name, comment, position, of: position + 1 };
  const content = { workspaceRoot: study.root, supervisor: { ...batch.supervisor, ...by }, ...ofJob, task };
  expect(await claimJob(place, content)).toBe(true);
  const supervisor = { host: 'n9', pid: 4711, boot: 'of-n9', start_time: null, job: '17' };
  if (begun) await study.begun(1, true, { supervisor });
  for (let attempt = 1; attempt <= crashed; attempt += 1) await study.failed(1, 'crash', { supervisor, attempt });
  await mkdir(dirname(place.file), { recursive: true });
  await writeFile(logOf(place, '17'), 'slurmstepd: error: the end\n');
  const slot = { workspaceRoot: study.root, ...task };
  const ending = { state, node: 'n9', exit: '0:9', reason: null };
  return {
    place,
    content,
    settled: () => settle({ batch, task, deriving: null, place, job: '17', ending, isFirst: position === 0 }),
    failed: () => failedAttempts(slot),
    unfinished: () => unfinishedAttempts(slot),
  };
}

test('a job that ends before it measures is a failed attempt with the words of Slurm', async () => {
  const { place, settled, failed } = await ended('NODE_FAIL');
  expect(await settled()).toMatchObject({ success: false, failure: { type: 'interrupted' } });
  const [attempt] = await failed();
  expect(attempt!.failure).toMatchObject({
    type: 'interrupted',
    log_tail: 'slurmstepd: error: the end\n',
    message: expect.stringContaining('job 17 ended on n9 with NODE_FAIL (exit code and signal 0:9), without a record'),
  });
  expect(existsSync(place.file)).toBe(false);
  // For a person who looks for the cause.
  expect(existsSync(logOf(place, '17'))).toBe(true);
});

test('what a job that was killed leaves of a run is kept with its failed attempt', async () => {
  const { settled, failed, unfinished } = await ended('TIMEOUT', { begun: true });
  expect(await unfinished()).toHaveLength(1);
  expect(await settled()).toMatchObject({ success: false, failure: { type: 'timeout' } });
  expect(await unfinished()).toEqual([]);
  expect(await failed()).toMatchObject([
    {
      supervisor: { host: 'n9', job: '17' },
      failure: { type: 'timeout', message: expect.stringMatching(/^job 17 ended on n9 with TIMEOUT .*; /) },
    },
  ]);
});

test('the time limit of a job of several is no time limit of a later measurement', async () => {
  const { settled, failed } = await ended('TIMEOUT', { begun: true, position: 1 });
  expect(await settled()).toMatchObject({ success: false, failure: { type: 'interrupted' } });
  const message = expect.stringMatching(/^job 17 ended on n9 with TIMEOUT .*; /);
  expect(await failed()).toMatchObject([{ failure: { type: 'interrupted', message } }]);
});

test.each([
  ['the only attempt of its job', { crashed: 1 }, ['oom']],
  ['a second attempt', { crashed: 2 }, ['crash', 'crash']],
  ['an attempt at a later measurement', { crashed: 1, position: 1 }, ['crash']],
])('memory that ran out in a job is held against %s only if nothing else may have done it', async (_, left, types) => {
  const { settled, failed } = await ended('OUT_OF_MEMORY', left);
  expect(await settled()).toMatchObject({ success: false, failure: { type: types.at(-1) } });
  expect((await failed()).map(({ failure }) => failure!.type)).toEqual(types);
});

test('what the node says without an attempt stands; nobody claims a job twice', async () => {
  const { place, content, settled, failed } = await ended('FAILED');
  expect(await claimJob(place, content)).toBe(false);
  expect((await readJob(place.file))!.job).toBe('17');
  // As the process on the node has it, with more than others read.
  const outcome = { job: '17', success: false, text: 'changed\n  more', node: 'n9', failure: null };
  await writeOutcome(place.outcome, outcome);
  expect(await settled()).toMatchObject({ success: false, failure: null, text: 'changed [job 17 on n9]\n  more' });
  expect(await failed()).toEqual([]);
});

test.each([{ begun: false }, { begun: true }])(
  'two runs that go on with the job of a third one record its attempt once: %o',
  async (begun) => {
    const { place, settled, failed, unfinished } = await ended('NODE_FAIL', { ...begun, by: GONE });
    const both = await Promise.all([settled(), settled()]);
    for (const one of both) expect(one).toMatchObject({ success: false, failure: { type: 'interrupted' } });
    expect(both[0]!.failure!.message).toBe(both[1]!.failure!.message);
    expect(await failed()).toHaveLength(1);
    expect(await unfinished()).toEqual([]);
    expect(existsSync(place.file)).toBe(false);
    // And one that comes later.
    expect(await settled()).toMatchObject({ success: false, failure: { type: 'interrupted' } });
    expect(await failed()).toHaveLength(1);
  },
);

/** A measurement whose result is there, with the file of job 17; `by` the run that submitted the job. */
async function measured(by: { pid?: number; start_time?: null } = {}) {
  const study = await studyOf([1]);
  const { task } = study.of(1);
  await study.measured(1);
  const batch = await openBatch(study.root);
  onTestFinished(() => batch.stop.dispose());
  const place = jobPlace(study.root, task);
  const ofJob = { job: '17', name: place.name, comment: place.comment, position: 0, of: 1 };
  const supervisor = { ...batch.supervisor, ...by };
  await claimJob(place, { workspaceRoot: study.root, supervisor, ...ofJob, task });
  const settled = (state: string) =>
    settle({
      batch,
      task,
      deriving: 'd'.repeat(64),
      place,
      job: '17',
      ending: { state, node: 'n9', exit: '0:9', reason: null },
      isFirst: true,
    });
  const early = () => settleEarly({ batch, task, deriving: null, place, job: '17' });
  return { place, settled, early, failed: () => failedAttempts({ workspaceRoot: study.root, ...task }) };
}

test('a job that was to derive diagnostics, and ended, is no failed attempt at a measurement', async () => {
  const { place, settled, failed } = await measured();
  const end = await settled('OUT_OF_MEMORY');
  expect(end).toMatchObject({ success: false, failure: null });
  expect(end!.text).toContain('its diagnostics could not be derived: job 17 ended on n9 with OUT_OF_MEMORY');
  expect(await failed()).toEqual([]);
  expect(existsSync(place.file)).toBe(false);
});

test('a job that an earlier run submitted is not blamed for diagnostics that this run wants anew', async () => {
  const { settled, failed } = await measured(GONE);
  expect(await settled('FAILED')).toBeNull();
  expect(await failed()).toEqual([]);
});

test('the files of a measurement go with its success where the run that submitted the job has gone meanwhile', async () => {
  const outcome = { job: '17', success: true, text: 'measured', node: 'n9' };
  const gone = await measured(GONE);
  await writeOutcome(gone.place.outcome, outcome);
  expect(await gone.early()).toMatchObject({ settled: { success: true } });
  expect(existsSync(gone.place.file)).toBe(false);
  // One that is there removes them itself: of another process that lives.
  const alive = await measured({ pid: process.ppid, start_time: null });
  await writeOutcome(alive.place.outcome, outcome);
  expect(await alive.early()).toMatchObject({ settled: { success: true } });
  expect(existsSync(alive.place.file)).toBe(true);
});

test('a measurement that its job did not come to has become nothing, and stays claimed', async () => {
  const { place, settled, failed } = await ended('FAILED', { position: 1 });
  await writeOutcome(place.outcome, { job: '16', success: false, text: 'of a job before it', node: 'n9' });
  expect(await settled()).toBeNull();
  expect(await failed()).toEqual([]);
  expect(existsSync(place.file)).toBe(true);
});

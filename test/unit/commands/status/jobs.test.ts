import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { followJobs, jobsOf } from '../../../../plugins/nx-study/src/commands/status/jobs.ts';
import { jobLines } from '../../../../plugins/nx-study/src/commands/status/job-lines.ts';
import { hasLiveJobs } from '../../../../plugins/nx-study/src/commands/status/schema.ts';
import { openBatch } from '../../../../plugins/nx-study/src/measure/batch/batch.ts';
import { claimJob, jobPlace, writeOutcome } from '../../../../plugins/nx-study/src/measure/slurm/job-file.ts';
import { seenJobs } from '../../../../plugins/nx-study/src/slurm/look.ts';
import { STUDY, studyOf } from '../../record/workspace.ts';

// As `squeue` of Slurm 22.05.8 printed it.
const OUTPUT = `7|RUNNING|n1|1:02:03|None
8|PENDING||0:00|Resources
9|COMPLETING|n2|2-00:00:09|None
10|CANCELLED|n3|0:04|None
`;

test('reads how long jobs have run, and why others wait', () => {
  expect(seenJobs(OUTPUT)).toEqual([
    { id: '7', state: 'RUNNING', node: 'n1', ran_s: 3723, reason: null },
    { id: '8', state: 'PENDING', node: null, ran_s: null, reason: 'Resources' },
    { id: '9', state: 'COMPLETING', node: 'n2', ran_s: 172_809, reason: null },
    { id: '10', state: 'CANCELLED', node: 'n3', ran_s: 4, reason: null },
  ]);
  expect(seenJobs('7|RUNNING|n1|INVALID|None')).toMatchObject([{ ran_s: null }]);
});

async function withJobs(numbers: (string | null)[]) {
  const study = await studyOf(numbers.map((_, index) => index + 1));
  const batch = await openBatch(study.root);
  batch.stop.dispose();
  for (const [index, job] of numbers.entries()) {
    const { task } = study.of(index + 1);
    const place = jobPlace(study.root, task);
    const ofJob = { job, name: place.name, comment: place.comment, position: 0, of: 1 };
    await claimJob(place, { workspaceRoot: study.root, supervisor: batch.supervisor, ...ofJob, task });
    await writeOutcome(place.outcome, { job: job ?? '', success: true, text: 'measured', node: null });
    await mkdir(dirname(place.file), { recursive: true });
    await writeFile(`${dirname(place.file)}/lanes.json`, '{}');
  }
  return study.root;
}

test('each measurement by a job stands where Slurm says', async () => {
  const root = await withJobs(['7', '8', '10', '11', null]);
  const asked: string[][] = [];
  const { jobs, unknown } = await jobsOf(root, STUDY, {
    look: async (ids) => {
      asked.push([...ids].toSorted((a, b) => Number(a) - Number(b)));
      return seenJobs(OUTPUT);
    },
  });
  expect(asked).toEqual([['7', '8', '10', '11']]);
  expect(unknown).toBeNull();
  expect(Object.fromEntries(jobs.map(({ job, stands }) => [job, stands]))).toEqual({
    7: 'running',
    8: 'queued',
    10: 'ended',
    11: 'ended',
    null: 'submitting',
  });
  expect(jobs.every(({ measurements, submitted_s }) => measurements.length === 1 && submitted_s < 60)).toBe(true);
});

test('what a run that was killed left without a job is not being submitted for ever', async () => {
  const root = await withJobs([null]);
  const { jobs } = await jobsOf(root, STUDY, { look: async () => [], now: Date.now() + 3_600_000 });
  expect(jobs).toMatchObject([{ job: null, stands: 'ended' }]);
  expect(hasLiveJobs({ jobs })).toBe(false);
  expect(jobLines({ jobs })[0]).toMatch(/^its run is gone, and noted no job; /);
});

test('where Slurm does not answer nothing is claimed of its jobs; without jobs it is not asked', async () => {
  const root = await withJobs(['7', null]);
  const { jobs, unknown } = await jobsOf(root, STUDY, { look: async () => ({ reason: 'no controller' }) });
  expect(unknown).toBe('no controller');
  expect(jobs).toHaveLength(2);
  expect(jobs.find(({ job }) => job === '7')).toMatchObject({ stands: 'unknown', state: null });
  expect(jobs.find(({ job }) => job === null)).toMatchObject({ stands: 'submitting', state: null });
  const look = () => Promise.reject(new Error('asked'));
  expect(await jobsOf(root, 'other', { look })).toEqual({ jobs: [], unknown: null });
});

test('whoever follows jobs is told since when Slurm is silent, and waits for it the first time only', async () => {
  const at = (seconds: number) => Date.parse('2026-03-01T12:00:00Z') + seconds * 1000;
  const answers: ((unknown: string | null) => void)[] = [];
  const followed = followJobs(
    () => new Promise((resolve) => answers.push((unknown) => resolve({ jobs: [], unknown }))),
  );
  const answer = async (unknown: string | null) => {
    answers.shift()!(unknown);
    await turn();
  };
  const first = followed.look(at(0));
  await answer(null);
  expect((await first).silent).toBeNull();
  for (const second of [5, 10, 15]) expect((await followed.look(at(second))).silent).toBeNull();
  // One question at a time.
  expect(answers).toHaveLength(1);
  await answer('no controller');
  const silent = { since: '2026-03-01T12:00:10.000Z', reason: 'no controller' };
  expect((await followed.look(at(16))).silent).toEqual(silent);
  await followed.look(at(20));
  await answer('timed out');
  expect((await followed.look(at(30))).silent).toEqual({ ...silent, reason: 'timed out' });
  await answer(null);
  expect((await followed.look(at(31))).silent).toBeNull();
});

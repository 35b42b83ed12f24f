import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { TaskOutcome } from '../../../../plugins/nx-study/src/measure/run/outcome.ts';
import { claimJob, jobPlace, outcomeOf, writeJob } from '../../../../plugins/nx-study/src/measure/slurm/job-file.ts';
import type { JobFile } from '../../../../plugins/nx-study/src/measure/slurm/job-file.ts';
import { measureOnNode } from '../../../../plugins/nx-study/src/measure/slurm/on-node.ts';
import { aTask } from '../task.ts';

/** A job 17 of three measurements, and what it is told of them in that order. */
async function jobOf(
  said: [id: string, success: boolean][],
  before?: (files: Record<string, Wanted>) => Promise<void>,
) {
  const workspaceRoot = await mkdtemp(join(tmpdir(), 'nx-study-node-'));
  onTestFinished(() => rm(workspaceRoot, { recursive: true, force: true }));
  const supervisor = { host: 'login', pid: 1, boot: 'a', start_time: null };
  const wanted: Record<string, Wanted> = {};
  for (const [position, id] of ['a', 'b', 'c'].entries()) {
    const task = aTask({ id, digest: id.repeat(64) });
    const place = jobPlace(workspaceRoot, task);
    const ofJob = { job: '17', name: place.name, comment: place.comment, position, of: 3 };
    const content = { workspaceRoot, supervisor, ...ofJob, task };
    await claimJob(place, content);
    wanted[id] = { file: place.file, content };
  }
  const asked: string[] = [];
  async function* measure(): AsyncGenerator<TaskOutcome> {
    for (const [id, success] of said) {
      asked.push(id);
      if (id === 'b') await before?.(wanted);
      yield { task: wanted[id]!.content.task, success, text: id };
    }
  }
  const isDone = await measureOnNode(Object.values(wanted), { job: '17', node: 'n1', measure });
  const outcomes = Object.entries(wanted).flatMap(([id, { file }]) => (existsSync(outcomeOf(file)) ? id : []));
  return { isDone, asked, outcomes };
}

interface Wanted {
  file: string;
  content: JobFile;
}

test('a job measures all of its measurements, and ends at one that failed', async () => {
  const all = await jobOf([
    ['a', true],
    ['b', true],
    ['c', true],
  ]);
  expect(all).toEqual({ isDone: true, asked: ['a', 'b', 'c'], outcomes: ['a', 'b', 'c'] });
  const failing = await jobOf([
    ['a', true],
    ['b', false],
    ['c', true],
  ]);
  expect(failing).toEqual({ isDone: false, asked: ['a', 'b'], outcomes: ['a', 'b'] });
});

test('one that is refused ahead of its turn, as by its environment, keeps nothing before it from being measured', async () => {
  const refused = await jobOf([
    ['b', false],
    ['a', true],
    ['c', true],
  ]);
  // It ends before the turn of the one that failed.
  expect(refused).toEqual({ isDone: false, asked: ['b', 'a'], outcomes: ['a', 'b'] });
});

test('what was taken back, or is the measurement of another job by now, is left alone', async () => {
  const three: [string, boolean][] = [
    ['a', true],
    ['b', true],
    ['c', true],
  ];
  const gone = await jobOf(three, async ({ c }) => rm(c!.file));
  expect(gone).toMatchObject({ isDone: false, asked: ['a', 'b'] });
  const others = await jobOf(three, async ({ c }) => writeJob(c!.file, { ...c!.content, job: '18' }));
  expect(others).toMatchObject({ isDone: false, asked: ['a', 'b'] });
  const theirs = { host: 'login', pid: 2, boot: 'a', start_time: null };
  const claimed = { job: null, supervisor: theirs };
  expect(await jobOf(three, async ({ c }) => writeJob(c!.file, { ...c!.content, ...claimed }))).toMatchObject({
    isDone: false,
    asked: ['a', 'b'],
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { measureOne } from '../../../../plugins/nx-study/src/measure/one/lifecycle.ts';
import { leftPartials } from '../../../../plugins/nx-study/src/record/attempts.ts';
import { readRecord } from '../../../../plugins/nx-study/src/record/read.ts';
import { actsOf, jobOf, batchIn } from '../workspace.ts';
import type { Act } from '../workspace.ts';

async function setUp(act: Act, study: object = {}) {
  const acts = await actsOf([act], study);
  const { batch, stop, lines } = await batchIn(acts.root);
  const task = acts.of(act);
  const job = await jobOf(acts, batch, task);
  const events = () => acts.journal().flatMap((entry) => ('id' in entry ? entry.event : []));
  const left = () => leftPartials({ workspaceRoot: acts.root, ...task });
  return { acts, job, task, stop, lines, events, left };
}

test('what its worker measured is kept, with request, result and record', async () => {
  const { job, task, events, left } = await setUp('measure');
  const outcome = await measureOne(job);
  expect(outcome).toMatchObject({ success: true, failure: null, text: expect.stringContaining('measured in') });
  const directory = outcome.directory!;
  expect(await readRecord(directory)).toMatchObject({
    outcome: 'measured',
    digest: task.digest,
    attempt: 1,
    findings: [],
    elapsed_s: expect.any(Number),
    supervision_cpu_s: expect.any(Number),
    files: [{ path: 'result.json', local: false }],
  });
  expect(JSON.parse(readFileSync(join(directory, 'request.json'), 'utf8'))).toMatchObject({
    digest: task.digest,
    configuration: { act: 'measure' },
  });
  expect(events()).toEqual(['started', 'measured']);
  expect(await left()).toEqual([]);
});

test('a worker that fails is a failed attempt with the end of its log; the next one says so', async () => {
  const { acts, job, task, lines, events, left } = await setUp('crash');
  expect(await measureOne(job)).toMatchObject({ success: false, directory: null, failure: { type: 'crash' } });
  expect(await measureOne(job)).toMatchObject({ success: false });
  expect(lines).toEqual([expect.stringContaining('attempt 1 ended with "crash"')]);
  const failure = { type: 'crash', exit_code: 3, log_tail: 'no luck\n' };
  expect(await acts.failed('crash')).toMatchObject([
    { outcome: 'failed', attempt: 1, failure, digest: task.digest },
    { outcome: 'failed', attempt: 2, failure },
  ]);
  expect(events()).toEqual(['started', 'failed', 'started', 'failed']);
  expect(await left()).toEqual([]);
});

test('what is refused starts no worker, and leaves no run directory', async () => {
  const { acts, job, events, left } = await setUp('measure');
  await acts.changeCode();
  expect(await measureOne(job)).toMatchObject({ success: false, failure: { type: 'changed-during-run' } });
  expect(await acts.starts()).toEqual([]);
  expect(events()).toEqual([]);
  expect(await left()).toEqual([]);
});

test('code that changes while its worker runs fails the measurement', async () => {
  const { acts, job } = await setUp('change-code');
  const { failure } = await measureOne(job);
  expect(failure).toMatchObject({
    type: 'changed-during-run',
    message: expect.stringContaining('measuring code changed'),
  });
  expect(await acts.failed('change-code')).toMatchObject([{ failure: { type: 'changed-during-run' } }]);
});

test('code that is only written anew is a finding', async () => {
  const { job } = await setUp('rewrite-code');
  const { directory } = await measureOne(job);
  expect(await readRecord(directory!)).toMatchObject({ outcome: 'measured', findings: [{ code: 'files-rewritten' }] });
});

test('a stop while the worker runs ends it: the attempt was interrupted', async () => {
  const { acts, job, stop, left } = await setUp('wait');
  const measuring = measureOne(job);
  await vi.waitFor(async () => expect(await acts.starts()).toEqual(['wait']), 30_000);
  stop.abort('SIGINT');
  expect(await measuring).toMatchObject({ success: false, failure: { type: 'interrupted' } });
  expect(await acts.failed('wait')).toMatchObject([
    { failure: { type: 'interrupted', message: expect.stringContaining('SIGINT') } },
  ]);
  expect(await left()).toEqual([]);
});

test('a time limit of the study ends the worker', async () => {
  const { acts, job } = await setUp('wait', { execution: { timeout_s: 1 } });
  expect(await measureOne(job)).toMatchObject({ success: false, failure: { type: 'timeout' } });
  expect(await acts.failed('wait')).toMatchObject([
    {
      failure: { type: 'timeout' },
      files: [],
      // What its sensors said until then is kept with the failed attempt.
      telemetry: {
        file: { path: 'telemetry.jsonl', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        quantities: { memory_available_bytes: { min: expect.any(Number) } },
        missing: { gpu: 'no NVIDIA GPU' },
      },
    },
  ]);
});

import { hostname } from 'node:os';
import { basename } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { nextStep } from '../../../plugins/nx-study/src/measure/one/next-step.ts';
import { openOutOfMemory } from '../../../plugins/nx-study/src/state/out-of-memory.ts';
import { standingsOf } from '../../../plugins/nx-study/src/state/of-study.ts';
import type { Batch } from '../../../plugins/nx-study/src/measure/batch/batch.ts';
import { canonicalJson, sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { partialDirectory } from '../../../plugins/nx-study/src/record/attempts.ts';
import { readStudy } from '../../../plugins/nx-study/src/record/read.ts';
import { openWholeMemory } from '../../../plugins/nx-study/src/record/whole-memory.ts';
import type { Identity } from '../../../plugins/nx-study/src/record/schema.ts';
import { plainExecution } from '../../helpers/execution.ts';
import { planOf, STUDY, workspaceOf } from '../commands/report/workspace.ts';
import type { Attempt } from '../commands/report/workspace.ts';
import { aTask } from '../measure/task.ts';

const GIB = 2 ** 30;
const id = 'large-1a2b3c4d';
const oom = { type: 'oom', message: 'no memory for 4 GB of draws' } as const;
const at = (memory_bytes: number | null) => ({ allowance: { cpus: 1, memory_bytes } });
const sized = (draws: number) => ({ identity: { ...identity, configuration: { draws } } });
const identity: Identity = {
  protocol: 1,
  worker: 'ideal-point',
  configuration: { draws: 1000 },
  code: 'code',
  environment: null,
  platform: null,
  cpus: null,
  env: {},
  repetition: 1,
  seed: 1,
  take: 1,
};

const digest = (await sha256())(canonicalJson(identity));

/** What the plan says of a measurement after such attempts, and what a run does. */
async function both(attempts: Attempt[], { study = STUDY, limit = null as number | null } = {}) {
  const { workspaceRoot, write } = await workspaceOf(planOf({ large: {}, smaller: {} }));
  for (const attempt of attempts)
    await write(attempt.id === id ? { ...attempt, record: { ...attempt.record, digest, identity } } : attempt);
  const execution = { ...plainExecution, memory_limit_bytes: limit, monotone: [{ worker: null, path: ['draws'] }] };
  const { configuration, worker } = identity;
  const task = aTask({ study, id, label: 'large', worker, digest, configuration, execution });
  const standings = await standingsOf({
    workspaceRoot,
    tasks: [{ task, identity }],
    attempts: await readStudy(workspaceRoot, study),
    deriving: new Map(),
  });
  const finished = new Map<string, string[]>();
  const batch = {
    workspaceRoot,
    finished,
    whole: await openWholeMemory(workspaceRoot),
    outOfMemory: openOutOfMemory(workspaceRoot, finished),
    printOnce() {},
  } as unknown as Batch;
  return [standings.get(id)!.next, (await nextStep(batch, task, null)).state];
}

const final = ['final', 'ended'];
const notStarted = ['too-large', 'too-large'];
const notStartedAgain = ['too-large', 'ended'];
const measured = ['measure', 'measure'];

afterEach(() => void vi.unstubAllEnvs());

test('a failure that would repeat is final, for the plan and for a run', async () => {
  expect(await both([{ id, failure: oom }])).toEqual(final);
  expect(await both([{ id, failure: { type: 'crash' } }])).toEqual(measured);
});

test('a renamed study tries again what failed under its old name', async () => {
  expect(await both([{ id, failure: oom }], { study: 'renamed' })).toEqual(measured);
});

test('what is larger than one that ran out of memory is too large, unless a person wants a retry', async () => {
  const smaller: Attempt = { id: 'smaller-1a2b3c4d', failure: oom, record: sized(500) };
  expect(await both([smaller])).toEqual(notStarted);
  vi.stubEnv('NX_STUDY_RETRY', '1');
  expect(await both([smaller])).toEqual(measured);
});

test('an attempt that was killed is the last one, though nobody has put it aside yet', async () => {
  const folder = basename(partialDirectory({ workspaceRoot: '/', study: STUDY, id, digest: '' }, 'boot'));
  const supervisor = { host: hostname(), pid: 2 ** 30, boot: 'an earlier boot', start_time: '1' };
  const killed = (started_at: string): Attempt => ({
    id,
    folder: `${digest.slice(0, 12)}${folder}`,
    record: { outcome: 'running', started_at, supervisor },
  });
  expect(await both([{ id, failure: oom }, killed('2026-03-01T11:00:00Z')])).toEqual(measured);
  expect(await both([{ id, failure: oom }, killed('2026-03-01T09:00:00Z')])).toEqual(final);
});

test('one that ran out of memory at a lower limit than the present one runs again', async () => {
  const attempts = [{ id, failure: oom, record: at(4 * GIB) }];
  expect(await both(attempts, { limit: 4 * GIB })).toEqual(final);
  expect(await both(attempts, { limit: 2 * GIB })).toEqual(final);
  expect(await both(attempts, { limit: 8 * GIB })).toEqual(measured);
  expect(await both(attempts)).toEqual(measured);
  expect(await both([{ id, failure: oom, record: at(null) }], { limit: 8 * GIB })).toEqual(final);
});

test('and nothing is too large for being larger than it', async () => {
  const smaller = { id: 'smaller-1a2b3c4d', failure: oom, record: { ...sized(500), ...at(4 * GIB) } };
  expect(await both([smaller], { limit: 4 * GIB })).toEqual(notStarted);
  expect(await both([smaller], { limit: 8 * GIB })).toEqual(measured);
  const larger: Attempt = {
    id,
    failure: { type: 'too-large' },
    record: { larger_than: smaller.id, ...at(4 * GIB) },
  };
  expect(await both([smaller, larger], { limit: 4 * GIB })).toEqual(notStartedAgain);
  expect(await both([smaller, larger], { limit: 8 * GIB })).toEqual(measured);
});

import { basename } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { lookAt } from '../../../plugins/nx-study/src/measure/one/look.ts';
import { ranOutOfMemory, tooLarge } from '../../../plugins/nx-study/src/state/out-of-memory.ts';
import type { Wave } from '../../../plugins/nx-study/src/measure/batch/wave.ts';
import { historyOf, standingOf } from '../../../plugins/nx-study/src/commands/plan/states.ts';
import { partialDirectory } from '../../../plugins/nx-study/src/record/attempts.ts';
import { readAllStudies, readFailures } from '../../../plugins/nx-study/src/record/read.ts';
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

/** What the plan says of a measurement after such attempts, and what a run does. */
async function both(attempts: Attempt[], { study = STUDY, limit = null as number | null } = {}) {
  const { workspaceRoot, digests, write } = await workspaceOf(planOf({ large: {}, smaller: {} }));
  for (const attempt of attempts) await write(attempt);
  const execution = { ...plainExecution, memory_limit_bytes: limit, monotone: [{ worker: null, path: ['draws'] }] };
  const task = aTask({
    study,
    id,
    label: 'large',
    digest: digests.get(id)!,
    configuration: identity.configuration,
    execution,
  });
  const memory = { host: { bytes: GIB, bound: 'free' }, gpus: [] };
  const history = historyOf(await readAllStudies(workspaceRoot), study, new Set([id]));
  const planned = await standingOf({ task, identity }, history, null, memory);
  const failures = ranOutOfMemory(await readFailures(workspaceRoot, study), () => false);
  const outOfMemory = { whyTooLarge: () => Promise.resolve(tooLarge(task, identity, failures)), changed() {} };
  const wave = { workspaceRoot, finished: new Map(), outOfMemory, print() {} } as unknown as Wave;
  return [planned.next, (await lookAt(wave, task, null)).state];
}

const settled = ['settled', 'ended'];
const notStarted = ['too-large', 'too-large'];
const measured = ['measure', 'measure'];

afterEach(() => void vi.unstubAllEnvs());

test('a failure that would repeat is settled, for the plan and for a run', async () => {
  expect(await both([{ id, failure: oom }])).toEqual(settled);
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

test('an attempt that was killed is the last one, though nobody has settled it yet', async () => {
  const folder = basename(partialDirectory({ workspaceRoot: '/', study: STUDY, id, digest: '' }, 'boot'));
  const { digests } = await workspaceOf(planOf({ large: {} }));
  const killed = (started_at: string): Attempt => ({
    id,
    folder: `${digests.get(id)!.slice(0, 12)}${folder}`,
    record: { outcome: 'running', started_at },
  });
  expect(await both([{ id, failure: oom }, killed('2026-03-01T11:00:00Z')])).toEqual(measured);
  expect(await both([{ id, failure: oom }, killed('2026-03-01T09:00:00Z')])).toEqual(settled);
});

test('one that ran out of memory at a lower limit than the present one runs again', async () => {
  const attempts = [{ id, failure: oom, record: at(4 * GIB) }];
  expect(await both(attempts, { limit: 4 * GIB })).toEqual(settled);
  expect(await both(attempts, { limit: 2 * GIB })).toEqual(settled);
  expect(await both(attempts, { limit: 8 * GIB })).toEqual(measured);
  expect(await both(attempts)).toEqual(measured);
  expect(await both([{ id, failure: oom, record: at(null) }], { limit: 8 * GIB })).toEqual(settled);
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
  expect(await both([smaller, larger], { limit: 4 * GIB })).toEqual(settled);
  expect(await both([smaller, larger], { limit: 8 * GIB })).toEqual(measured);
});

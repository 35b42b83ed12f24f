import { expect, test, vi } from 'vitest';
import { currentIdentity } from '../../../../plugins/nx-study/src/graph/current.ts';
import { noTimeFor } from '../../../../plugins/nx-study/src/measure/limits/budget.ts';
import { planOf, STUDY, workspaceOf } from '../../commands/report/workspace.ts';
import { aTask } from '../task.ts';

vi.mock('../../../../plugins/nx-study/src/graph/current.ts', () => ({ currentIdentity: vi.fn<() => unknown>() }));

const ID = 'flat-1a2b3c4d';
const small = { votes: { sha256: 'a' } };
const large = { votes: { sha256: 'b' } };

/** Whether there is time within a budget for a measurement that reads such a file now; null: nobody can tell what it reads. */
async function isLate(budget_s: number, input: object | null) {
  const { workspaceRoot, write } = await workspaceOf(planOf({ flat: {} }));
  await write({ id: ID, input: small, record: { elapsed_s: 10 } });
  await write({ id: ID, input: large, record: { elapsed_s: 30_000 } });
  const current = vi.mocked(currentIdentity).mockReset();
  if (input === null) current.mockRejectedValue(new Error('no such worker'));
  else current.mockResolvedValue({ identity: { configuration: input } } as never);
  const task = aTask({ study: STUDY, experiment: ID, execution: { ...aTask().execution, budget_s } });
  const stop = { signal: new AbortController().signal };
  const late = await noTimeFor({ workspaceRoot, runStart: new Date(), stop }, task);
  return { late: late !== null, asked: current.mock.calls.length };
}

test('what is too long with another file may be short with this one', async () => {
  expect(await isLate(3600, small)).toEqual({ late: false, asked: 1 });
  expect(await isLate(3600, large)).toEqual({ late: true, asked: 1 });
  expect(await isLate(5, small)).toEqual({ late: true, asked: 1 });
});

test('where nothing is known of this file, or of what it reads, the longest counts', async () => {
  expect(await isLate(3600, { votes: { sha256: 'c' } })).toEqual({ late: true, asked: 1 });
  expect(await isLate(3600, null)).toEqual({ late: true, asked: 1 });
});

test('no file is read where there is time for the longest', async () => {
  expect(await isLate(40_000, small)).toEqual({ late: false, asked: 0 });
});

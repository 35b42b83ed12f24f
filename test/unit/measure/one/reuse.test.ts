import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reuse } from '../../../../plugins/nx-study/src/measure/one/reuse.ts';
import { readStored } from '../../../../plugins/nx-study/src/record/read.ts';
import { openWholeMemory } from '../../../../plugins/nx-study/src/record/whole-memory.ts';
import { planOf, STUDY, workspaceOf } from '../../commands/report/workspace.ts';
import { aTask } from '../task.ts';

test('a FIFO beside the results of another name is neither copied nor waited for', async () => {
  const { workspaceRoot, digests, write } = await workspaceOf(planOf({ normal: {} }));
  const id = 'normal-1a2b3c4d';
  const directory = await write({ id });
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  const stored = (await readStored(directory))!;
  const task = aTask({ study: STUDY, id: 'renamed-1a2b3c4d', digest: digests.get(id)! });
  const copied = await reuse({ workspaceRoot, whole: await openWholeMemory(workspaceRoot) }, task, stored);
  const names = readdirSync(directory).filter((name) => name !== 'pipe');
  expect(readdirSync(copied!.directory).toSorted()).toEqual(names.toSorted());
});

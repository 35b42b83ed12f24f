import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { supervisorsAlive } from '../../../plugins/nx-study/src/report/alive.ts';
import { readStudy } from '../../../plugins/nx-study/src/record/read.ts';
import { planOf, STUDY, workspaceOf } from './workspace.ts';

test('a supervisor lives when its process does, on this boot; of another host nothing is known', async () => {
  const boot = (await processIdentity())!.bootId;
  const supervisors = {
    here: { host: hostname(), pid: process.pid, boot },
    gone: { host: hostname(), pid: 2 ** 30, boot },
    earlier: { host: hostname(), pid: process.pid, boot: 'another boot' },
    elsewhere: { host: 'another host', pid: 1, boot: 'b' },
  };
  const { write, workspaceRoot } = await workspaceOf(planOf({ here: {}, gone: {}, earlier: {}, elsewhere: {} }));
  for (const [label, supervisor] of Object.entries(supervisors))
    await write({
      id: `${label}-1a2b3c4d`,
      folder: 'x.partial',
      record: { outcome: 'running', ended_at: null, supervisor },
    });
  const isAlive = await supervisorsAlive(await readStudy(workspaceRoot, STUDY));
  const alive = Object.entries(supervisors).map(([label, supervisor]) => [label, isAlive(supervisor)]);
  expect(Object.fromEntries(alive)).toEqual({ here: true, gone: false, earlier: false, elsewhere: true });
});

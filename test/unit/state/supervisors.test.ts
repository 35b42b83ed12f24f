import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { processIdentity } from '../../../plugins/nx-study/src/machine/process.ts';
import { supervisorsOf } from '../../../plugins/nx-study/src/state/supervisors.ts';
import { readStudy } from '../../../plugins/nx-study/src/record/read.ts';
import { planOf, STUDY, workspaceOf } from '../commands/report/workspace.ts';

test('a supervisor lives when its process does, on this boot; of another host nothing is known', async () => {
  const { bootId: boot, startTime: start_time } = (await processIdentity())!;
  const supervisors = {
    here: { host: hostname(), pid: process.pid, boot, start_time },
    before: { host: hostname(), pid: process.pid, boot, start_time: null },
    reused: { host: hostname(), pid: process.pid, boot, start_time: '1' },
    gone: { host: hostname(), pid: 2 ** 30, boot, start_time },
    earlier: { host: hostname(), pid: process.pid, boot: 'another boot', start_time },
    elsewhere: { host: 'another host', pid: 1, boot: 'b', start_time },
  };
  const { write, workspaceRoot } = await workspaceOf(
    planOf({ here: {}, before: {}, reused: {}, gone: {}, earlier: {}, elsewhere: {} }),
  );
  for (const [label, supervisor] of Object.entries(supervisors))
    await write({
      id: `${label}-1a2b3c4d`,
      folder: 'x.partial',
      record: { outcome: 'running', ended_at: null, supervisor },
    });
  const stateOf = await supervisorsOf((await readStudy(workspaceRoot, STUDY)).stored);
  const states = Object.entries(supervisors).map(([label, supervisor]) => [label, stateOf(supervisor)]);
  expect(Object.fromEntries(states)).toEqual({
    here: 'alive',
    before: 'alive',
    reused: 'gone',
    gone: 'gone',
    earlier: 'gone',
    elsewhere: 'elsewhere',
  });
});

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endAll, kill, processesOf } from '../../helpers/processes.ts';
import { waitFor } from '../../helpers/starts.ts';
import { studyOf } from '../../helpers/studies.ts';
import { createWorkspace } from '../../helpers/workspace.ts';

test('after a kill of all at once, guard and worker too, the next run sweeps what is left', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { abc: studyOf([{ label: 'a' }]) } });
  const env = { TMPDIR: join(workspace.home, 'tmp') };
  mkdirSync(env.TMPDIR);
  mkdirSync(join(env.TMPDIR, 'nx-study-of-somebody-else'));
  const temporary = () => readdirSync(env.TMPDIR).filter((name) => name.startsWith('nx-study-'));
  workspace.script({ a: { hold: 'measuring' } });
  const first = workspace.startNx(['run-many', '-t', 'measure'], { env });
  await waitFor('the worker', () => workspace.starts()[0]);
  expect(temporary()).toHaveLength(2);
  for (const { pid, command } of processesOf(workspace.home))
    if (command.includes('nx-study-guard')) kill(pid, 'SIGKILL');
  await endAll(workspace.home);
  await first;
  expect(temporary()).toHaveLength(2);
  workspace.script({});
  expect(await workspace.measure([], { env })).toMatchObject({ exitCode: 0, started: ['a'] });
  expect(temporary()).toEqual(['nx-study-of-somebody-else']);
});

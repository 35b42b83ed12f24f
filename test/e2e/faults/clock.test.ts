import { expect, test } from 'vitest';
import { findFaketime, wallClock } from '../../helpers/faketime.ts';
import { processesOf } from '../../helpers/processes.ts';
import { waitFor } from '../../helpers/starts.ts';
import { studyOf } from '../../helpers/studies.ts';
import { commit, createWorkspace } from '../../helpers/workspace.ts';
import { tableOf } from './table.ts';

const faketime = findFaketime();

test.runIf(faketime !== null)(
  'a clock that is set back by an hour is told, and nothing waits or lasts for it',
  async () => {
    const abc = studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }], 'execution: {gap: {min_s: 1}}\n');
    const create = () => createWorkspace({ workers: ['scripted'], studies: { abc } });
    const workspace = await create();
    const clock = wallClock(faketime!, workspace.home);
    // Also for the worker, whose events tell when its phases began.
    const passed = Object.keys(clock.env).map((name) => `"${name}"`);
    await workspace.edit(
      'workers/scripted/worker.json',
      '"SCRIPTED_STARTS"',
      `"SCRIPTED_STARTS", ${passed.join(', ')}`,
    );
    await commit(workspace);

    workspace.script({ b: { hold: 'measuring' } });
    const nx = workspace.startNx(['run-many', '-t', 'measure'], { env: clock.env });
    await waitFor('b', () => workspace.starts().find(({ label }) => label === 'b'));
    clock.set(-3600);
    workspace.script({});
    expect((await nx).exitCode).toBe(0);
    expect(processesOf(workspace.home)).toEqual([]);

    const records = new Map(workspace.finished('abc').map((record) => [record.label, record]));
    const b = records.get('b')!;
    expect(b.findings).toMatchObject([{ code: 'clock-set', message: expect.stringContaining('back by 3600 s') }]);
    expect(b.ended_at! < b.started_at).toBe(true);
    expect(b.phases.map(({ start_s, elapsed_s }) => [start_s, elapsed_s])).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
    const c = records.get('c')!;
    expect(c.findings).toEqual([]);
    for (const { elapsed_s } of [b, c]) {
      expect(elapsed_s).toBeGreaterThan(0);
      expect(elapsed_s).toBeLessThan(600);
    }
    expect(c.cool_down.waited_s).toBeLessThan(600);

    expect(await workspace.measure([], { env: clock.env })).toMatchObject({ exitCode: 0, started: [] });
    const undisturbed = await create();
    await undisturbed.measure();
    // The report reads the same environment.
    expect(await tableOf(workspace, 'abc', clock.env)).toEqual(await tableOf(undisturbed, 'abc'));
  },
);

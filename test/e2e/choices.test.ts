import { expect, test } from 'vitest';
import { labelOf } from '../helpers/starts.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const study = `
worker: scripted
sweep: {value: [1, 2, 3]}
repeat: {times: 2, order: interleaved}
execution: {gap: {min_s: 3600}}
`;

test('choices for one run: no gaps, another order, some of the measurements; plan and records say so', async () => {
  const { command, measure, finished } = await createWorkspace({ workers: ['scripted'], studies: { numbers: study } });
  const only = { NX_STUDY_GAPS: 'off', NX_STUDY_ORDER: 'sequential', NX_STUDY_ONLY: 'value: [1, 3]' };

  const plan = await command(['numbers:plan'], { env: only });
  expect(plan.all).toContain('this run: NX_STUDY_GAPS=off\n');
  expect(plan.all).toContain('this run: NX_STUDY_ORDER=sequential\n');
  expect(plan.all).toContain('this run: NX_STUDY_ONLY=value: [1, 3]\nleft out of this run: 2 of those to measure');

  const some = await measure([], { env: only });
  expect(some.started.map(labelOf)).toEqual(['value-1', 'value-1-r2', 'value-3', 'value-3-r2']);
  expect(some.exitCode).toBe(1);
  expect(some.all.match(/numbers: left out of this run by NX_STUDY_ONLY=value: \[1, 3\]/g)).toHaveLength(1);
  expect(finished('numbers').map(({ findings }) => findings.map(({ code }) => code))).toEqual(
    Array.from({ length: 4 }, () => expect.arrayContaining(['run-choices', 'run-order'])),
  );

  const rest = await measure([], { env: { NX_STUDY_GAPS: 'off' } });
  expect(rest).toMatchObject({ exitCode: 0 });
  expect(rest.started.map(labelOf)).toEqual(['value-2', 'value-2-r2']);
  const report = await command(['numbers:report']);
  expect(report.all).toContain('measured in an order that was chosen for the run: NX_STUDY_ORDER=sequential');
});

test('a wrong choice is named before anything starts', async () => {
  const { command, measure } = await createWorkspace({ workers: ['scripted'], studies: { numbers: study } });
  const wrong = { NX_STUDY_EXECUTION: 'timeout: 60' };
  const run = await measure([], { env: wrong });
  expect(run).toMatchObject({ exitCode: 1, started: [] });
  expect(run.all).toContain('NX_STUDY_EXECUTION: timeout: ');
  const plan = await command(['numbers:plan'], { env: { NX_STUDY_ONLY: 'valeu: 1' } });
  expect(plan.exitCode).toBe(1);
  expect(plan.all).toContain('no measurement has the setting `valeu`. It may be `value`');
  const single = await measure(['--batch=false'], { env: { NX_STUDY_ORDER: 'reverse' } });
  expect(single).toMatchObject({ exitCode: 1, started: [] });
  expect(single.all).toContain('NX_STUDY_ORDER has no effect with --batch=false');
});

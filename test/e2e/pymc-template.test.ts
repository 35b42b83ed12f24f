import { expect, test } from 'vitest';
import { createWorkspace } from '../helpers/workspace.ts';

// A worker of this name shares the environment that other tests have made of the same locked dependencies.
const name = 'ideal-point';

test('the template in PyMC samples eight schools: centred fails its gates, and the two are compared', async () => {
  const { nx, finished } = await createWorkspace({ workers: [], studies: {} });
  expect(await nx(['g', 'nx-study:worker', name, '--template', 'pymc'])).toMatchObject({ exitCode: 0 });
  const made = await nx([
    'g',
    'nx-study:study',
    'schools',
    '--worker',
    name,
    '--axes',
    'parametrisation=centred,non-centred',
  ]);
  expect(made).toMatchObject({ exitCode: 0 });
  const once = { NX_STUDY_ONLY: 'repetition: 1' };
  await nx(['run', 'schools:measure'], { env: once });
  const records = finished('schools');
  expect(records.map(({ label, outcome }) => `${label} ${outcome}`).toSorted()).toEqual([
    'centred measured',
    'non-centred measured',
  ]);
  const { all } = await nx(['run', 'schools:report']);
  expect(all).toContain('2 measured');
  expect(all).toMatch(/Gates failed, so (this is|these numbers are) not to be relied on: `?centred/);
  expect(all).toMatch(/^non-centred r1 +measured .*PASS/m);
  expect(all).toMatch(/^centred r1 \* +measured .*FAIL/m);
});

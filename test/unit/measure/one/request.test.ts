import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requestOf } from '../../../../plugins/nx-study/src/measure/one/request.ts';
import { requestSchema } from '../../../../plugins/nx-study/src/worker/request.ts';
import { temporaryFolder } from '../../machine/helpers.ts';
import { aTask } from '../task.ts';

type Job = Parameters<typeof requestOf>[0];

it('has data files and modules as absolute paths', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'models'));
  const files = { 'm.py': 'import b, a, numpy', 'a.py': '', 'b.py': '', 'c.py': '' };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, 'models', name), content);
  const task = aTask({
    configuration: { model: 'models/m.py', data: { votes: 'votes.csv' }, other: null },
    dataFiles: ['model', 'data.votes'],
    pythonFiles: ['model'],
  });
  const batch = { workspaceRoot: root, cpus: 1 };
  const request = requestOf({ batch, task, environment: { cacheDir: '/c' }, assets: new Map() } as unknown as Job);
  expect(requestSchema.parse(request)).toMatchObject({
    configuration: { model: join(root, 'models/m.py'), data: { votes: join(root, 'votes.csv') }, other: null },
    modules: { model: ['m.py', 'a.py', 'b.py'].map((name) => join(root, 'models', name)) },
  });
});

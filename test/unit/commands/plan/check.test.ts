import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inputPreview } from '../../../../plugins/nx-study/src/commands/plan/check.ts';
import type { Planned } from '../../../../plugins/nx-study/src/commands/plan/planned.ts';
import { configChecker } from '../../../../plugins/nx-study/src/worker/config.ts';
import { readWorker } from '../../../../plugins/nx-study/src/worker/read.ts';
import { temporaryFolder } from '../../machine/helpers.ts';
import { aTask } from '../../measure/task.ts';
import { aWorker } from '../../worker/manifest.ts';

const SIZE = { parameters: 1, observations: 2, saved: 3 };

/** Refuses the setting `votes: bad`, and breaks at `votes: broken`. */
const SCRIPT = `
import { readFileSync } from 'node:fs';
const { votes } = JSON.parse(readFileSync(0, 'utf8')).configuration;
if (votes === 'broken') process.exit(1);
const problems = votes === 'bad' ? [{ path: 'votes', message: 'line 2: bad' }, { path: 'x', message: 'worse' }] : [];
console.log(JSON.stringify({ problems, size: ${JSON.stringify(SIZE)} }));
`;

it('what reads unusable input fails, with each reason once; what is not to be measured is not looked at', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'workers/w'), { recursive: true });
  writeFileSync(join(root, 'workers/w/check.mjs'), SCRIPT);
  const worker = aWorker({ check: { command: ['{node}', '{worker}/check.mjs'], settings: ['votes'] } });
  const measure = { state: 'pending', reason: null, next: 'measure', why: 'first time' } as const;
  const done = { state: 'measured', reason: null, next: 'nothing', why: 'measured' } as const;
  const of = (votes: string, standing: Planned = measure, expected = false) => ({
    task: aTask({ worker: 'w', configuration: { votes }, expect: expected ? 'failed' : null }),
    standing,
  });
  const { planned, notes } = await inputPreview(root, new Map([['w', worker]]), [
    of('good'),
    of('bad'),
    of('bad', done),
    of('broken'),
    of('bad', measure, true),
  ]);
  expect(planned.map(({ standing }) => standing)).toEqual([
    measure,
    { ...measure, next: 'fail', why: 'line 2: bad; worse' },
    done,
    measure,
    { ...measure, next: 'fail', why: 'line 2: bad; worse' },
  ]);
  expect(planned.map(({ size }) => size)).toEqual([SIZE, undefined, null, undefined, undefined]);
  expect(notes).toMatchObject([
    { effect: 'fails', message: 'line 2: bad; worse', measurements: 2, expected: 1, problems: [{ path: 'votes' }, {}] },
    { effect: 'unchecked', measurements: 1, expected: 0, problems: [] },
  ]);
});

it('what the engine can not run on this machine is refused, with its reason', async () => {
  const root = join(import.meta.dirname, '../../../..');
  const worker = await readWorker(root, 'llama-cpp');
  const { configuration } = configChecker(worker)({ device: 'cpu', gpu_layers: 4 });
  const cuda = aWorker({ constraints: 'constraints.json' });
  const rule = {
    ...worker.constraints!.rules[0]!,
    settings: { device: { const: 'cpu' } },
    work: {},
    machine: { gpus: { type: 'integer' as const } },
    message: 'not with {machine.gpus} GPUs',
  };
  const here = { ...cuda, configSchema: worker.configSchema, constraints: { ...worker.constraints!, rules: [rule] } };
  const standing = { state: 'pending', reason: null, next: 'measure', why: 'first time' } as const;
  const task = aTask({ worker: 'w', configuration });
  const { planned, notes } = await inputPreview(root, new Map([['w', here]]), [{ task, standing }]);
  expect(planned[0]!.standing).toMatchObject({ next: 'refuse', why: expect.stringMatching(/^not with \d+ GPUs/) });
  expect(notes).toMatchObject([{ effect: 'refuses', measurements: 1, problems: [{ path: 'device', value: '"cpu"' }] }]);
});

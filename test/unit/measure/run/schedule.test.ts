import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFailFast } from '../../../../plugins/nx-study/src/measure/run/fail-fast.ts';
import { failurePolicy } from '../../../../plugins/nx-study/src/measure/run/policy.ts';
import { runTasks } from '../../../../plugins/nx-study/src/measure/run/run.ts';
import { schedule } from '../../../../plugins/nx-study/src/measure/run/schedule.ts';
import { actsOf, batchIn } from '../workspace.ts';
import type { Act, Acts } from '../workspace.ts';

async function scheduled(acts: Acts, policy = failurePolicy(openFailFast(null))) {
  const { batch, stop } = await batchIn(acts.root);
  const next = schedule(batch, acts.tasks, policy);
  return { next, stop, policy };
}

async function all(acts: Acts) {
  const found = [];
  for await (const one of (await scheduled(acts)).next) found.push(one);
  return found;
}

async function measure(acts: Acts, act: Act) {
  for await (const _ of runTasks(acts.root, [acts.of(act)])) continue;
}

test('tasks come in their order: what is at an end, what only lacks diagnostics, what is to be measured', async () => {
  const acts = await actsOf(['measure', 'measure-again', 'crash', 'wait']);
  await measure(acts, 'measure');
  await measure(acts, 'measure-again');
  const again = (await acts.finished('measure-again'))[0]!;
  await rm(join(again, 'derived.json'));
  const found = await all(acts);
  expect(found.map(({ state, task }) => [state, task.configuration['act']])).toEqual([
    ['ended', 'measure'],
    ['derive', 'measure-again'],
    ['measure', 'crash'],
    ['measure', 'wait'],
  ]);
  expect(found[0]).toMatchObject({ outcome: { success: true } });
  expect(found[1]).toMatchObject({ directory: again, deriving: expect.any(String) });
  expect(found[2]).toMatchObject({ worker: { name: 'acts' }, environment: { container: null } });
  expect(await acts.starts()).toEqual(['measure', 'measure-again']);
});

test('with the runner slurm, jobs derive what lacks diagnostics, as they measure', async () => {
  const acts = await actsOf(['measure', 'crash']);
  await measure(acts, 'measure');
  await rm(join((await acts.finished('measure'))[0]!, 'derived.json'));
  for (const task of acts.tasks) task.execution = { ...task.execution, runner: 'slurm' };
  expect((await all(acts)).map(({ state, task }) => [state, task.configuration['act']])).toEqual([
    ['remote', 'measure'],
    ['remote', 'crash'],
  ]);
});

test('environments for jobs are made here only where the study says so; one that can not be made fails its tasks', async () => {
  const acts = await actsOf(['measure']);
  const file = join(acts.root, 'workers/acts/worker.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(
    file,
    JSON.stringify({ ...manifest, environment: { type: 'uv', lock: 'absent.lock', python: '>=3.8' } }),
  );
  const [task] = acts.tasks;
  const states = async (prepare: 'node' | 'here') => {
    task!.execution = { ...task!.execution, runner: 'slurm', slurm: { prepare } };
    return (await all(acts)).map(({ state }) => state);
  };
  expect(await states('node')).toEqual(['remote']);
  expect(await states('here')).toEqual(['ended']);
  expect(await acts.failed('measure')).toMatchObject([{ failure: { type: 'environment' } }]);
});

test('a damaged result is to be measured again', async () => {
  const acts = await actsOf(['measure']);
  await measure(acts, 'measure');
  const directory = (await acts.finished('measure'))[0]!;
  await rm(join(directory, 'result.json'));
  expect(await all(acts)).toMatchObject([{ state: 'measure', isDamaged: true }]);
});

test('what another failure stops is skipped, also of tasks that were not yet scheduled', async () => {
  const acts = await actsOf(['measure', 'crash']);
  const { next, policy } = await scheduled(acts);
  expect((await next.next()).value).toMatchObject({ state: 'measure' });
  policy.block([1234]);
  expect((await next.next()).value).toMatchObject({
    state: 'ended',
    outcome: { success: false, status: 'skipped', text: expect.stringContaining('1234') },
  });
});

test('an environment that can not be made fails its tasks, and those of other workers go on', async () => {
  const acts = await actsOf(['measure', 'crash']);
  const { next } = await scheduled(acts);
  await rm(join(acts.root, 'workers/acts/worker.json'));
  const found = [];
  for await (const one of next) found.push(one);
  expect(found).toMatchObject([
    { state: 'ended', outcome: { success: false, text: expect.stringContaining('worker') } },
    { state: 'ended', outcome: { success: false } },
  ]);
});

test('a stop ends what comes next: it is no failure', async () => {
  const acts = await actsOf(['measure']);
  const { next, stop } = await scheduled(acts);
  await rm(join(acts.root, 'workers/acts/worker.json'));
  stop.abort('SIGTERM');
  const found = [];
  for await (const one of next) found.push(one);
  expect(found).toMatchObject([{ state: 'ended', outcome: { status: 'stopped' } }]);
  expect(await acts.failed('measure')).toEqual([]);
});

import { expect, test } from 'vitest';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const values = (order: string, times = 1) =>
  `worker: scripted\nsweep: {value: [5, 3, 4, 1, 2]}\nrepeat: {times: ${times}, order: ${order}, seed: 3}\n`;
const create = (studies: Record<string, string>) => createWorkspace({ workers: ['scripted'], studies });

test('two studies run one after the other, each in the order of its plan', async () => {
  const workspace = await create({
    second: studyOf(['z', 'y', 'x'].map((label) => ({ label: `second-${label}` }))),
    first: values('shuffled', 2),
  });
  const planned = await workspace.command(['first:plan', '--json']);
  const { rows } = JSON.parse(planned.all.slice(planned.all.indexOf('{'), planned.all.lastIndexOf('}') + 1));
  const order = rows.map(({ id }: { id: string }) => id);
  expect(order).not.toEqual(order.toSorted());
  const run = await workspace.measure();
  expect(run.exitCode).toBe(0);
  const first = workspace.starts().slice(0, 10);
  expect(first.map(({ id }) => id)).toEqual(order);
  expect(run.started.slice(10)).toEqual(['second-z', 'second-y', 'second-x']);
  expect(first.slice(0, 5).map(({ label }) => label)).not.toEqual([
    'value-5',
    'value-3',
    'value-4',
    'value-1',
    'value-2',
  ]);
});

test('each of the orders runs through Nx', async () => {
  const workspace = await create({ five: values('sequential', 2) });
  let flavour = 0;
  const started = async () => (await workspace.measure([], { env: { SCRIPTED_FLAVOUR: `${flavour++}` } })).started;
  const cycle = ['value-5', 'value-3', 'value-4', 'value-1', 'value-2'];
  const again = cycle.map((label) => `${label}-r2`);
  expect(await started()).toEqual(cycle.flatMap((label) => [label, `${label}-r2`]));
  await workspace.edit('studies/five/study.yaml', 'sequential', 'interleaved');
  expect(await started()).toEqual([...cycle, ...again]);
  await workspace.edit('studies/five/study.yaml', 'interleaved', 'reverse');
  expect(await started()).toEqual([...cycle, ...again.toReversed()]);
});

test('without batches, measurements run one by one in their order, and are recorded as well', async () => {
  const workspace = await create({
    single: studyOf([{ label: 'c' }, { label: 'b', ending: 'exit-3' }, { label: 'a' }]),
    whole: studyOf([{ label: 'e' }, { label: 'd' }]),
  });
  const run = await workspace.measure(['--batch=false', '--parallel=3']);
  expect(run.exitCode).toBe(1);
  expect(workspace.starts().filter(({ begin }, index, all) => index > 0 && begin < all[index - 1]!.end!)).toEqual([]);
  // Nx itself skips what depends on a failure.
  expect(run.started.filter((label) => 'abc'.includes(label))).toEqual(['c', 'b']);
  expect(run.started.filter((label) => 'de'.includes(label))).toEqual(['e', 'd']);
  expect(workspace.failed('single')).toMatchObject([{ label: 'b', failure: { type: 'crash' } }]);
  expect(await workspace.measure()).toMatchObject({ exitCode: 1, started: ['b', 'a'] });
});

test('one measurement can run alone, and one study', async () => {
  const workspace = await create({
    one: studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }]),
    two: studyOf([{ label: 'd' }]),
  });
  const shown = await workspace.nx(['show', 'projects', '-p', 'one.c-*']);
  const project = shown.all.trim();
  const alone = await workspace.nx(['run', `${project}:measure`, '--excludeTaskDependencies']);
  expect(alone.exitCode).toBe(0);
  expect(workspace.starts().map(({ label }) => label)).toEqual(['c']);
  expect((await workspace.nx(['run', 'one:measure'])).exitCode).toBe(0);
  expect(workspace.starts().map(({ label }) => label)).toEqual(['c', 'a', 'b']);
});

test('a long run is cached in batches, and a failure in one batch skips nothing in the next', async () => {
  const workspace = await create({
    long: studyOf([
      { label: 'a', sleep_s: 16 },
      { label: 'b', sleep_s: 17, ending: 'exit-3' },
      { label: 'c' },
      { label: 'd' },
      { label: 'e' },
    ]),
  });
  const { exitCode, all, started } = await workspace.measure();
  expect(exitCode).toBe(1);
  expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(all.match(/Running \d tasks? with nx-study:measure/g)).toEqual([
    'Running 5 tasks with nx-study:measure',
    'Running 2 tasks with nx-study:measure',
  ]);
  const again = await workspace.measure();
  expect(again).toMatchObject({ exitCode: 1, started: ['b'] });
  expect(again.all).toMatch(/Cache:\s+4\/\d hit/);
});

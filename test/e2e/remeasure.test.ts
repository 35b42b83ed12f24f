import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace, subfolders } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const create = (study: string) => createWorkspace({ workers: ['scripted'], studies: { letters: study } });

const remeasure = ({ nx }: Workspace, ...args: string[]) => nx(['run', 'letters:remeasure', ...args]);
const takes = async ({ read }: Workspace) => JSON.parse(await read('studies/letters/takes.json')) as object;
const idOf = ({ finished }: Workspace, label: string, repetition = 1) =>
  finished('letters').find((record) => record.label === label && record.repetition === repetition)!.id;

test('a new take is measured beside the earlier one, which stays and is told of', async () => {
  const workspace = await create('worker: scripted\nsweep: {value: [1, 2]}\nrepeat: {times: 2}\n');
  await workspace.measure();
  const [first, second] = [idOf(workspace, 'value-1'), idOf(workspace, 'value-1', 2)];
  const chosen = await remeasure(workspace, '--id', 'value-1');
  expect(chosen.exitCode).toBe(0);
  expect(chosen.all).toContain(`${first}, take 2`);
  expect(chosen.all).toContain('nx run letters:measure');
  expect(await workspace.read('studies/letters/takes.json')).toBe(`{\n  "${first}": 2,\n  "${second}": 2\n}\n`);
  expect((await workspace.command(['letters:plan'])).all.match(/changed: take: 1 → 2/g)).toHaveLength(2);
  expect((await workspace.command(['letters:report'])).all).toContain('2 stale');

  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: ['value-1', 'value-1-r2'] });
  expect(subfolders(join(workspace.root, 'results/letters', first))).toHaveLength(2);
  const report = (await workspace.command(['letters:report', '--width', '200'])).all;
  expect(report).toContain(`${first}: take 2 is shown, 1 other take is kept in results/letters/${first}`);
  expect(report).not.toContain('stale');

  // A take that is on this disk would be reused, not measured: it is passed over.
  await workspace.write('studies/letters/takes.json', '{}\n');
  await remeasure(workspace, `--id=${first}`);
  expect(await takes(workspace)).toEqual({ [first]: 3 });
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: ['value-1'] });
});

test('flags and failures choose together, and ids among them', async () => {
  const workspace = await create(
    studyOf([
      { label: 'hot', warning: 'throttled' },
      { label: 'loud', warning: 'neighbour' },
      { label: 'warm', warning: 'throttled' },
      { label: 'too-large', ending: 'reported-oom' },
      { label: 'wrong', ending: 'wrong-kind' },
      { label: 'good' },
    ]),
  );
  await workspace.measure();
  const chosen = await remeasure(
    workspace,
    '--flagged',
    'throttled,neighbour',
    '--failed',
    'oom',
    '--id',
    'hot,loud,too',
  );
  expect(chosen.exitCode).toBe(0);
  expect(chosen.all).toMatch(/too-large-\w{8}, after "oom"/);
  expect(await takes(workspace)).toEqual({ [idOf(workspace, 'hot')]: 2, [idOf(workspace, 'loud')]: 2 });
  const again = await workspace.measure();
  expect(again.started).toEqual(['hot', 'loud', 'too-large', 'wrong']);
});

test('a settled failure is tried once more, in the same take, and is settled again', async () => {
  const workspace = await create(studyOf([{ label: 'too-large', ending: 'reported-oom' }, { label: 'good' }]));
  await workspace.measure();
  const settled = await workspace.measure();
  expect(settled).toMatchObject({ exitCode: 1, started: [] });
  expect(settled.all).toContain('nx run letters:remeasure --failed oom');
  expect((await remeasure(workspace, '--failed', 'oom')).exitCode).toBe(0);
  expect(existsSync(join(workspace.root, 'studies/letters/takes.json'))).toBe(false);
  expect((await workspace.command(['letters:plan'])).all).toMatch(/measures .* retry requested/);
  expect((await workspace.nx(['run', 'letters:status'])).all).toContain('1 of 2 measured, 1 pending');
  expect(await workspace.measure()).toMatchObject({ exitCode: 1, started: ['too-large'] });
  expect(await workspace.measure()).toMatchObject({ exitCode: 1, started: [] });
  const folders = subfolders(join(workspace.root, 'results/letters/failed', workspace.failed('letters')[0]!.id));
  expect(folders.map((folder) => basename(folder))).toEqual(['001', '002']);
});

test('what can’t be chosen is refused, with what can be', async () => {
  const workspace = await create(
    studyOf([
      { label: 'hot', warning: 'throttled' },
      { label: 'too-large', ending: 'reported-oom' },
    ]),
  );
  await workspace.measure();
  const refused = async (...args: string[]) => {
    const { exitCode, all } = await remeasure(workspace, ...args);
    expect(exitCode).toBe(1);
    return all;
  };
  const help = await refused();
  expect(help).toMatch(/--id .*hot-\w{8}, too-large-\w{8}/);
  expect(help).toContain('--flagged  throttled (1)');
  expect(help).toContain('--failed   oom (1)');
  expect(await refused('--id', 'ho-t')).toContain('Did you mean `hot`?');
  expect(await refused('--flagged', 'throttle')).toContain('Did you mean `throttled`?');
  expect(await refused('--failed', 'omm')).toContain('Did you mean `oom`?');
  expect(await refused('--failed', 'crash')).toContain('Nothing of this study failed with "crash", but with: oom.');
  expect(await refused('--id', 'too-large', '--flagged', 'throttled')).toContain('nothing is chosen');
  expect(existsSync(join(workspace.root, 'studies/letters/takes.json'))).toBe(false);
});

import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { exportStudy } from '../../../../plugins/nx-study/src/commands/export/export.ts';
import { addAccepted } from '../../../../plugins/nx-study/src/amendments/accepted.ts';
import { exportedText } from '../../../../plugins/nx-study/src/commands/export/texts.ts';
import { importResults } from '../../../../plugins/nx-study/src/commands/import/import.ts';
import { gather } from '../../../../plugins/nx-study/src/state/gather.ts';
import { STUDY, studyOf } from '../../record/workspace.ts';

function to(root: string): string {
  const folder = `${root}-copy`;
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('writes what git would take, and the results that are there: the copy is the same study', async () => {
  const study = await studyOf([1, 2]);
  await study.measured(1);
  const { root } = study;
  await writeFile(join(root, '.gitignore'), 'results/\nsecret.txt\n');
  await writeFile(join(root, 'secret.txt'), 'x');
  await symlink('studies', join(root, 'link'));
  await mkdir(join(root, 'node_modules/a'), { recursive: true });
  await writeFile(join(root, 'node_modules/a/index.js'), '');
  await execa('git', ['init', '-q'], { cwd: root });
  await writeFile(join(root, '.gitignore'), 'results/\nsecret.txt\nnode_modules/\n');
  const exported = await exportStudy(root, { study: STUDY, to: to(root), lane: null });
  expect(exported).toMatchObject({ folder: to(root), measurements: study.tasks.map(({ id }) => id), outside: [] });
  expect(exported.done).toEqual([study.tasks[0]!.id]);
  expect(existsSync(join(to(root), 'secret.txt'))).toBe(false);
  expect(existsSync(join(to(root), 'node_modules'))).toBe(false);
  expect(existsSync(join(to(root), 'link', STUDY, 'study.yaml'))).toBe(true);
  const { standings, tasks } = await gather(to(root), STUDY);
  expect(tasks.map(({ task }) => task.digest)).toEqual(study.tasks.map(({ digest }) => digest));
  expect(tasks.map(({ task }) => standings.get(task.id)!.next)).toEqual(['derive', 'measure']);
  const made = JSON.parse(await readFile(join(to(root), 'results', STUDY, 'export.json'), 'utf8')) as object;
  expect(made).toMatchObject({
    study: STUDY,
    lane: null,
    measurements: { [study.tasks[0]!.id]: study.tasks[0]!.digest },
  });
});

test('an exported study that is taken in elsewhere stands as it does here: expected failures, and what counts by an accepted change', async () => {
  const study = await studyOf([1, 2, 3, 4, 5], { expect: [2] });
  const { root, of } = study;
  await writeFile(join(root, '.gitignore'), `results/\nstudies/${STUDY}/accepted/\n`);
  await execa('git', ['init', '-q'], { cwd: root });
  const { code, environment } = of(3).identity;
  const [from, next] = [
    { code: 'earlier', environment },
    { code, environment },
  ];
  const at = '2026-03-01T10:00:00Z';
  await addAccepted(root, STUDY, { because: 'a comment', at, by: null, changes: [{ worker: 'tiny', from, to: next }] });
  const clone = `${to(root)}-clone`;
  onTestFinished(() => rm(clone, { recursive: true, force: true }));
  await exportStudy(root, { study: STUDY, to: clone, lane: null });

  await study.measured(1);
  await study.failed(2, 'interrupted');
  await study.failed(2, 'crash', { started_at: '2026-03-01T11:00:00Z' });
  await study.stale(3);
  await study.failed(4, 'oom');
  const exporting = { study: STUDY, to: to(root), lane: null };
  const exported = await exportStudy(root, exporting);
  const idOf = (size: number) => of(size).task.id;
  expect(exported).toMatchObject({
    done: [idOf(1), idOf(3)],
    expected: [idOf(2)],
    left: [{ id: idOf(4), state: 'failed' }],
  });
  expect(exportedText(exporting, exported)).toMatch(
    /5 measurements, of which 2 have a result already, and 1 failed as expected\nnot in it: 1 measurement that is failed here; the copy measures it\n/,
  );
  // As it was at another machine before.
  await importResults(clone, STUDY, [to(root)]);
  const here = await standingsIn(root);
  for (const place of [to(root), clone])
    expect(await standingsIn(place)).toEqual({ ...here, [idOf(4)]: ['pending', 'measure'] });
  expect(Object.values(here)).toEqual([
    ['measured', 'derive'],
    ['expected-failure', 'nothing'],
    ['stale', 'derive'],
    ['failed', 'final'],
    ['pending', 'measure'],
  ]);
});

async function standingsIn(root: string): Promise<Record<string, [string, string]>> {
  const { standings } = await gather(root, STUDY);
  return Object.fromEntries([...standings].map(([id, { state, next }]) => [id, [state, next]]));
}

test('without git nobody knows which files are secrets: refused, and nothing is written', async () => {
  const { root } = await studyOf([1]);
  await writeFile(join(root, '.env'), 'KEY=x');
  const copy = to(root);
  await expect(exportStudy(root, { study: STUDY, to: copy, lane: null })).rejects.toThrow(/Run `git init`/);
  expect(existsSync(copy)).toBe(false);
});

test.each([
  ['a folder in the workspace', { to: 'copy' }, /lies in this workspace/],
  ['a folder that exists', { to: '.' }, /exists already/],
  ['a lane of a study without lanes', { lane: 2 }, /sizes is not divided into lanes/],
])('refuses %s, and writes nothing', async (_, change, message) => {
  const { root } = await studyOf([1]);
  await expect(exportStudy(root, { study: STUDY, to: to(root), lane: null, ...change })).rejects.toThrow(message);
  expect(existsSync(to(root))).toBe(false);
});

test('refuses results that count only on this machine', async () => {
  const { root } = await studyOf([1]);
  const file = join(root, `studies/${STUDY}/study.yaml`);
  await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), platform: 'host' }));
  await expect(exportStudy(root, { study: STUDY, to: to(root), lane: null })).rejects.toThrow(
    /count only on the machine that measured them/,
  );
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { addAccepted, readAccepted } from '../../../plugins/nx-study/src/amendments/accepted.ts';
import { readTakes, writeTakes } from '../../../plugins/nx-study/src/amendments/takes.ts';
import { planFile } from '../../../plugins/nx-study/src/plan/planfile.ts';
import { sharedFolder } from '../machine/helpers.ts';
import { planOf, studyText, votes } from '../study/workspace.ts';

const root = sharedFolder();
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
const version = (code: string) => ({ code, environment: null });
const acceptance = (because: string, at: string) => ({
  because,
  at,
  by: null,
  changes: [{ worker: 'w', from: version(`before ${because}`), to: version('now') }],
});

/** What one person adds: a value, an acceptance, and a measurement that is measured again. */
async function add(draws: number[], because: string, at: string, takes: Record<string, number>): Promise<void> {
  const study = studyText({ worker: 'sampler', base: { votes }, sweep: { draws }, repeat: { times: 2 } });
  const file = join(root, 'studies/s/study.lock');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, planFile(await planOf(study), new Map()));
  await addAccepted(root, 's', acceptance(because, at));
  await writeTakes(root, 's', { ...(await readTakes(root, 's')), ...takes });
  git('add', '-A');
  git('commit', '-qm', because);
}

test('what two people add to a study merges without a conflict', async () => {
  git('init', '-q', '-b', 'main');
  await add([500, 1000, 2000], 'first', '2026-03-01T10:00:00.000Z', { b: 2, d: 2 });
  git('checkout', '-qb', 'theirs');
  await add([500, 1000, 2000, 750], 'theirs', '2026-03-02T09:00:00.000Z', { c: 2 });
  git('checkout', '-q', 'main');
  await add([500, 1000, 2000, 1500], 'ours', '2026-03-02T10:00:00.000Z', { a: 2 });
  git('merge', '-q', 'theirs', '-m', 'merged');

  const both = studyText({
    worker: 'sampler',
    base: { votes },
    sweep: { draws: [500, 1000, 2000, 750, 1500] },
    repeat: { times: 2 },
  });
  expect(await readFile(join(root, 'studies/s/study.lock'), 'utf8')).toBe(planFile(await planOf(both), new Map()));
  expect((await readAccepted(root, 's')).map(({ because }) => because)).toEqual(['first', 'theirs', 'ours']);
  expect(await readTakes(root, 's')).toEqual({ a: 2, b: 2, c: 2, d: 2 });
});

test('acceptances that were written into one file before count, with those in files of their own', async () => {
  const folder = sharedFolder();
  const former = [acceptance('b', '2026-02-02T00:00:00.000Z'), acceptance('d', '2026-04-02T00:00:00.000Z')];
  mkdirSync(join(folder, 'studies/s'), { recursive: true });
  writeFileSync(join(folder, 'studies/s/accepted.json'), JSON.stringify(former));
  const file = await addAccepted(folder, 's', acceptance('c', '2026-03-02T00:00:00.000Z'));
  expect(file).toMatch(/^studies\/s\/accepted\/2026-03-02-[0-9a-f]{8}\.json$/);
  expect((await readAccepted(folder, 's')).map(({ because }) => because)).toEqual(['b', 'c', 'd']);
  writeFileSync(join(folder, file), '<<<<<<< HEAD\n');
  await expect(readAccepted(folder, 's')).rejects.toThrow(`${file} is not as "accept" writes it`);
});

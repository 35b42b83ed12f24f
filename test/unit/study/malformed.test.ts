import { readdir, readFile, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorOf, fixtures, loadIn, makeWorkspace } from './workspace.ts';

const folder = join(fixtures, 'malformed');
const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).toSorted();

describe('a malformed study gives one readable message', () => {
  test.each(files)('%s', async (file) => {
    const name = basename(file, '.yaml');
    const root = await makeWorkspace({ [`studies/${name}/study.yaml`]: await readFile(join(folder, file)) });
    await symlink(tmpdir(), join(root, 'studies/data/link.csv'));
    const error = await errorOf(loadIn(root, name));
    expect(error.issues.length).toBeGreaterThan(0);
    expect(error.message).not.toMatch(/\bat .*:\d+:\d+\)?$|undefined|\[object|\bNaN\b(?!`)/m);
    await expect(`${error.message.replaceAll(tmpdir(), '<tmp>')}\n`).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });
});

test('there are at least forty of them', () => {
  expect(files.length).toBeGreaterThanOrEqual(40);
});

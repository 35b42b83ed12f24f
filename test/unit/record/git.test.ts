import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readGit } from '../../../plugins/nx-study/src/record/git.ts';
import { makeWorkspace } from '../study/workspace.ts';

test('the commit of a workspace, or the reason why there is none', async () => {
  const root = await makeWorkspace();
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: root });
  expect(await readGit(root)).toEqual({
    commit: null,
    dirty: null,
    reason: expect.stringMatching(/^fatal: not a git repository/),
  });
  await git('init', '--quiet');
  expect(await readGit(root)).toEqual({ commit: null, dirty: null, reason: 'there is no commit yet' });
  await git('add', '.');
  await git('commit', '--quiet', '--message=first');
  const { stdout: commit } = await git('rev-parse', 'HEAD');
  expect(await readGit(root)).toEqual({ commit, dirty: false, reason: null });
  await writeFile(join(root, 'more.txt'), '');
  expect(await readGit(root)).toEqual({ commit, dirty: true, reason: null });
  expect((await readGit(join(root, 'nowhere'))).reason).toContain('nowhere');
});

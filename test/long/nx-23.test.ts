import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { makePackage } from '../../tools/package.mjs';
import { filesOf, repository } from '../helpers/docs.ts';

const VERSION = '23.3.2';

/** A workspace of Nx 23 with the packed plugin, and a study of gzip with three levels, each measured three times. */
async function workspaceOf23() {
  const home = await mkdtemp(join(tmpdir(), 'nx-study-23-'));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const root = join(home, 'workspace');
  const run = async (...command: string[]) => {
    const env = { NX_DAEMON: 'false', NX_TUI: 'false', NX_STUDY_LOCK_DIR: join(home, 'lock') };
    const { all } = await execa(command[0]!, command.slice(1), { cwd: root, all: true, env });
    return all;
  };
  const files = {
    'package.json': `{ "private": true, "devDependencies": { "nx": "${VERSION}", "@nx/devkit": "${VERSION}" } }`,
    'nx.json': JSON.stringify({
      plugins: ['nx-study'],
      sync: { globalGenerators: ['nx-study:sync'] },
      cacheDirectory: '.nx/cache',
      analytics: false,
    }),
    '.gitignore': 'node_modules\n.nx\nresults\n',
    ...Object.fromEntries([...filesOf('docs/own-worker.md')].filter(([file]) => /\/(gzip|compression)\//.test(file))),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  await cp(join(repository, 'studies/data/us-senate'), join(root, 'studies/data/us-senate'), { recursive: true });
  makePackage(join(home, 'package'));
  await run('npm', 'pack', '--silent', join(home, 'package'));
  const { version } = JSON.parse(await readFile(join(home, 'package/package.json'), 'utf8')) as { version: string };
  // It refuses a peer that the package doesn't name.
  await run('npm', 'install', '--no-audit', '--no-fund', `./nx-study-${version}.tgz`);
  await run('git', 'init', '-q', '-b', 'main');
  const commit = async () => {
    await run('git', 'add', '-A');
    await run('git', '-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'state');
  };
  return { root, commit, nx: (...args: string[]) => run('npx', 'nx', ...args) };
}

it(`Nx ${VERSION} measures, restores from its cache, and selects at least what an edit changed`, async () => {
  const { root, commit, nx } = await workspaceOf23();
  expect(await nx('run', 'compression:measure')).toContain('compression: 9 measured, none is missing');
  expect(await nx('run', 'compression:measure')).toMatch(/cache.* 9 out of 10/);
  await nx('sync');
  await commit();

  const file = join(root, 'studies/compression/study.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('[1, 6, 9]', '[1, 3, 6, 9]'));
  expect(await affected(nx)).toEqual(expect.arrayContaining([3, 3, 3]));
  await nx('sync');
  expect((await affected(nx)).filter((level) => level === 3)).toHaveLength(3);
  expect(await nx('affected', '-t', 'measure', '--base=HEAD')).not.toContain('failed');
  expect(await nx('run', 'compression:report')).toContain('12 measurements: 12 measured');
});

/** The levels of the measurements that `nx affected` selects. */
async function affected(nx: (...args: string[]) => Promise<string>): Promise<number[]> {
  const { tasks } = JSON.parse(await nx('affected', '-t', 'measure', '--base=HEAD', '--graph=stdout')) as {
    tasks: { tasks: Record<string, unknown> };
  };
  return Object.keys(tasks.tasks).flatMap((id) => /\.level-(\d)-/.exec(id)?.slice(1).map(Number) ?? []);
}

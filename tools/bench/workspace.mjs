import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../..');

/** A git workspace that uses this repository's Nx and built plugin. */
export function nxWorkspace(root, nxJson) {
  mkdirSync(root, { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'nx.json'), JSON.stringify({ cacheDirectory: '.nx/cache', analytics: false, ...nxJson }));
  writeFileSync(join(root, 'package.json'), '{ "name": "bench", "private": true, "type": "module" }\n');
  cpSync(join(repository, '.gitignore'), join(root, '.gitignore'));
}

export function commitAll(root) {
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.org', ...args], { cwd: root });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'bench');
}

/** The same for both: no daemon, no plugin processes, no terminal UI. */
export const nxEnvironment = { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false', NX_TUI: 'false', CI: '' };

export const nxProgram = join(repository, 'node_modules/nx/dist/bin/nx.js');

export const nxRun = (root, env = {}) => ({
  file: process.execPath,
  args: [nxProgram, 'run-many', '-t', 'measure'],
  cwd: root,
  env: { ...nxEnvironment, ...env },
});

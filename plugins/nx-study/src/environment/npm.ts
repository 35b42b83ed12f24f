import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { noNpm, npmFailed } from './texts.ts';
import { buildOnce } from './once.ts';
import { findProgram } from '../machine/program.ts';
import { runTool } from './tool.ts';
import type { PreparedEnvironment, PrepareOptions } from './prepared.ts';

interface BuildOptions extends PrepareOptions {
  /** Where environments are. */
  folder: string;
  /** The environment's name. */
  prefix: string;
  /** Content of package-lock.json. */
  lock: string;
  /** Content of package.json. */
  package: string;
}

/** Installs exactly the packages of a package-lock.json; their install scripts don't run. */
export async function buildWithNpm(options: BuildOptions): Promise<PreparedEnvironment> {
  const npm = findNpm();
  const root = join(options.folder, `${options.prefix}-node`);
  const say = (line: string) => options.onProgress?.(`creating environment ${options.worker.name} (npm): ${line}`);
  return buildOnce(root, options, say, async (lock) => {
    await install(options, { root, npm, lockFd: lock.fd, say });
    return { interpreter: null, versions: { node: process.versions.node } };
  });
}

/** The npm beside the running Node, else the one on the PATH. @throws EnvironmentError when there is none. */
export function findNpm(): string {
  const npm = findProgram('npm', [dirname(process.execPath)]);
  if (npm === null) throw noNpm();
  return npm;
}

/** Variables for npm: its own Node first on the PATH, and without the settings that an outer npm passes to its scripts. */
export const npmEnvironment = (): Record<string, string | undefined> => ({
  PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
  NO_COLOR: '1',
  npm_config_update_notifier: 'false',
  ...Object.fromEntries(OUTER.map((name) => [`npm_config_${name}`, undefined])),
});

const OUTER = [
  'global',
  'location',
  'prefix',
  'local_prefix',
  'workspace',
  'workspaces',
  'dry_run',
  'package_lock_only',
];

// The reason stands first, and a page on how npm is used may follow.
const FIRST_ERRORS = 20;

interface Installation {
  root: string;
  npm: string;
  lockFd: number;
  say: (line: string) => void;
}

async function install(
  { worker, lock, package: manifest, signal }: BuildOptions,
  { root, npm, lockFd, say }: Installation,
): Promise<void> {
  await writeFile(join(root, 'package.json'), manifest);
  await writeFile(join(root, 'package-lock.json'), lock);
  say('installing');
  const errors: string[] = [];
  const onLine = (line: string) => {
    if (line.startsWith('added ')) say(line);
    if (line.startsWith('npm error') && errors.length < FIRST_ERRORS) errors.push(line);
  };
  const { code, tail } = await runTool(npm, {
    args: ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', root],
    cwd: root,
    env: npmEnvironment(),
    lockFd,
    onLine,
    ...(signal ? { signal } : {}),
  });
  if (code !== 0) throw npmFailed(worker.name, code, errors.join('\n') || tail);
}

import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Options, ResultPromise } from 'execa';
import { onTestFinished } from 'vitest';
import { recordSchema } from '../../plugins/nx-study/src/record/schema.ts';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';

const repository = join(import.meta.dirname, '../..');
const nxProgram = join(repository, 'node_modules/nx/dist/bin/nx.js');

/** A real little Nx workspace in a temporary folder, with locks and caches of its own. */
export interface Workspace {
  root: string;
  env: Record<string, string>;
  write(file: string, content: string): Promise<void>;
  read(file: string): Promise<string>;
  /** Runs Nx to its end; `all` is what a person sees. */
  nx(args: string[], options?: Options): Promise<NxRun>;
  /** Starts Nx, for tests that disturb it. */
  startNx(args: string[], options?: Options): NxProcess;
  git(...args: string[]): Promise<string>;
  /** Records of finished measurements. */
  finished(study: string): MeasurementRecord[];
  /** Records of failed attempts, by id and attempt. */
  failed(study: string): MeasurementRecord[];
}

export type NxProcess = ResultPromise<{ all: true; reject: false }>;

export interface NxRun {
  exitCode: number | undefined;
  signal: string | undefined;
  all: string;
}

interface Content {
  /** Fixture workers to copy, from test/fixtures/workers; or folders of `workers/`. */
  workers: string[];
  /** Study name → study.yaml. */
  studies: Record<string, string>;
  /** Further files. */
  files?: Record<string, string>;
}

export async function createWorkspace({ workers, studies, files = {} }: Content): Promise<Workspace> {
  const home = await mkdtemp(join(tmpdir(), 'nx-study-e2e-'));
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const root = join(home, 'workspace');
  const workspace = open(root, home);
  await mkdir(join(root, 'workers'), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  for (const file of ['nx.json', '.gitignore'])
    await cp(join(repository, file), join(root, file));
  await workspace.write('package.json', '{ "name": "workspace", "private": true, "type": "module" }\n');
  for (const worker of workers) await copyWorker(worker, join(root, 'workers', worker));
  for (const [name, text] of Object.entries(studies)) await workspace.write(`studies/${name}/study.yaml`, text);
  for (const [file, text] of Object.entries(files)) await workspace.write(file, text);
  await workspace.git('init', '-q', '-b', 'main');
  await commit(workspace);
  return workspace;
}

/** Commits all that changed. */
export async function commit({ git }: Workspace): Promise<void> {
  await git('add', '-A');
  await git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'state', '--allow-empty');
}

async function copyWorker(name: string, target: string): Promise<void> {
  const fixture = join(repository, 'test/fixtures/workers', name);
  await cp(existsSync(fixture) ? fixture : join(repository, 'workers', name), target, { recursive: true });
}

function open(root: string, home: string): Workspace {
  const env: Record<string, string> = {
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_TUI: 'false',
    NX_STUDY_LOCK_DIR: join(home, 'lock'),
    CI: '',
  };
  const startNx = (args: string[], options: Options = {}) =>
    execa(process.execPath, [nxProgram, ...args], {
      cwd: root,
      all: true,
      reject: false,
      stdin: 'ignore',
      ...options,
      env: { ...env, ...options.env },
    }) as unknown as NxProcess;
  const records = (folders: string[]) =>
    folders.flatMap((folder) =>
      subfolders(folder).flatMap((name) => {
        const file = join(folder, name, 'record.json');
        return existsSync(file) ? [recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))] : [];
      }),
    );
  return {
    root,
    env,
    startNx,
    async write(file, content) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), content);
    },
    read: (file) => readFile(join(root, file), 'utf8'),
    async nx(args, options) {
      const { exitCode, signal, all } = await startNx(args, options);
      return { exitCode, signal, all };
    },
    git: async (...args) => (await execa('git', args, { cwd: root })).stdout,
    finished: (study) => records(subfolders(join(root, 'results', study), ['failed', 'report'])),
    failed: (study) => records(subfolders(join(root, 'results', study, 'failed'))),
  };
}

function subfolders(folder: string, except: string[] = []): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !except.includes(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

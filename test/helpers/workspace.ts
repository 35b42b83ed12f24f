import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Options, ResultPromise } from 'execa';
import { onTestFinished } from 'vitest';
import { recordSchema } from '../../plugins/nx-study/src/record/schema.ts';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { endAll } from './processes.ts';
import { problemsOf } from './schemas.ts';
import { readStarts } from './starts.ts';
import type { Start } from './starts.ts';

const repository = join(import.meta.dirname, '../..');
const terminalProgram = join(import.meta.dirname, 'terminal.py');
const commandProgram = join(import.meta.dirname, 'command.mjs');
const nxProgram = join(repository, 'node_modules/nx/dist/bin/nx.js');

/** A real little Nx workspace in a temporary folder, with locks and caches of its own. */
export interface Workspace {
  root: string;
  /** The temporary folder with the workspace and its locks: all processes of this test carry its path. */
  home: string;
  env: Record<string, string>;
  /** A PATH with `sh` and `find` alone: Nx runs them to see whether results are linked. */
  shellOnly: string;
  write(file: string, content: string): Promise<void>;
  read(file: string): Promise<string>;
  /** Runs Nx to its end; `all` is what a person sees. */
  nx(args: string[], options?: Options): Promise<NxRun>;
  /** Runs `STUDY:plan`, `STUDY:report` or `STUDY:accept` as published, but without Nx, in a third of the time; for workers that name no projects or targets. */
  command(args: string[], options?: Options): Promise<NxRun>;
  /** Starts Nx, for tests that disturb it. */
  startNx(args: string[], options?: Options): NxProcess;
  /** The same in a pseudo-terminal: what is written to its stdin are keys. */
  startNxInTerminal(args: string[], options?: Options): NxProcess;
  /** `nx run-many -t measure`, and which measurements it started. */
  measure(args?: string[], options?: Options): Promise<NxRun & { started: string[] }>;
  /** The starts of scripted workers so far. */
  starts(): Start[];
  /** What scripted workers do beyond their configuration, by label: settings of a first start, and the moment to hold. */
  script(script: Record<string, Record<string, unknown>>): void;
  /** Replaces a text that must occur in a file. */
  edit(file: string, from: string | RegExp, to: string): Promise<void>;
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
  onTestFinished(async () => {
    await endAll(home);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const root = join(home, 'workspace');
  const workspace = open(root, home);
  await mkdir(workspace.shellOnly);
  for (const program of ['/bin/sh', '/usr/bin/find'])
    await symlink(program, join(workspace.shellOnly, basename(program)));
  await mkdir(join(root, 'workers'), { recursive: true });
  await workspace.git('init', '-q', '-b', 'main');
  await linkModules(workspace);
  for (const file of ['nx.json', '.gitignore']) await cp(join(repository, file), join(root, file));
  await workspace.write('package.json', '{ "name": "workspace", "private": true, "type": "module" }\n');
  for (const worker of workers) await copyWorker(worker, join(root, 'workers', worker));
  for (const [name, text] of Object.entries(studies)) await workspace.write(`studies/${name}/study.yaml`, text);
  for (const [file, text] of Object.entries(files)) await workspace.write(file, text);
  await commit(workspace);
  return workspace;
}

/** A clone on the same host: it has the committed files, and shares the device. */
export async function cloneWorkspace(workspace: Workspace, name = 'clone'): Promise<Workspace> {
  const root = join(workspace.home, name);
  await execa('git', ['clone', '-q', workspace.root, root]);
  const clone = open(root, workspace.home);
  await linkModules(clone);
  return clone;
}

/** A folder beside the workspace that became a workspace of its own, without git. */
export async function openCopy(workspace: Workspace, name: string): Promise<Workspace> {
  const copy = open(join(workspace.home, name), workspace.home);
  await symlink(join(repository, 'node_modules'), join(copy.root, 'node_modules'));
  await copy.write('.nxignore', 'node_modules\n');
  return copy;
}

async function linkModules({ root, write }: Workspace): Promise<void> {
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  // To .gitignore a link is no folder.
  await write('.git/info/exclude', 'node_modules\n');
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
    SCRIPTED_STARTS: join(home, 'starts.log'),
    CI: '',
    TERM: 'xterm-256color',
  };
  const start = (command: string[], options: Options) =>
    execa(command[0]!, command.slice(1), {
      cwd: root,
      all: true,
      reject: false,
      ...options,
      env: { ...env, ...options.env },
    }) as unknown as NxProcess;
  const nxCommand = [process.execPath, nxProgram];
  const startNx = (args: string[], options: Options = {}) =>
    start([...nxCommand, ...args], { stdin: 'ignore', ...options });
  const records = (folders: string[], name: RegExp) =>
    folders.flatMap(subfolders).flatMap((attempt) => {
      const file = join(attempt, 'record.json');
      const isMeant = name.test(basename(attempt)) && existsSync(file);
      return isMeant ? [readRecord(file)] : [];
    });
  const starts = () => readStarts(env['SCRIPTED_STARTS']!);
  const nx = async (args: string[], options?: Options) => ended(startNx(args, options));
  return {
    root,
    home,
    env,
    shellOnly: join(home, 'shell-only'),
    startNx,
    startNxInTerminal: (args, options = {}) => start(['python3', terminalProgram, ...nxCommand, ...args], options),
    nx,
    command: (args, options = {}) => ended(start([process.execPath, commandProgram, ...args], options)),
    starts,
    script(script) {
      // Never half written: workers read it all the time.
      writeFileSync(join(home, 'script.new'), JSON.stringify(script));
      renameSync(join(home, 'script.new'), join(home, 'script.json'));
    },
    async measure(args = [], options) {
      const before = starts().length;
      const run = await nx(['run-many', '-t', 'measure', ...args], options);
      return {
        ...run,
        started: starts()
          .slice(before)
          .map(({ label }) => label),
      };
    },
    async edit(file, from, to) {
      const before = await readFile(join(root, file), 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} does not contain ${from}`);
      await writeFile(join(root, file), after);
    },
    async write(file, content) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), content);
    },
    read: (file) => readFile(join(root, file), 'utf8'),
    git: async (...args) => (await execa('git', args, { cwd: root })).stdout,
    finished: (study) => records(subfolders(join(root, 'results', study)), /^[0-9a-f]{12}$/),
    failed: (study) => records(subfolders(join(root, 'results', study, 'failed')), /^\d{3}$/),
  };
}

async function ended(process: NxProcess): Promise<NxRun> {
  const { exitCode, signal, all } = await process;
  return { exitCode, signal, all };
}

/** Absolute paths of the folders in a folder, sorted; none when there is none. */
export function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort();
}

/** A record, which has the keys of the published schema, too. */
function readRecord(file: string): MeasurementRecord {
  const raw: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const problems = problemsOf('record', raw);
  if (problems.length > 0) throw new Error(`${file} is not as the schema of records has it: ${problems.join('; ')}`);
  return recordSchema.parse(raw);
}

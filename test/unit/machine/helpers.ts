import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { readStat } from '../../../plugins/nx-study/src/machine/process.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The same for all tests of a group. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nx-study-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `programs/<name>.ts` and resolves with its first line. */
export async function startProgram(
  name: string,
  args: string[],
  env = process.env,
): Promise<{ child: ChildProcess; line: string }> {
  const program = join(import.meta.dirname, 'programs', `${name}.ts`);
  const child = spawn(process.execPath, ['--import', '@swc-node/register/esm-register', program, ...args], {
    cwd: join(import.meta.dirname, '../../..'),
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().split('\n')[0]!));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it said anything`)));
  });
  return { child, line };
}

/** Far above what a loaded machine takes, and below the minute or more that a test's processes would go on by themselves. */
export const LIMIT_MS = 30_000;

/** Resolves once the condition holds; fails the test after the limit. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not so within ${limitMs} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return readStat(pid)?.state !== 'Z';
}

export function childrenOf(parent: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter(([, its, name]) => Number(its) === parent && name !== 'ps').map(([pid]) => Number(pid));
}

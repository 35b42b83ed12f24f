import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { findProgram } from '../machine/program.ts';
import { ACCOUNT_FORMAT, endingAccounted, endingShown, LIST_FORMAT, listedJobs, UNKNOWN_ENDING } from './jobs.ts';
import type { Ending, ListedJob } from './jobs.ts';

const NEEDED = ['sbatch', 'squeue', 'scancel', 'scontrol'];

/** The first program of Slurm that is needed and not on the PATH; null where all are. */
export const missingProgram = (): string | null => NEEDED.find((name) => findProgram(name) === null) ?? null;

/**
 * Submits a script with further variables for its job, and returns the number of that.
 * @throws Error with Slurm's words where it is refused, or where its answer is no number.
 */
export async function submit(
  options: readonly string[],
  script: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = (await runProgram('sbatch', options, { input: script, variables })).trim();
  // `17`, or `17;cluster`
  const [job = ''] = answer.split(';');
  if (!/^\d+$/.test(job)) throw new Error(`sbatch names no job, but says: ${answer}`);
  return job;
}

/** The jobs of all users with one of these names, also those that ended a short while ago. @throws Error with Slurm's words. */
export async function jobsNamed(names: Iterable<string>): Promise<ListedJob[]> {
  const list = [...names].join(',');
  if (list === '') return [];
  return listedJobs(
    await runProgram('squeue', ['--noheader', '--states=all', `--name=${list}`, `--format=${LIST_FORMAT}`]),
  );
}

/** How a job ended: from the controller while it remembers, else from the accounts where there are any. */
export async function endingOf(job: string): Promise<Ending> {
  try {
    return endingShown(await runProgram('scontrol', ['--oneliner', 'show', 'job', job]));
  } catch {
    return accounted(job);
  }
}

async function accounted(job: string): Promise<Ending> {
  try {
    const options = ['--noheader', '--allocations', '--parsable2', `--jobs=${job}`, `--format=${ACCOUNT_FORMAT}`];
    return endingAccounted(await runProgram('sacct', options));
  } catch {
    return UNKNOWN_ENDING;
  }
}

/** Ends a job: what waits is gone at once, and what runs gets SIGTERM first. One that has ended already is no error. */
export const cancel = (job: string): Promise<unknown> => runProgram('scancel', [job]).catch(() => null);

/** The nodes that an expression such as `gpu[1-4]` names. @throws Error with Slurm's words. */
export const nodesIn = async (expression: string): Promise<string[]> =>
  (await runProgram('scontrol', ['show', 'hostnames', expression])).split('\n').filter(Boolean);

// A busy controller answers within seconds; Slurm's own programs give up after some tens.
const TIMEOUT_MS = 120_000;

interface RunOptions {
  input?: string;
  timeout_ms?: number;
  /** Variables beside those of this process. */
  variables?: Readonly<Record<string, string>>;
}

/** The output of one of Slurm's programs. @throws Error with its words, also where it takes too long. */
export async function runProgram(
  program: string,
  options: readonly string[],
  { input = '', timeout_ms = TIMEOUT_MS, variables = {} }: RunOptions = {},
): Promise<string> {
  // In a group of its own: Ctrl+C is for this process, which then says what becomes of the jobs.
  const child = spawn(program, options, {
    detached: true,
    timeout: timeout_ms,
    stdio: 'pipe',
    env: { ...process.env, ...variables },
  });
  // Whoever does not read its input is no failure; an exit code says more.
  child.stdin.on('error', () => {}).end(input);
  const exited = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code === 0) return output;
  throw new Error(errors.trim().replaceAll('\n', '; ') || `${program} ended with ${code ?? 'a signal'}`);
}

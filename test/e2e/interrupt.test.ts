import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { kill, parentOf, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { NxProcess, Workspace } from '../helpers/workspace.ts';

const abc = studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }]);

/** What runs while the second of three measurements is measured. */
interface Running {
  nx: NxProcess;
  /** Process ids. */
  worker: number;
  executor: number;
  coordinator: number;
}

interface Interruption {
  how: string;
  where: 'pipe' | 'terminal' | 'terminal UI';
  disturb(running: Running): void;
  exitCode: number;
  workers: Deafness[];
  /** What the next run starts. */
  next: string[];
}

const ctrlC = ({ nx }: Running): void => {
  nx.stdin.write('\u0003');
};
const signal = (name: NodeJS.Signals) => (running: Running) => kill(running.coordinator, name);

// Signals to nx and to its executor, at each moment of a measurement: in faults/.
const interruptions: Interruption[] = [
  {
    how: 'kill -9 of the worker',
    where: 'pipe',
    workers: ['partial', 'exit-1'],
    disturb: ({ worker }) => kill(worker, 'SIGKILL'),
    exitCode: 1,
    next: ['b'],
  },
  {
    how: 'kill -9 of the executor',
    where: 'pipe',
    workers: ['ignore'],
    disturb: ({ executor }) => kill(executor, 'SIGKILL'),
    exitCode: 1,
    next: ['b', 'c'],
  },
  {
    how: 'kill -9 of nx',
    where: 'pipe',
    workers: ['ignore'],
    disturb: signal('SIGKILL'),
    exitCode: 137,
    next: ['b', 'c'],
  },
  {
    how: 'SIGTERM of nx',
    where: 'pipe',
    workers: ['exit-1'],
    disturb: signal('SIGTERM'),
    exitCode: 130,
    next: ['b', 'c'],
  },
  {
    how: 'Ctrl+C in a terminal',
    where: 'terminal',
    workers: ['partial', 'exit-1', 'ignore'],
    disturb: ctrlC,
    exitCode: 130,
    next: ['b', 'c'],
  },
  {
    how: 'Ctrl+C in the terminal UI',
    where: 'terminal UI',
    workers: ['partial', 'exit-1'],
    disturb: ctrlC,
    exitCode: 130,
    next: ['b', 'c'],
  },
  {
    how: 'SIGTERM of nx with its terminal UI',
    where: 'terminal UI',
    workers: ['partial'],
    disturb: signal('SIGTERM'),
    exitCode: 143,
    next: ['b', 'c'],
  },
];

// A worker is given 3.5 s to keep what it has, and would go on for two minutes; a loaded machine takes its time.
const LIMIT_S = 30;

const WORKERS = {
  partial: 'a worker that keeps a partial result',
  'exit-1': 'a worker that turns signals into exit code 1',
  ignore: 'a worker that ignores signals',
};
type Deafness = keyof typeof WORKERS;

for (const { how, where, disturb, exitCode, next, workers } of interruptions)
  for (const on_sigterm of workers)
    test(`${WORKERS[on_sigterm]} is lost by ${how}, and no other measurement is`, async () => {
      const workspace = await createWorkspace({
        workers: ['scripted'],
        studies: { abc },
      });
      workspace.script({ b: { sleep_s: 120, on_sigterm } });
      const running = await untilSecond(workspace, where);
      await sleep(500);
      disturb(running);
      expect(exitCodeOf(await running.nx)).toBe(exitCode);
      await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, LIMIT_S);
      expect(temporaryFolders(workspace)).toEqual([]);
      const kept = workspace.finished('abc').map(({ label }) => label);
      expect(kept).toEqual(['a', 'b', 'c'].filter((label) => !next.includes(label)));

      const again = await workspace.measure();
      expect(again).toMatchObject({ exitCode: 0, started: next });
      const type = next.includes('c') ? 'interrupted' : 'crash';
      expect(again.all).toContain(`[2/3] abc b: measuring again: attempt 1 ended with "${type}"`);
      expect(again.all).not.toContain('waiting: ');
      expect(workspace.finished('abc')).toHaveLength(3);
      expect(workspace.failed('abc')).toMatchObject([{ label: 'b', failure: { type, phase: 'measuring' } }]);
    });

const inTeardown = [
  {
    how: 'kill -9 of the executor',
    flag: 'exit-not-seen',
    disturb: ({ executor }: Running) => kill(executor, 'SIGKILL'),
  },
  { how: 'SIGTERM of nx', flag: 'killed-in-teardown', disturb: signal('SIGTERM') },
  { how: 'kill -9 of nx', flag: 'killed-in-teardown', disturb: signal('SIGKILL') },
];
for (const { how, disturb, flag } of inTeardown)
  test(`a complete result is kept and flagged after ${how}`, async () => {
    const workspace = await createWorkspace({
      workers: ['scripted'],
      studies: { abc },
    });
    workspace.script({ b: { linger_s: 120 } });
    const running = await untilSecond(workspace, 'pipe');
    await waitFor('the result', () => workspace.starts().at(-1)?.sealed);
    disturb(running);
    await running.nx;
    await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, LIMIT_S);
    expect(temporaryFolders(workspace)).toEqual([]);
    expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: ['c'] });
    const record = workspace.finished('abc').find(({ label }) => label === 'b')!;
    expect(record.findings.map(({ code }) => code)).toEqual([flag]);
    expect(existsSync(join(workspace.root, 'results/abc', record.id, record.digest.slice(0, 12), 'derived.json'))).toBe(
      true,
    );
  });

/** What is left of the workers' own folders for temporary files. */
const temporaryFolders = ({ home }: Workspace) =>
  readdirSync(join(home, 'tmp')).filter((name) => name.startsWith('nx-study-'));

async function untilSecond(workspace: Workspace, where: Interruption['where']): Promise<Running> {
  const { startNx, startNxInTerminal, starts, home } = workspace;
  const args = ['run-many', '-t', 'measure'];
  const env = { NX_TUI: where === 'terminal UI' ? 'true' : 'false', TMPDIR: join(home, 'tmp') };
  mkdirSync(env.TMPDIR);
  const nx = where === 'pipe' ? startNx(args, { env }) : startNxInTerminal(args, { env });
  const { pid } = await waitFor('the second measurement', () => starts().find(({ label }) => label === 'b'));
  expect(temporaryFolders(workspace)).toHaveLength(1);
  const executor = parentOf(pid);
  return { nx, worker: pid, executor, coordinator: parentOf(executor) };
}

/** As a shell would say. */
function exitCodeOf({
  exitCode,
  signal,
}: {
  exitCode?: number | undefined;
  signal?: string | undefined;
}): number | undefined {
  const numbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return signal === undefined ? exitCode : 128 + numbers[signal]!;
}

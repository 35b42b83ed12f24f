import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { kill, parentOf, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { NxProcess, Workspace } from '../helpers/workspace.ts';

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
  /** What the next run starts. */
  next: string[];
}

const ctrlC = ({ nx }: Running) => void nx.stdin!.write('\u0003');
const signal = (name: NodeJS.Signals) => (running: Running) => kill(running.coordinator, name);

const interruptions: Interruption[] = [
  { how: 'kill -9 of the worker', where: 'pipe', disturb: ({ worker }) => kill(worker, 'SIGKILL'), exitCode: 1, next: ['b'] },
  { how: 'kill -9 of the executor', where: 'pipe', disturb: ({ executor }) => kill(executor, 'SIGKILL'), exitCode: 1, next: ['b', 'c'] },
  { how: 'kill -9 of nx', where: 'pipe', disturb: signal('SIGKILL'), exitCode: 137, next: ['b', 'c'] },
  { how: 'SIGTERM of nx', where: 'pipe', disturb: signal('SIGTERM'), exitCode: 130, next: ['b', 'c'] },
  { how: 'SIGHUP of nx', where: 'pipe', disturb: signal('SIGHUP'), exitCode: 130, next: ['b', 'c'] },
  { how: 'Ctrl+C', where: 'terminal', disturb: ctrlC, exitCode: 130, next: ['b', 'c'] },
  { how: 'Ctrl+C', where: 'terminal UI', disturb: ctrlC, exitCode: 130, next: ['b', 'c'] },
  { how: 'SIGTERM of nx', where: 'terminal UI', disturb: signal('SIGTERM'), exitCode: 143, next: ['b', 'c'] },
];

const workers = [
  { kind: 'a worker that keeps a partial result', on_sigterm: 'partial' },
  { kind: 'a worker that turns signals into exit code 1', on_sigterm: 'exit-1' },
];

describe.each(workers)('with $kind', ({ on_sigterm }) => {
  test.each(interruptions)('$how in a $where loses the running measurement only', async (interruption) => {
    const workspace = await createWorkspace({
      workers: ['scripted'],
      studies: { abc: studyOf([{ label: 'a' }, { label: 'b', sleep_s: 120, first_only: true, on_sigterm }, { label: 'c' }]) },
    });
    const running = await untilSecond(workspace, interruption.where);
    interruption.disturb(running);
    expect(exitCodeOf(await running.nx)).toBe(interruption.exitCode);
    await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, 3);
    const kept = workspace.finished('abc').map(({ label }) => label);
    expect(kept).toEqual(['a', 'b', 'c'].filter((label) => !interruption.next.includes(label)));

    const next = await workspace.measure();
    expect(next).toMatchObject({ exitCode: 0, started: interruption.next });
    expect(next.all).not.toContain('waiting for the device');
    expect(next.all).toMatch(/abc b: measuring again: attempt 1 ended with "(interrupted|crash)"/);
    expect(workspace.finished('abc')).toHaveLength(3);
  });
});

async function untilSecond({ startNx, startNxInTerminal, starts }: Workspace, where: Interruption['where']): Promise<Running> {
  const args = ['run-many', '-t', 'measure'];
  const env = { NX_TUI: where === 'terminal UI' ? 'true' : 'false' };
  const nx = where === 'pipe' ? startNx(args) : startNxInTerminal(args, { env });
  const { pid } = await waitFor('the second measurement', () => starts().find(({ label }) => label === 'b'));
  await sleep(500);
  const executor = parentOf(pid);
  return { nx, worker: pid, executor, coordinator: parentOf(executor) };
}

/** As a shell would say. */
function exitCodeOf({ exitCode, signal }: { exitCode?: number | undefined; signal?: string | undefined }): number | undefined {
  const numbers: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return signal === undefined ? exitCode : 128 + numbers[signal]!;
}

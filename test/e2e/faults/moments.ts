import { join } from 'node:path';
import { expect, test } from 'vitest';
import { holderLabel } from '../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock } from '../../../plugins/nx-study/src/machine/lock.ts';
import { kill, parentOf, processesOf } from '../../helpers/processes.ts';
import { waitFor, waitUntilSaid } from '../../helpers/starts.ts';
import { studyOf } from '../../helpers/studies.ts';
import { createWorkspace } from '../../helpers/workspace.ts';
import type { NxProcess, Workspace } from '../../helpers/workspace.ts';
import { tableOf } from './table.ts';

/** A run of Nx that has come to a moment. */
interface Reached {
  nx: NxProcess;
  /** Process id of the plugin's executor. */
  supervisor: number;
  /** What was stopped for the moment goes on, after the signal was sent. */
  proceed?(): void;
  /** What kept it from going on lets go, after its end. */
  release?(): void;
}

interface Moment {
  when: string;
  gap_s?: number;
  reach(workspace: Workspace): Promise<Reached>;
  /** Labels of what counts afterwards. */
  kept: string[];
  /** What the record of the one that was disturbed says; null where it had not started, or counts. */
  interruptedIn: string | null;
  /** What the next run says of it. */
  says?: string;
}

const MEASURE = ['run-many', '-t', 'measure', '--outputStyle=stream'];

const moments: Moment[] = [
  {
    when: 'before the first start',
    async reach(workspace) {
      const label = await holderLabel({ study: 'other', measurement: 'other', workspace: '/elsewhere' });
      const lock = await acquireLock(join(workspace.env['NX_STUDY_LOCK_DIR']!, 'device.lock'), { label });
      const { nx, supervisor } = await untilSaid(workspace, 'waiting: other · other holds the device');
      return { nx, supervisor, release: lock.release };
    },
    kept: [],
    interruptedIn: null,
  },
  {
    when: 'in the cool-down',
    gap_s: 600,
    reach: (workspace) => untilSaid(workspace, 'abc b: cooling down for'),
    kept: ['a'],
    interruptedIn: null,
  },
  ...(['loading', 'measuring'] as const).map((phase) => ({
    when: `while ${phase}`,
    reach: (workspace: Workspace) => untilHeld(workspace, phase),
    kept: ['a'],
    interruptedIn: phase,
    says: '[2/3] abc b: measuring again: attempt 1 ended with "interrupted"',
  })),
  {
    when: 'between result and promotion',
    async reach(workspace) {
      const { nx, supervisor } = await untilHeld(workspace, 'teardown');
      await waitFor('the result', () => workspace.starts().at(-1)!.sealed);
      kill(supervisor, 'SIGSTOP');
      // Nx passes its signal on when it likes: the next one must not be over by then.
      workspace.script({ c: { hold: 'loading' } });
      await waitFor('the end of the worker', () => workspace.starts().at(-1)!.end);
      return { nx, supervisor, proceed: () => kill(supervisor, 'SIGCONT') };
    },
    kept: ['a', 'b'],
    interruptedIn: null,
  },
  {
    when: "between promotion and Nx's cache",
    async reach(workspace) {
      workspace.script({ b: { hold: 'deriving' } });
      const nx = workspace.startNx(MEASURE);
      await waitFor('b', () => workspace.finished('abc').some(({ label }) => label === 'b'));
      await waitFor('its deriving', () =>
        processesOf(workspace.home).some(({ command }) => /derive\.mjs .*\/b-/.test(command)),
      );
      return { nx, supervisor: supervisorOf(workspace, nx) };
    },
    kept: ['a', 'b'],
    interruptedIn: null,
    says: 'abc b: diagnostics derived again, nothing measured',
  },
];

const NAMES = { nx: 'nx', supervisor: 'the supervisor' };
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const;

/** A signal to Nx, or to its executor, at each moment: nothing runs on, nothing is lost, and the next run completes the table. */
export function disturbAll(target: keyof typeof NAMES): void {
  let undisturbed: string[];

  test('nothing disturbs it', async () => {
    const workspace = await create(0);
    expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: ['a', 'b', 'c'] });
    undisturbed = await tableOf(workspace, 'abc');
    expect(undisturbed).toHaveLength(3);
  });

  for (const moment of moments)
    for (const signal of SIGNALS)
      test(`${signal} of ${NAMES[target]} ${moment.when}`, async () => {
        const workspace = await create(moment.gap_s ?? 0);
        const { nx, supervisor, proceed, release } = await moment.reach(workspace);
        kill(target === 'nx' ? nx.pid! : supervisor, signal);
        proceed?.();
        expect((await nx).exitCode).not.toBe(0);
        release?.();
        await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, 10);

        workspace.script({});
        if (moment.gap_s) await workspace.edit('studies/abc/study.yaml', `min_s: ${moment.gap_s}`, 'min_s: 0');
        const again = await workspace.measure();
        const next = ['a', 'b', 'c'].filter((label) => !moment.kept.includes(label));
        const all = expect.stringContaining(moment.says ?? '') as unknown;
        expect(again).toEqual({ exitCode: 0, signal: undefined, started: next, all });
        const failures = workspace.failed('abc').map(({ label, failure }) => ({ label, ...failure }));
        expect(failures.every(({ type }) => type === 'interrupted')).toBe(true);
        const ofB = failures.flatMap(({ label, phase }) => (label === 'b' ? [phase] : []));
        expect(ofB).toEqual(moment.interruptedIn === null ? [] : [moment.interruptedIn]);
        expect(await tableOf(workspace, 'abc')).toEqual(undisturbed);
        expect(processesOf(workspace.home)).toEqual([]);
      });
}

const create = (gap_s: number) =>
  createWorkspace({
    workers: ['scripted'],
    studies: {
      abc: studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }], `execution: {gap: {min_s: ${gap_s}}}\n`),
    },
  });

async function untilSaid(workspace: Workspace, text: string): Promise<Reached> {
  const nx = workspace.startNx(MEASURE);
  await waitUntilSaid(nx, text);
  return { nx, supervisor: supervisorOf(workspace, nx) };
}

async function untilHeld(workspace: Workspace, hold: string): Promise<Reached> {
  workspace.script({ b: { hold } });
  const nx = workspace.startNx(MEASURE);
  const { pid } = await waitFor('b', () => workspace.starts().find(({ label }) => label === 'b'));
  return { nx, supervisor: parentOf(pid) };
}

function supervisorOf({ home }: Workspace, nx: NxProcess): number {
  const titled = processesOf(home).filter(({ command }) => command.startsWith('nx-study: '));
  return titled.find(({ pid }) => parentOf(pid) === nx.pid)!.pid;
}

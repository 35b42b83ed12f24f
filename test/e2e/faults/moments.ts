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
  /** Comes to the moment in the measurement with this label. */
  reach(workspace: Workspace, label: string): Promise<Reached>;
  /** What counts afterwards: nothing, those before the disturbed one, or that one, too. */
  kept: 'none' | 'before' | 'disturbed';
  /** What the record of the one that was disturbed says; null where it had not started, or counts. */
  interruptedIn: string | null;
  /** What the next run says of it; `n` is the number of disturbances so far. */
  says?(label: string, n: number): string;
}

const LABELS = ['a', 'b', 'c', 'd', 'e', 'f'];
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
    kept: 'none',
    interruptedIn: null,
  },
  {
    when: 'in the cool-down',
    gap_s: 600,
    reach: (workspace, label) => untilSaid(workspace, `abc ${label}: cooling down for`),
    kept: 'before',
    interruptedIn: null,
  },
  ...(['loading', 'measuring'] as const).map((phase): Moment => ({
    when: `while ${phase}`,
    reach: (workspace, label) => untilHeld(workspace, label, phase),
    kept: 'before',
    interruptedIn: phase,
    says: (label, n) => `[2/6] abc ${label}: measuring again: attempt ${n} ended with "interrupted"`,
  })),
  {
    when: 'between result and promotion',
    async reach(workspace, label) {
      const { nx, supervisor } = await untilHeld(workspace, label, 'teardown');
      await waitFor('the result', () => workspace.starts().at(-1)!.sealed);
      kill(supervisor, 'SIGSTOP');
      // Nx passes its signal on when it likes: the next one must not be over by then.
      workspace.script({ [after(label)]: { hold: 'loading' } });
      await waitFor('the end of the worker', () => workspace.starts().at(-1)!.end);
      return { nx, supervisor, proceed: () => kill(supervisor, 'SIGCONT') };
    },
    kept: 'disturbed',
    interruptedIn: null,
  },
  {
    when: "between promotion and Nx's cache",
    async reach(workspace, label) {
      workspace.script({ [label]: { hold: 'deriving' } });
      const nx = workspace.startNx(MEASURE);
      await waitFor(label, () => workspace.finished('abc').some((record) => record.label === label));
      await waitFor('its deriving', () =>
        processesOf(workspace.home).some(
          ({ command }) => command.includes('derive.mjs') && command.includes(`/${label}-`),
        ),
      );
      return { nx, supervisor: supervisorOf(workspace, nx) };
    },
    kept: 'disturbed',
    interruptedIn: null,
    says: (label) => `abc ${label}: diagnostics derived again, nothing measured`,
  },
];

const after = (label: string): string => LABELS[LABELS.indexOf(label) + 1]!;

const NAMES = { nx: 'nx', supervisor: 'the supervisor' };
type Target = keyof typeof NAMES;
type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGKILL';
const CAUGHT: Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** At each moment SIGKILL and one that can be caught, of which every target gets each at two moments. */
export const SOME: Record<Target, (moment: number) => Signal[]> = {
  nx: (moment) => [CAUGHT[moment % 3]!, 'SIGKILL'],
  supervisor: (moment) => [CAUGHT[(moment + 1) % 3]!, 'SIGKILL'],
};
/** All of them at each moment: five starts of Nx each. */
export const EVERY = (): Signal[] => [...CAUGHT, 'SIGKILL'];

/** Signals, one after another, to Nx or to its executor at each moment: nothing runs on, nothing is lost, and the last run completes the table. */
export function disturbAll(target: Target, signalsAt: (moment: number) => Signal[]): void {
  let undisturbed: string[];

  test('nothing disturbs it', async () => {
    const workspace = await create(0);
    expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: LABELS });
    undisturbed = await tableOf(workspace, 'abc');
    expect(undisturbed).toHaveLength(LABELS.length);
  });

  for (const [number, moment] of moments.entries()) {
    const signals = signalsAt(number);
    test(`${signals.join(', ')} of ${NAMES[target]} ${moment.when}`, async () => {
      const workspace = await create(moment.gap_s ?? 0);
      let [label, told] = ['b', ''];
      for (const [index, signal] of signals.entries()) {
        const { all, started } = await disturb(workspace, { moment, label, target, signal });
        expect(all).toContain(told);
        const first = index === 0 ? keptBefore(moment, label) : [];
        expect([signal, ...started]).toEqual([signal, ...first, ...startsOf(moment, label)]);
        told = moment.says?.(label, index + 1) ?? '';
        if (moment.kept === 'disturbed') label = after(label);
      }

      workspace.script({});
      if (moment.gap_s) await workspace.edit('studies/abc/study.yaml', `min_s: ${moment.gap_s}`, 'min_s: 0');
      const again = await workspace.measure();
      const next = moment.kept === 'none' ? LABELS : LABELS.slice(LABELS.indexOf(label));
      const all = expect.stringContaining(told) as unknown;
      expect(again).toEqual({ exitCode: 0, signal: undefined, started: next, all });
      const failures = workspace.failed('abc').map((record) => ({ label: record.label, ...record.failure! }));
      expect(failures.every(({ type }) => type === 'interrupted')).toBe(true);
      const ofB = failures.flatMap((failure) => (failure.label === 'b' ? [failure.phase] : []));
      expect(ofB).toEqual(moment.interruptedIn === null ? [] : signals.map(() => moment.interruptedIn));
      expect(await tableOf(workspace, 'abc')).toEqual(undisturbed);
      expect(processesOf(workspace.home)).toEqual([]);
    });
  }
}

const keptBefore = ({ kept }: Moment, label: string): string[] =>
  kept === 'none' ? [] : LABELS.slice(0, LABELS.indexOf(label));

const startsOf = ({ kept, interruptedIn }: Moment, label: string): string[] =>
  kept === 'disturbed' || interruptedIn !== null ? [label] : [];

interface Disturbance {
  moment: Moment;
  label: string;
  target: Target;
  signal: Signal;
}

/** What Nx said, and the measurements that it started; where the disturbed one counts, without the next one, which may have begun. */
async function disturb(workspace: Workspace, { moment, label, target, signal }: Disturbance) {
  const before = workspace.starts().length;
  const { nx, supervisor, proceed, release } = await moment.reach(workspace, label);
  kill(target === 'nx' ? nx.pid! : supervisor, signal);
  proceed?.();
  const { exitCode, all } = await nx;
  expect([signal, exitCode]).not.toEqual([signal, 0]);
  release?.();
  await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, 10);
  const labels = workspace
    .starts()
    .slice(before)
    .map((start) => start.label);
  const started = moment.kept === 'disturbed' ? labels.filter((one) => one !== after(label)) : labels;
  return { all, started };
}

const create = (gap_s: number) =>
  createWorkspace({
    workers: ['scripted'],
    studies: {
      abc: studyOf(
        LABELS.map((label) => ({ label })),
        `execution: {gap: {min_s: ${gap_s}}}\n`,
      ),
    },
  });

async function untilSaid(workspace: Workspace, text: string): Promise<Reached> {
  const nx = workspace.startNx(MEASURE);
  await waitUntilSaid(nx, text);
  return { nx, supervisor: supervisorOf(workspace, nx) };
}

async function untilHeld(workspace: Workspace, label: string, hold: string): Promise<Reached> {
  const before = workspace.starts().length;
  workspace.script({ [label]: { hold } });
  const nx = workspace.startNx(MEASURE);
  const { pid } = await waitFor(label, () =>
    workspace
      .starts()
      .slice(before)
      .find((start) => start.label === label),
  );
  return { nx, supervisor: parentOf(pid) };
}

function supervisorOf({ home }: Workspace, nx: NxProcess): number {
  const titled = processesOf(home).filter(({ command }) => command.startsWith('nx-study: '));
  return titled.find(({ pid }) => parentOf(pid) === nx.pid)!.pid;
}

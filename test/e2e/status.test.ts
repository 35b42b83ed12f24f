import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statusSchema } from '../../plugins/nx-study/src/commands/status/schema.ts';
import type { Status } from '../../plugins/nx-study/src/commands/status/schema.ts';
import { kill, parentOf, processesOf } from '../helpers/processes.ts';
import { waitFor } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';
import { screenAfter } from '../unit/commands/status/terminal.ts';

const create = (study: string) => createWorkspace({ workers: ['scripted'], studies: { abc: study } });
const abc = studyOf([{ label: 'a' }, { label: 'b' }, { label: 'c' }]);
const longB = { b: { sleep_s: 600 } };

async function statusOf({ nx }: Workspace): Promise<Status> {
  const { exitCode, all } = await nx(['run', 'abc:status', '--json']);
  expect(exitCode).toBe(0);
  return statusSchema.parse(JSON.parse(all.slice(all.indexOf('\n{'), all.lastIndexOf('\n}') + 2)));
}

const startOf = ({ starts }: Workspace, label: string) =>
  waitFor(`the start of ${label}`, () => starts().find((start) => start.label === label));

test('another terminal sees what runs, and after kill -9 of nx that nothing does', async () => {
  const workspace = await create(abc);
  workspace.script(longB);
  expect(await statusOf(workspace)).toMatchObject({
    activity: 'idle',
    counts: { pending: 3 },
    left: { measurements: 3 },
  });

  const nx = workspace.startNx(['run-many', '-t', 'measure']);
  const worker = await startOf(workspace, 'b');
  const supervisor = parentOf(worker.pid);
  const running = await statusOf(workspace);
  expect(running).toMatchObject({
    activity: 'measuring',
    counts: { measured: 1, running: 1, pending: 1 },
    running: { label: 'b', position: 2, phase: 'measuring', progress: { total: 600, unit: 's' }, attempt: 1 },
    supervisors: [{ pid: supervisor, state: 'alive' }],
    remarks: [],
  });
  expect(running.running!.rate_per_s).toBeGreaterThan(0);
  expect(processesOf(workspace.home).map(({ command }) => command)).toContain('nx-study: abc b (supervisor)');
  const { all } = await workspace.nx(['run', 'abc:status', '--width=80']);
  expect(all).toContain('abc: 1 of 3 measured, 1 running, 1 pending');
  expect(all).toMatch(/running +b \(number 2 of the plan\)/);

  kill(nx.pid!, 'SIGKILL');
  await nx;
  await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, 10);
  expect(await statusOf(workspace)).toMatchObject({
    activity: 'interrupted',
    running: null,
    counts: { measured: 1, running: 0, interrupted: 1, pending: 1 },
  });

  await workspace.measure();
  expect(await statusOf(workspace)).toMatchObject({
    activity: 'idle',
    counts: { measured: 3 },
    left: { measurements: 0 },
    failures: [{ label: 'b', type: 'interrupted' }],
  });
});

test('kill -9 of the executor is told apart from a measurement that runs', async () => {
  const workspace = await create(abc);
  workspace.script(longB);
  const nx = workspace.startNx(['run-many', '-t', 'measure']);
  const worker = await startOf(workspace, 'b');
  kill(parentOf(worker.pid), 'SIGKILL');
  await nx;
  const status = await statusOf(workspace);
  expect(status).toMatchObject({ activity: 'interrupted', running: null, counts: { running: 0, interrupted: 1 } });
  expect(status.activity_detail).toMatch(/^its supervisor \(pid \d+\) is gone$/);
});

test('the gap before a measurement is told with its end', async () => {
  const workspace = await create(studyOf([{ label: 'a' }, { label: 'b' }], 'execution: {gap: {min_s: 600}}\n'));
  const nx = workspace.startNx(['run-many', '-t', 'measure']);
  await waitFor('the pause', () => journalOf(workspace).includes('"event":"cooling"'));
  const { activity, cooling } = await statusOf(workspace);
  expect(activity).toBe('cooling');
  expect(cooling).toMatchObject({ label: 'b', reading: null });
  expect(cooling!.left_s).toBeGreaterThan(400);
  kill(nx.pid!, 'SIGTERM');
  await nx;
  expect(await statusOf(workspace)).toMatchObject({ activity: 'interrupted', cooling: null, counts: { pending: 1 } });
});

const journalOf = ({ root }: Workspace): string => {
  try {
    return readFileSync(join(root, 'results/abc/journal.jsonl'), 'utf8');
  } catch {
    return '';
  }
};

test('--watch draws in place in a terminal of 80 columns, appends lines to a pipe, and ends when nothing runs', async () => {
  const workspace = await create(abc);
  workspace.script({ b: { hold: 'measuring' } });
  const measuring = workspace.startNx(['run-many', '-t', 'measure']);
  await startOf(workspace, 'b');
  const args = ['run', 'abc:status', '--watch'];
  const seen = { terminal: '', pipe: '' };
  const watch = {
    terminal: workspace.startNxInTerminal(args, { env: { TERMINAL_COLUMNS: '80', NX_TUI: '' } }),
    pipe: workspace.startNx(args),
  };
  for (const name of ['terminal', 'pipe'] as const) watch[name].all.on('data', (data: Buffer) => (seen[name] += data));
  await waitFor('both', () => seen.terminal.includes('b (number 2 of the plan)') && seen.pipe.includes('1 running'));
  workspace.script({});
  const [terminal, pipe] = await Promise.all([watch.terminal, watch.pipe]);
  expect([terminal.exitCode, pipe.exitCode, (await measuring).exitCode]).toEqual([0, 0, 0]);

  const drawn = terminal.all.slice(terminal.all.indexOf(HIDE), terminal.all.lastIndexOf(SHOW) + SHOW.length);
  const screen = screenAfter(drawn, 40, 80);
  expect(screen.lines.slice(0, 5)).toEqual([
    'abc: 3 of 3 measured',
    expect.stringMatching(/^100 % +█+$/),
    '',
    'now        Nothing runs, and nothing is left to do.',
    '',
  ]);
  expect(screen).toMatchObject({ scrolledOut: [], isCursorShown: true });

  expect(pipe.all).not.toContain(HIDE);
  const lines = pipe.all.split('\n').filter((line) => /^\d\d:\d\d abc: /.test(line));
  expect(lines[0]).toContain('1 of 3 measured, 1 running, 1 pending; b ');
  expect(lines.at(-1)).toContain('3 of 3 measured; nothing runs');
  expect(pipe.all).toContain('Nothing runs, and nothing is left to do.');
});

const HIDE = '\u001B[?25l';
const SHOW = '\u001B[?25h';

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { kill, processesOf } from '../helpers/processes.ts';
import { waitFor, waitUntilSaid } from '../helpers/starts.ts';
import { studyOf } from '../helpers/studies.ts';
import { createWorkspace } from '../helpers/workspace.ts';

// This machine has a sensor, or none: what is tried here ends by its longest time in either case.
const gapOf = (max_s: number) =>
  `execution: {gap: {min_s: 0, max_s: ${max_s}, until: {temperature_rise_c: 0}}, neighbours: {cpu_cores: 1.0e-9}}\n`;

test('a machine that does not recover: a visible wait, the reading, and a finding with the next measurement', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: {
      ab: studyOf(
        [
          { label: 'a', sleep_s: 0 },
          { label: 'b', sleep_s: 0 },
        ],
        gapOf(5),
      ),
    },
  });
  const { exitCode, all } = await workspace.measure();
  expect(exitCode).toBe(0);
  expect(all).toMatch(/ab b: cooling down, [45] s at most/);
  const record = workspace.finished('ab').find(({ label }) => label === 'b')!;
  expect(record.cool_down).toMatchObject({ ended_by: 'max', reason: expect.stringMatching(/^by /) });
  expect(record.cool_down.waited_s).toBeGreaterThanOrEqual(5);
  expect(record.cool_down.readings.length).toBeGreaterThan(0);
  expect(record.findings.map(({ code }) => code)).toContain('cool-down-ended-by-max');
  expect(all).toContain('cool-down-ended-by-max');
  expect(record.watch).toMatchObject({ samples: expect.any(Number), missing: expect.any(Object) });
  // Nothing is waited for where nothing is measured.
  const again = await workspace.measure();
  expect(again.all).not.toContain('cooling down');
});

test('a stop ends a wait for recovery at once', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { ab: studyOf([{ label: 'a' }, { label: 'b' }], gapOf(600)) },
  });
  const nx = workspace.startNx(['run-many', '-t', 'measure', '--outputStyle=stream']);
  await waitUntilSaid(nx, 'ab b: cooling down');
  kill(nx.pid!, 'SIGTERM');
  await nx;
  await waitFor('the end of all processes', () => processesOf(workspace.home).length === 0, 3);
  expect(workspace.starts().map(({ label }) => label)).toEqual(['a']);
  expect(workspace.failed('ab')).toEqual([]);
});

const LOOP = 'const end = Date.now() + 120_000; while (Date.now() < end);';

test.runIf(process.platform === 'linux')(
  'beside a neighbour, a measurement fails where its study says so',
  async () => {
    const { stdout } = await promisify(execFile)('setsid', [
      'sh',
      '-c',
      `"${process.execPath}" -e '${LOOP}' >/dev/null 2>&1 & echo $!`,
    ]);
    onTestFinished(() => kill(Number(stdout), 'SIGKILL'));
    const workspace = await createWorkspace({
      workers: ['scripted'],
      studies: {
        alone: studyOf(
          [{ label: 'a', sleep_s: 60 }],
          'execution: {neighbours: {cpu_cores: 0.05, action: fail}, timeout_s: 50}\n',
        ),
      },
    });
    const { exitCode, all } = await workspace.measure();
    expect(exitCode).toBe(1);
    const [record] = workspace.failed('alone');
    expect(record!.failure).toMatchObject({
      type: 'neighbour',
      message: expect.stringContaining('more than 0.05 CPU'),
    });
    expect(record!.watch!.names.map(({ pid }) => pid)).toContain(Number(stdout));
    expect(all).toContain('neighbour: others used');
  },
);

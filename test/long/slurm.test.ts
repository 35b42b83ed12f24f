import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kill, parentOf, processesOf } from '../helpers/processes.ts';
import { slurmOfFile } from '../helpers/slurm-of-file.ts';
import { waitFor } from '../helpers/starts.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';
import { parseCsv } from '../unit/tables/csv.ts';

const slurmFor = slurmOfFile(3);

const all = ['run-many', '-t', 'measure'];
const study = `worker: scripted
platform: any
base: {sleep_s: 0.5}
sweep: {value: [1, 2, 3, 4, 5, 6, 7, 8]}
repeat: {times: 3}
execution: {lanes: 3, slurm: {pack: 3}}
`;
const bySlurm = { env: { NX_STUDY_EXECUTION: 'runner: slurm' } };

// What is the same wherever and whenever it is measured.
const COLUMNS = /^(study|id|experiment|label|repetition|seed|take|state|outcome|verdict|digest|value|.*_count)$/;

async function tableOf(workspace: Workspace): Promise<Record<string, string>[]> {
  expect((await workspace.command(['letters:report'])).exitCode).toBe(0);
  const rows = parseCsv(await workspace.read('results/letters/report/measurements.csv'));
  const kept = Object.keys(rows[0]!).filter((name) => COLUMNS.test(name));
  expect(kept).toEqual(expect.arrayContaining(['id', 'digest', 'state', 'measured_count']));
  expect(rows.map((row) => row['measured_count'])).not.toContain('');
  return rows
    .map((row) => Object.fromEntries(kept.map((name) => [name, row[name]!])))
    .toSorted((a, b) => (a['id']! < b['id']! ? -1 : 1));
}

test('24 measurements in 3 lanes, of which nx is killed and then a node is lost, give the table of one machine', async (context) => {
  const slurm = slurmFor(context);
  const cluster = await createWorkspace({ workers: ['scripted'], studies: { letters: study } });
  Object.assign(cluster.env, slurm.env);
  const measured = (count: number) =>
    waitFor(`${count} measurements`, () => cluster.finished('letters').length >= count, 300);

  const first = cluster.startNx(all, bySlurm);
  await measured(4);
  const executors = processesOf(cluster.home).filter(({ pid }) => parentOf(pid) === first.pid);
  for (const pid of [...executors.map((one) => one.pid), first.pid!]) kill(pid, 'SIGKILL');
  await first;

  const second = cluster.startNx(all, bySlurm);
  await measured(10);
  const running = slurm.run('squeue', '-h', '-t', 'RUNNING', '-o', '%N').split('\n').find(Boolean)!;
  slurm.loseNode(running);
  const { exitCode } = await second;
  await slurm.bringBack(running);
  const lost = cluster.failed('letters');
  expect(lost.length).toBeLessThanOrEqual(1);
  for (const { failure } of lost)
    expect(failure).toMatchObject({ type: 'interrupted', message: expect.stringContaining('NODE_FAIL') });
  expect(exitCode).toBe(lost.length === 0 ? 0 : 1);
  expect(await cluster.nx(all, bySlurm)).toMatchObject({ exitCode: 0 });

  // None is measured twice, but for what was lost with its node.
  expect(cluster.starts()).toHaveLength(24 + lost.length);
  expect(new Set(cluster.finished('letters').map(({ supervisor }) => supervisor.host)).size).toBe(3);
  const table = await tableOf(cluster);
  expect(table).toHaveLength(24);
  // The same workspace measures once more, by itself.
  await rename(join(cluster.root, 'results'), join(cluster.home, 'results-of-jobs'));
  expect(await cluster.measure(['--skip-nx-cache'])).toMatchObject({ exitCode: 0, started: { length: 24 } });
  expect(await tableOf(cluster)).toEqual(table);
});

test('a job that reaches its time limit is a timeout with the words of Slurm', async (context) => {
  const slurm = slurmFor(context);
  const workspace = await createWorkspace({
    workers: ['scripted'],
    // Slurm counts whole minutes.
    studies: {
      letters: 'worker: scripted\nplatform: any\nsweep: {value: [1]}\nexecution: {runner: slurm, slurm: {time: "1"}}\n',
    },
  });
  Object.assign(workspace.env, slurm.env);
  workspace.script({ 'value-1': { hold: 'measuring' } });
  const { exitCode } = await workspace.nx(all);
  expect(exitCode).toBe(1);
  expect(workspace.failed('letters').map(({ failure }) => failure)).toMatchObject([
    { type: 'timeout', message: expect.stringMatching(/^job \d+ ended on n\d with TIMEOUT/) },
  ]);
});

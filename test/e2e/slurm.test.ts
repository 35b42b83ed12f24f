import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { isRunning, kill, parentOf, processesOf } from '../helpers/processes.ts';
import { slurmOfFile } from '../helpers/slurm-of-file.ts';
import type { Slurm } from '../helpers/slurm.ts';
import { waitFor, waitUntilSaid } from '../helpers/starts.ts';
import type { Start } from '../helpers/starts.ts';
import type { Status } from '../../plugins/nx-study/src/commands/status/schema.ts';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const slurmFor = slurmOfFile(3);

async function clusterOf(context: TestContext, study: string): Promise<{ workspace: Workspace; slurm: Slurm }> {
  const slurm = slurmFor(context);
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: study } });
  Object.assign(workspace.env, slurm.env);
  return { workspace, slurm };
}

const all = ['run-many', '-t', 'measure'];
const jobs = (slurm: Slurm) => slurm.run('squeue', '-h', '-o', '%i').split('\n').filter(Boolean);
const measuring = ({ starts }: Workspace, ...labels: string[]) =>
  waitFor(`${labels.join(' and ')} to start`, () => labels.every((one) => starts().some(({ label }) => label === one)));
const overlap = (one: Start, other: Start) =>
  one !== other && one.begin < (other.end ?? 0) && other.begin < (one.end ?? 0);

test('jobs measure in lanes; who goes on after a kill, or meanwhile, measures nothing twice', async (context) => {
  const { workspace, slurm } = await clusterOf(
    context,
    `worker: scripted
platform: any
sweep: {value: [1, 2]}
repeat: {times: 3}
execution: {runner: slurm, lanes: 3}
`,
  );
  expect((await workspace.command(['letters:plan'])).all).toContain(
    'runner: slurm (study.yaml), a job for each measurement: a whole node',
  );
  workspace.script({ 'value-1-r2': { hold: 'measuring' } });
  const first = workspace.startNx(all);
  await measuring(workspace, 'value-1-r2', 'value-2', 'value-2-r3');
  const shown = (await workspace.command(['letters:status', '--json'])).all;
  const { jobs: seen } = JSON.parse(shown.slice(shown.indexOf('{'))) as Status;
  const held = seen.find(({ measurements }) => measurements[0]!.label === 'value-1')!;
  expect(held).toMatchObject({
    stands: 'running',
    state: 'RUNNING',
    node: expect.stringMatching(/^n[123]$/) as string,
  });
  const second = workspace.startNx(all);
  await waitUntilSaid(second, 'of an earlier or another run measures it');
  // Both processes: what is left of a run would cancel its jobs.
  const executors = processesOf(workspace.home).filter(({ pid }) => parentOf(pid) === first.pid);
  for (const pid of [...executors.map((one) => one.pid), first.pid!]) kill(pid, 'SIGKILL');
  await first;
  expect(jobs(slurm)).toHaveLength(1);
  workspace.script({});
  const { exitCode, all: said } = await second;
  expect(exitCode).toBe(0);
  expect(said).toMatch(/value-1, repetition 2: measured in .* \[job \d+ on n[123]\]/);

  const records = workspace.finished('letters');
  expect(records).toHaveLength(6);
  expect(workspace.starts()).toHaveLength(6);
  expect(workspace.failed('letters').map(({ failure }) => failure)).toEqual([]);
  // A lane for each repetition, and a node for each lane.
  const nodes = [1, 2, 3].map((repetition) => [
    ...new Set(records.filter((one) => one.repetition === repetition).map(({ supervisor }) => supervisor.host)),
  ]);
  expect(nodes.flat().toSorted()).toEqual(['n1', 'n2', 'n3']);
  expect(new Set(records.map(({ supervisor }) => supervisor.job)).size).toBe(6);
  // The place of a device on its node is no part of what is measured.
  for (const { supervisor, identity } of records) {
    expect(supervisor.devices).toMatchObject({ CUDA_VISIBLE_DEVICES: '0' });
    expect(identity.env).toMatchObject({ CUDA_VISIBLE_DEVICES: null });
  }
  const starts = workspace.starts();
  expect(starts.some((one) => starts.some((other) => overlap(one, other)))).toBe(true);
  // Only diagnostics are left to derive, and jobs do that.
  await workspace.edit('workers/scripted/derive.mjs', '2 * measured', '3 * measured');
  const derived = await workspace.measure();
  expect(derived).toMatchObject({ exitCode: 0, started: [] });
  expect(derived.all.match(/job \d+ submitted/g)).toHaveLength(6);
  expect((await workspace.command(['letters:report'])).all).toContain('6 measured');
});

test('a job that is ended is an interrupted attempt, by a stop, from outside and without a warning; lost nodes are left', async (context) => {
  const { workspace, slurm } = await clusterOf(
    context,
    'worker: scripted\nplatform: any\nsweep: {value: [7]}\nrepeat: {times: 2}\n',
  );
  const { failed, finished, starts } = workspace;
  // For these runs alone: it is no setting of the study.
  const bySlurm = { env: { NX_STUDY_EXECUTION: '{runner: slurm, slurm: {partition: all, extra: [--nice=1]}}' } };
  const one = [...all, '-p', 'tag:letters:repetition-1'];
  const begun = async (number: number) => {
    const nx = workspace.startNx(one, bySlurm);
    await waitFor('the worker', () => starts().length === number);
    return { nx, job: jobs(slurm)[0]! };
  };
  const label = 'value-7';
  workspace.script({ [label]: { hold: 'measuring' } });

  const stopped = await begun(1);
  kill(stopped.nx.pid!, 'SIGTERM');
  expect((await stopped.nx).exitCode).not.toBe(0);
  await waitFor('the end of its job', () => jobs(slurm).length === 0);

  const cancelled = await begun(2);
  slurm.run('scancel', cancelled.job);
  expect((await cancelled.nx).exitCode).toBe(1);

  const killed = await begun(3);
  kill(parentOf(starts()[2]!.pid), 'SIGKILL');
  expect((await killed.nx).exitCode).toBe(1);
  expect(failed('letters').map(({ failure, supervisor }) => [failure!.type, supervisor.job])).toEqual([
    ['interrupted', stopped.job],
    ['interrupted', cancelled.job],
    ['interrupted', killed.job],
  ]);
  expect(failed('letters')[1]!.failure!.message).toContain(`job ${cancelled.job} ended on n1 with CANCELLED`);

  workspace.script({});
  // Two people, who both see it through.
  const both = await Promise.all([workspace.nx(one, bySlurm), workspace.nx(one, bySlurm)]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(starts()).toHaveLength(4);
  const [{ supervisor: first }] = finished('letters') as [MeasurementRecord];
  slurm.run('scontrol', 'update', `nodename=${first.host}`, 'state=drain', 'reason=test');
  const moved = await workspace.nx(all, bySlurm);
  slurm.run('scontrol', 'update', `nodename=${first.host}`, 'state=resume');
  expect(moved.all).toMatch(new RegExp(`node ${first.host} can't be used .*the lane goes to another one`));
  const hosts = finished('letters').map(({ supervisor }) => supervisor.host);
  expect(hosts).toHaveLength(2);
  expect(new Set(hosts).size).toBe(2);
});

test('a job that Slurm refuses, and a machine without Slurm, are told before anything starts', async (context) => {
  const { workspace } = await clusterOf(context, 'worker: scripted\nplatform: any\n');
  await workspace.write('nx-study.local.yaml', 'execution: {runner: slurm, slurm: {partition: nowhere}}\n');
  const refused = await workspace.measure();
  expect(refused).toMatchObject({ exitCode: 1, started: [] });
  expect(refused.all).toContain('Slurm does not take the job: ');
  const absent = await workspace.measure([], { env: { PATH: workspace.shellOnly } });
  expect(absent).toMatchObject({ exitCode: 1, started: [] });
  expect(absent.all).toContain('`runner: slurm` needs sbatch, which is not on the PATH');
});

test('a job of several measurements goes on after a kill with those that it had not come to, and ends with a failure', async (context) => {
  const { workspace, slurm } = await clusterOf(
    context,
    'worker: scripted\nplatform: any\nsweep: {value: [1, 2, 3, 4, 5]}\nexecution: {runner: slurm, slurm: {pack: 4}}\n',
  );
  const { finished, failed, starts } = workspace;
  workspace.script({ 'value-2': { hold: 'measuring' } });
  const first = workspace.startNx(all);
  await measuring(workspace, 'value-2');
  const [job] = jobs(slurm);
  const executors = processesOf(workspace.home).filter(({ pid }) => parentOf(pid) === first.pid);
  for (const pid of [...executors.map((one) => one.pid), first.pid!]) kill(pid, 'SIGKILL');
  await first;
  const { pid } = starts()[1]!;
  kill(parentOf(pid), 'SIGKILL');
  await waitFor('the end of its job', () => jobs(slurm).length === 0 && !isRunning(pid));

  workspace.script({ 'value-4': { ending: 'exit-3' } });
  expect(await workspace.measure()).toMatchObject({
    exitCode: 1,
    started: ['value-2', 'value-3', 'value-4', 'value-5'],
  });
  expect(finished('letters').map(({ label }) => label)).toEqual(['value-1', 'value-2', 'value-3', 'value-5']);
  const [killed, crashed] = failed('letters');
  expect(killed).toMatchObject({ label: 'value-2', failure: { type: 'interrupted' }, supervisor: { job } });
  expect(crashed).toMatchObject({ label: 'value-4', failure: { type: 'crash' } });
  const jobOf = (label: string) => finished('letters').find((one) => one.label === label)!.supervisor.job;
  expect(jobOf('value-1')).toBe(job);
  expect(jobOf('value-2')).toBe(jobOf('value-3'));
  expect(jobOf('value-3')).toBe(crashed!.supervisor.job);
  expect(jobOf('value-5')).not.toBe(jobOf('value-3'));
});

test('preemption, the end of the memory and a node that is lost are failures with the words of Slurm', async (context) => {
  const { workspace, slurm } = await clusterOf(
    context,
    `worker: scripted
platform: any
sweep: {value: [1, 2, 3]}
execution: {runner: slurm, slurm: {partition: all, nodelist: n2, exclusive: false, extra: ['--mem=500M']}}
`,
  );
  const { failed, finished, starts } = workspace;
  const held = { 'value-1': { hold: 'measuring' }, 'value-3': { hold: 'measuring' } };
  const eater = { during: 'eat-memory', sleep_s: 30 };
  workspace.script({ ...held, ...(slurm.limitsMemory && { 'value-2': { ...eater, hold: 'loading' } }) });
  const nx = workspace.startNx(all);
  await measuring(workspace, 'value-1');
  slurm.run('sbatch', '--partition=urgent', '--nodelist=n2', '--exclusive', '--output=/dev/null', '--wrap=exit 0');
  if (slurm.limitsMemory) {
    await measuring(workspace, 'value-2');
    const { pid } = starts().find(({ label }) => label === 'value-2')!;
    const supervisor = parentOf(pid);
    // It would end the worker before the kernel does.
    kill(supervisor, 'SIGSTOP');
    workspace.script(held);
    await waitFor('the end of the memory', () => !isRunning(pid));
    kill(supervisor, 'SIGCONT');
  }
  await measuring(workspace, 'value-3');
  slurm.loseNode('n2');
  expect((await nx).exitCode).toBe(1);
  const failures = failed('letters').map(({ label, failure }) => [label, failure!.type, failure!.message]);
  const words = (state: string) => expect.stringMatching(new RegExp(`^job \\d+ ended on n2 with ${state}`));
  expect(failures).toEqual([
    ['value-1', 'interrupted', words('PREEMPTED')],
    ...(slurm.limitsMemory ? [['value-2', 'oom', words('OUT_OF_MEMORY')]] : []),
    ['value-3', 'interrupted', words('NODE_FAIL')],
  ]);

  workspace.script({});
  await slurm.bringBack('n2');
  expect(await workspace.measure()).toMatchObject({ started: ['value-1', 'value-3'] });
  expect(failed('letters').map(({ label, failure }) => [label, failure!.type, failure!.message])).toEqual(failures);
  expect(finished('letters').map(({ label }) => label)).toEqual(
    slurm.limitsMemory ? ['value-1', 'value-3'] : ['value-1', 'value-2', 'value-3'],
  );
});

test('memory that runs out in a job of several is held against the attempt in which it does', async (context) => {
  const { workspace, slurm } = await clusterOf(
    context,
    `worker: scripted
platform: any
sweep: {value: [1, 2, 3]}
execution: {runner: slurm, slurm: {exclusive: false, pack: 3, extra: ['--mem=500M']}}
`,
  );
  if (!slurm.limitsMemory) return context.skip('this machine has no control groups of version 1 for memory');
  const eats = { during: 'child-eats-memory', sleep_s: 0.1, hold: 'loading' };
  const others = { 'value-2': { ending: 'exit-3' }, 'value-3': { ...eats, ending: 'exit-3' } };
  workspace.script({ 'value-1': eats, ...others });
  const nx = workspace.startNx(all);
  const startOf = (wanted: string) => workspace.starts().find(({ label }) => label === wanted)!;
  const eaten = async (label: string, script: object) => {
    await measuring(workspace, label);
    const supervisor = parentOf(startOf(label).pid);
    // It would end the worker before the kernel does.
    kill(supervisor, 'SIGSTOP');
    workspace.script({ ...script });
    await waitFor(`the end of ${label}`, () => startOf(label).sealed ?? startOf(label).end);
    kill(supervisor, 'SIGCONT');
  };
  await eaten('value-1', others);
  await eaten('value-3', {});
  expect((await nx).exitCode).toBe(1);
  // The kernel killed a child of it, without which it went on.
  expect(workspace.finished('letters').map(({ label }) => label)).toEqual(['value-1']);
  const failures = workspace.failed('letters').map(({ label, failure }) => [label, failure!.type, failure!.exit_code]);
  expect(failures).toEqual([
    ['value-2', 'crash', 3],
    ['value-3', 'oom', 3],
  ]);
});

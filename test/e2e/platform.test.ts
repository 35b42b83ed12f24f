import { cp } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Preview } from '../../plugins/nx-study/src/commands/plan/preview.ts';
import { readStored } from '../../plugins/nx-study/src/record/read.ts';
import { finishedDirectory } from '../../plugins/nx-study/src/record/paths.ts';
import type { MeasurementRecord } from '../../plugins/nx-study/src/record/schema.ts';
import { studyOf } from '../helpers/studies.ts';
import { commit, createWorkspace } from '../helpers/workspace.ts';

const PROFILE = 'studies/platforms/box.yaml';
const HUGE = 'rules:\n  memory: {least_gib: 1000000, message: Borrow the large one.}\n  cores: {least: 1}\n';
const TWO = studyOf([{ label: 'a' }, { label: 'b' }], 'platform: box\n');
const workspaceWith = (profile: string) =>
  createWorkspace({ workers: ['scripted'], studies: { s: TWO }, files: { [PROFILE]: profile } });

test('a machine that does not fit is refused before anything starts, told once, and plan says so in advance', async () => {
  const workspace = await workspaceWith(HUGE);
  // Were its environment made first, that would fail.
  await workspace.edit(
    'workers/scripted/worker.json',
    '{ "type": "system" }',
    '{ "type": "uv", "python": ">=3.11", "lock": "none.lock" }',
  );
  await commit(workspace);
  const planned = await workspace.command(['s:plan']);
  expect(planned).toMatchObject({ exitCode: 0 });
  expect(planned.all).toContain('2 that this machine may not measure, 0 of 2 done');
  expect(planned.all).toMatch(
    /refused \(2 measurements\): this machine does not fit the platform box\. memory: needs 1000000 GiB/,
  );
  const { all: json } = await workspace.command(['s:plan', '--json']);
  const preview = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1)) as Preview;
  expect(preview.rows.map(({ state, next, why }) => [state, next, why])).toEqual(
    ['a', 'b'].map(() => ['pending', 'refuse', 'does not fit the platform box (memory)']),
  );

  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: [] });
  expect(run.all).toMatch(/\[1\/2\] s a: failed \(platform: this machine does not fit the platform box/);
  expect(run.all).toContain('[2/2] s b: failed (platform: this machine does not fit, as said above)');
  const failed = workspace.failed('s');
  expect(failed).toHaveLength(2);
  for (const record of failed) {
    expect(record.failure).toMatchObject({
      type: 'platform',
      message: expect.stringContaining('Borrow the large one.'),
    });
    expect(record.platform).toMatchObject({
      profile: 'box',
      checks: [
        { rule: 'cores', state: 'met' },
        { rule: 'memory', state: 'unmet', level: 'refuse', needs: '1000000 GiB of memory' },
      ],
    });
    expect(record.machine).toMatchObject({ cpu: expect.any(String), frequency: { governor: expect.anything() } });
  }
  // Another machine may fit: it is no settled failure.
  expect((await workspace.measure()).all).not.toContain('not tried again');
  expect((await workspace.command(['s:report'])).all).toContain('platform: this machine does not fit the platform box');
});

test('a person who names the rule gets measurements, and every record and report says so', async () => {
  const workspace = await workspaceWith(HUGE);
  const forced = await workspace.measure([], { env: { NX_STUDY_IGNORE_RULES: 'memory' } });
  expect(forced).toMatchObject({ exitCode: 0, started: ['a', 'b'] });
  expect(forced.all).toMatch(/\[1\/2\] s a: measured in .* \(platform-overridden\)/);
  for (const record of workspace.finished('s')) {
    expect(record.findings).toEqual([
      { code: 'platform-overridden', message: expect.stringContaining('memory: needs 1000000 GiB of memory, found') },
    ]);
    expect(record.platform!.checks).toContainEqual(expect.objectContaining({ rule: 'memory', state: 'overridden' }));
    expect(record).toMatchObject({ suspended_s: 0, sleep_inhibition: expect.any(Object) });
  }
  const report = await workspace.command(['s:report']);
  expect(report.all.replaceAll(/\s+/g, ' ')).toContain(
    "MEASURED AGAINST RULES of the study's platform, on purpose: platform-overridden: measured against a rule of the platform box",
  );
  // What is measured needs no machine that fits.
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
  expect((await workspace.command(['s:plan'])).all).toContain('2 of 2 done');
});

test('a warning flags; other words measure nothing again, other needs do', async () => {
  const workspace = await workspaceWith('rules: {memory: {least_gib: 1000000, level: warn}}\n');
  expect((await workspace.command(['s:plan'])).all).toContain('flagged (2 measurements): the platform box warns');
  const first = await workspace.measure();
  expect(first).toMatchObject({ exitCode: 0, started: ['a', 'b'] });
  for (const { findings } of workspace.finished('s'))
    expect(findings).toEqual([
      { code: 'platform-memory', message: expect.stringContaining('the platform box warns: memory') },
    ]);
  expect((await workspace.command(['s:report'])).all).toContain('platform-memory: the platform box warns');

  await workspace.edit(PROFILE, 'level: warn', 'level: warn, message: Really');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: [] });
  await workspace.edit(PROFILE, '1000000', '1000001');
  expect((await workspace.command(['s:plan'])).all).toContain('platform.rules.memory.least_gib:');
  expect(await workspace.measure()).toMatchObject({ exitCode: 0, started: ['a', 'b'] });
});

test.runIf(process.platform === 'linux')('one core allowed is one thread everywhere, seen from inside', async () => {
  const workspace = await createWorkspace({ workers: ['threads'], studies: { s: 'worker: threads\n' } });
  // Of the environment that ideal-point has anyhow: the same lock, so the same folder.
  await cp(
    join(import.meta.dirname, '../../workers/ideal-point/requirements.lock'),
    join(workspace.root, 'workers/threads/requirements.lock'),
  );
  await commit(workspace);
  const payloadOf = async ({ id, digest }: MeasurementRecord): Promise<Record<string, unknown>> => {
    const directory = finishedDirectory({ workspaceRoot: workspace.root, study: 's', id }, digest);
    return (await readStored(directory))!.result!.payload;
  };
  const pinned = await execa(
    'taskset',
    [
      '-c',
      '0',
      process.execPath,
      join(import.meta.dirname, '../../node_modules/nx/dist/bin/nx.js'),
      'run',
      's:measure',
      '--outputStyle=stream',
    ],
    {
      cwd: workspace.root,
      env: workspace.env,
      all: true,
      reject: false,
      stdin: 'ignore',
    },
  );
  expect(pinned).toMatchObject({ exitCode: 0 });
  expect(workspace.finished('s')[0]).toMatchObject({
    allowance: { cpus: 1 },
    machine: { cpus: { allowed: 1, affinity: { value: 1 } } },
  });
  expect(await payloadOf(workspace.finished('s')[0]!)).toEqual({
    affinity_count: 1,
    pools_count: expect.any(Number),
    most_threads_count: 1,
    numba_threads_count: 1,
  });
  expect((await payloadOf(workspace.finished('s')[0]!))['pools_count']).toBeGreaterThan(0);

  // Fewer threads than cores that it may be scheduled on: only the caps can tell.
  await workspace.write('studies/s/study.yaml', 'worker: threads\ncpus: 1\n');
  expect(await workspace.nx(['run', 's:measure'])).toMatchObject({ exitCode: 0 });
  const capped = workspace.finished('s').find(({ identity }) => identity.cpus === 1)!;
  expect(await payloadOf(capped)).toMatchObject({
    affinity_count: availableParallelism(),
    most_threads_count: 1,
    numba_threads_count: 1,
  });
});

test('more cores than there are: refused before anything starts', async () => {
  const study = studyOf([{ label: 'a' }, { label: 'b' }], 'cpus: 1000\n');
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { s: study } });
  const run = await workspace.measure();
  expect(run).toMatchObject({ exitCode: 1, started: [] });
  expect(run.all).toContain('[1/2] s a: failed (platform: the study asks for 1000 CPU cores per measurement');
  expect(run.all).toContain('[2/2] s b: failed (platform: this machine does not fit, as said above)');
  expect((await workspace.command(['s:plan'])).all).toContain('2 that this machine may not measure');
});

// No test can put the machine to sleep: the clock that goes on meanwhile is set forward in the supervisor.
test('a suspension is recorded and flagged, and no time limit counts it', async () => {
  const study = studyOf([{ label: 'a', sleep_s: 2 }], 'execution: { timeout_s: 100 }\n');
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { s: study } });
  await workspace.write(
    'jump.cjs',
    `const os = require('node:os');
    const { uptime } = os;
    const { now } = Date;
    let first = null;
    const suspended_s = () => performance.now() - (first ??= performance.now()) > 1000 ? 300 : 0;
    os.uptime = () => uptime() + suspended_s();
    Date.now = () => now() + 1000 * suspended_s();
    require('node:module').syncBuiltinESMExports();`,
  );
  const run = await workspace.measure([], { env: { NODE_OPTIONS: `--require ${join(workspace.root, 'jump.cjs')}` } });
  expect(run).toMatchObject({ exitCode: 0, started: ['a'] });
  expect(run.all).toContain('(suspended)');
  const [record] = workspace.finished('s');
  expect(record!.suspended_s).toBeCloseTo(300, 0);
  expect(record!.elapsed_s).toBeLessThan(100);
  expect(record!.findings).toEqual([
    { code: 'suspended', message: expect.stringContaining('was suspended for 300 s while it was measured') },
  ]);
});

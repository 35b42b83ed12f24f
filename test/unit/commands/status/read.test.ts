import fs from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { holderLabel } from '../../../../plugins/nx-study/src/machine/holder.ts';
import { acquireLock, deviceLockPath } from '../../../../plugins/nx-study/src/machine/lock.ts';
import { cpuTemperature } from '../../../../plugins/nx-study/src/machine/sensors/temperature.ts';
import { statusSchema } from '../../../../plugins/nx-study/src/commands/status/schema.ts';
import { aProcess, idOf, living, NOW, sampling, studyOf, t } from './study.ts';

afterEach(() => void vi.unstubAllEnvs());

const codes = ({ remarks }: { remarks: { code: string }[] }) => remarks.map(({ code }) => code);

test('counts by state, the running one with phase, progress, rate and rest, and what is left', async () => {
  const study = await studyOf(['a', 'b', 'c', 'd', 'e']);
  const supervisor = await living();
  await study.wave(supervisor, 5);
  await study.measured('a', { pid: supervisor.pid, elapsed_s: 40 });
  await study.failed('b', { pid: supervisor.pid });
  await study.running('c', supervisor, sampling);
  // What failed in this run is not tried again by it.
  study.planned[1]!.gap.min_s = 1000;
  const status = await study.look();
  expect(statusSchema.parse(status)).toEqual(status);
  expect(status).toMatchObject({
    activity: 'measuring',
    measurements: 5,
    counts: { measured: 1, failed: 1, running: 1, pending: 2, interrupted: 0, stale: 0, damaged: 0, 'too-large': 0 },
    running: {
      label: 'c',
      position: 3,
      elapsed_s: 20,
      phase: 'sampling',
      progress: { done: 3000, total: 6000, unit: 'draws' },
      rate_per_s: 200,
      phase_left_s: 14,
      usual: { expected_s: 40, low_s: 40, high_s: 40, from: 1 },
      left_s: 20,
      silent_s: 1,
      stale: false,
    },
    left: { measurements: 3, measuring: { expected_s: 100, low_s: 100, high_s: 100 }, without_estimate: 0, gaps_s: 20 },
    failures: [{ label: 'b', type: 'crash', phase: 'sampling', message: 'exit code 3' }],
    supervisors: [{ ...supervisor, state: 'alive' }],
    // Machines without a sensor say so.
    temperature_c:
      cpuTemperature().value === null ? { value: null, reason: cpuTemperature().reason } : { reason: null },
    remarks: [],
  });
});

test('the rest of a study comes from the same experiment where it was measured, with its range', async () => {
  const study = await studyOf(['a', 'b'], { repetitions: 3 });
  await study.measured('a', { elapsed_s: 10 });
  await study.measured('b', { elapsed_s: 100 });
  await study.measured('a+2', { elapsed_s: 30 });
  const { left, activity } = await study.look();
  expect(activity).toBe('idle');
  // a once more: 10 to 30. b twice more: 100.
  expect(left).toEqual({
    measurements: 3,
    measuring: { expected_s: 220, low_s: 210, high_s: 230 },
    without_estimate: 0,
    // One of them between two cycles.
    gaps_s: 60,
  });
});

test('a supervisor that is gone leaves its study interrupted, not running', async () => {
  const study = await studyOf(['a', 'b']);
  const supervisor = { ...(await living()), pid: 2 ** 30 };
  await study.wave(supervisor, 2);
  await study.running('a', supervisor, sampling);
  expect(await study.look()).toMatchObject({
    activity: 'interrupted',
    activity_detail: `its supervisor (pid ${2 ** 30}) is gone`,
    running: null,
    counts: { running: 0, interrupted: 1, pending: 1 },
    supervisors: [{ state: 'gone' }],
    temperature_c: { value: null, reason: 'nothing is measured on this machine' },
    left: { measurements: 2 },
  });
});

test('a later process with the number of the supervisor, or of another boot, is not the supervisor', async () => {
  const own = await living();
  for (const supervisor of [
    { ...own, start_time: '1' },
    { ...own, boot: 'an earlier boot' },
  ]) {
    const study = await studyOf(['a']);
    await study.wave(supervisor, 1);
    await study.running('a', supervisor, sampling);
    expect(await study.look()).toMatchObject({ activity: 'interrupted', running: null, counts: { interrupted: 1 } });
  }
});

test('who watches sees within seconds that the supervisor died', async () => {
  const study = await studyOf(['a']);
  const child = aProcess();
  const supervisor = await living(child.pid);
  await study.wave(supervisor, 1);
  await study.running('a', supervisor, sampling);
  const source = study.open();
  expect(await source.look(NOW)).toMatchObject({ activity: 'measuring' });
  await child.kill();
  expect(await source.look(NOW + 6000)).toMatchObject({
    activity: 'interrupted',
    running: null,
    counts: { running: 0, interrupted: 1 },
  });
});

test('on another host it runs as long as something is heard', async () => {
  const supervisor = { host: `not-${hostname()}`, pid: 7, boot: 'b', start_time: '1' };
  const fresh = await studyOf(['a']);
  await fresh.wave(supervisor, 1, 60);
  expect(await fresh.look()).toMatchObject({ activity: 'preparing', supervisors: [{ state: 'elsewhere' }] });
  const old = await studyOf(['a']);
  await old.wave(supervisor, 1, 86_400);
  expect(await old.look()).toMatchObject({
    activity: 'interrupted',
    activity_detail: expect.stringContaining(supervisor.host),
  });
});

test('a heartbeat that stopped is stale; a worker that never sent one is only silent', async () => {
  const supervisor = await living();
  const silent = [{ t: t(300), event: 'phase', phase: 'loading' }];
  for (const [events, stale] of [
    [[...silent, { t: t(290), event: 'heartbeat' }], true],
    [silent, false],
  ] as const) {
    const study = await studyOf(['a']);
    await study.wave(supervisor, 1);
    await study.running('a', supervisor, [...events], 310);
    const { running } = await study.look();
    expect(running).toMatchObject({ phase: 'loading', stale, silent_s: stale ? 290 : 300 });
  }
});

test('a torn line at the end of journal and events is no obstacle', async () => {
  const study = await studyOf(['a', 'b']);
  const supervisor = await living();
  await study.wave(supervisor, 2);
  await study.measured('a', { pid: supervisor.pid });
  await study.running('b', supervisor, sampling, 20, '{"t": 17');
  await study.append('{"at":"2026-');
  expect(await study.look()).toMatchObject({
    activity: 'measuring',
    running: { phase: 'sampling', progress: { done: 3000 } },
    remarks: [],
  });
});

test('the phase is found before a flood of progress', async () => {
  const study = await studyOf(['a']);
  const supervisor = await living();
  await study.wave(supervisor, 1);
  const flood = Array.from({ length: 5000 }, (_, done) => ({
    t: t(10 - done / 500),
    event: 'progress',
    done,
    total: 6000,
    unit: 'draws',
  }));
  await study.running('a', supervisor, [{ t: t(15), event: 'phase', phase: 'sampling' }, ...flood]);
  const { running } = await study.look();
  expect(running).toMatchObject({ phase: 'sampling', progress: { done: 4999 } });
  expect(running!.rate_per_s).toBeCloseTo(500);
});

test('each look tells what came since', async () => {
  const study = await studyOf(['a', 'b']);
  const supervisor = await living();
  await study.wave(supervisor, 2);
  const source = study.open();
  expect(await source.look(NOW)).toMatchObject({ activity: 'preparing', counts: { pending: 2 } });
  await study.note(supervisor.pid, 0, {
    event: 'cooling',
    id: idOf('a'),
    until: new Date(NOW + 30_000).toISOString(),
    reading: '61 °C, band ends at 55 °C',
  });
  expect(await source.look(NOW + 1000)).toMatchObject({
    activity: 'cooling',
    cooling: { label: 'a', left_s: 29, reading: '61 °C, band ends at 55 °C' },
  });
  const folder = await study.running('a', supervisor, sampling);
  expect(await source.look(NOW + 2000)).toMatchObject({ activity: 'measuring', running: { label: 'a' } });
  const event = { t: t(-2), event: 'progress', done: 4000, total: 6000, unit: 'draws' };
  await appendFile(join(folder, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  expect(await source.look(NOW + 3000)).toMatchObject({ running: { progress: { done: 4000 }, silent_s: 1 } });
  await rm(folder, { recursive: true });
  await study.measured('a', { pid: supervisor.pid, elapsed_s: 25 });
  expect(await source.look(NOW + 4000)).toMatchObject({ activity: 'preparing', counts: { measured: 1, pending: 1 } });
  await study.note(supervisor.pid, 0, { event: 'waiting', detail: 'other · x holds the device' });
  expect(await source.look(NOW + 5000)).toMatchObject({
    activity: 'waiting',
    activity_detail: 'other · x holds the device',
    left: { measurements: 1, measuring: { expected_s: 25 } },
  });
  await study.note(supervisor.pid, 0, { event: 'batch-ended', left: 0, cause: null });
  expect(await source.look(NOW + 6000)).toMatchObject({ activity: 'idle', supervisors: [] });
});

test('between two waves of an Nx run it goes on as long as Nx lives', async () => {
  const child = aProcess();
  const { start_time } = await living(child.pid);
  const supervisor = { ...(await living()), pid: 2 ** 30 };
  const study = await studyOf(['a', 'b', 'c']);
  await study.wave(supervisor, 3, 100, { pid: child.pid, start_time });
  await study.failed('a', { pid: supervisor.pid, seconds: 60 });
  await study.measured('b', { pid: supervisor.pid, seconds: 50 });
  await study.note(supervisor.pid, 40, { event: 'batch-ended', left: 1, cause: null });
  expect(await study.look()).toMatchObject({ activity: 'storing', left: { measurements: 1 } });
  await child.kill();
  expect(await study.look()).toMatchObject({ activity: 'interrupted', left: { measurements: 2 } });
});

test('who stopped it is told', async () => {
  const study = await studyOf(['a']);
  const supervisor = await living();
  await study.wave(supervisor, 1);
  await study.note(supervisor.pid, 5, { event: 'batch-ended', left: 1, cause: 'SIGINT' });
  expect(await study.look()).toMatchObject({ activity: 'interrupted', activity_detail: 'stopped by SIGINT' });
});

test('without a journal the records tell, and it says so', async () => {
  const study = await studyOf(['a', 'b', 'c', 'd']);
  await study.measured('a', { noted: false, elapsed_s: 50 });
  await study.write({ id: idOf('b'), failure: { type: 'oom', message: 'no memory' } });
  const supervisor = await living();
  await study.running('c', supervisor, sampling);
  await rm(join(study.workspaceRoot, 'results/senate-beta-prior/journal.jsonl'));
  const status = await study.look();
  expect(status).toMatchObject({
    activity: 'measuring',
    counts: { measured: 1, failed: 1, running: 1, pending: 1 },
    running: { label: 'c', usual: { expected_s: 50 } },
  });
  expect(codes(status)).toEqual(['no-journal']);
});

test('records beat the journal: restored ones count, and those that are gone do not', async () => {
  const study = await studyOf(['a', 'b', 'c']);
  await study.measured('a', { noted: false });
  await study.measured('b');
  await rm(join(study.workspaceRoot, 'results/senate-beta-prior', idOf('b')), { recursive: true });
  await study.measured('c');
  const status = await study.look();
  expect(status.counts).toMatchObject({ measured: 2, pending: 1 });
  expect(codes(status)).toEqual(['not-in-journal', 'records-gone']);
});

test('what was measured with other code does not count', async () => {
  const study = await studyOf(['a', 'b']);
  await study.measured('a');
  await study.measured('b');
  study.planned[0]!.digest = 'f'.repeat(64);
  expect(await study.look()).toMatchObject({ counts: { measured: 1, stale: 1 }, left: { measurements: 1 } });
});

test('settled and expected failures are not left to do; others are', async () => {
  const study = await studyOf(['a', 'b', 'c', 'd']);
  await study.failed('a', { type: 'oom' });
  await study.failed('b', { type: 'too-large' });
  await study.failed('c', { type: 'interrupted' });
  await study.failed('d', { type: 'crash' });
  expect(await study.look()).toMatchObject({
    counts: { failed: 2, 'too-large': 1, interrupted: 1 },
    left: { measurements: 2 },
  });
  const expected = await studyOf(['a'], { expect: 'failed' });
  await expected.failed('a', { type: 'crash' });
  expect(await expected.look()).toMatchObject({
    counts: { 'expected-failure': 1 },
    left: { measurements: 0 },
    failures: [{ state: 'expected-failure' }],
  });
});

test('a failure whose record is gone, or can’t be read, is none: the journal alone decides nothing', async () => {
  const study = await studyOf(['a', 'b', 'c']);
  await rm(await study.failed('a', { type: 'oom' }), { recursive: true });
  await writeFile(join(await study.failed('b', { type: 'oom' }), 'record.json'), '{');
  await study.failed('c', { type: 'oom' });
  const status = await study.look();
  expect(status).toMatchObject({ counts: { pending: 2, failed: 1 }, left: { measurements: 2 } });
  expect(codes(status)).toEqual(['records-gone']);
  const { rows } = await study.results();
  expect(rows.map(({ state }) => state)).toEqual(['pending', 'pending', 'failed']);
});

test('what failed with the present code stands, although other code was tried since', async () => {
  const study = await studyOf(['a', 'b']);
  await study.failed('a', { type: 'oom' });
  await study.running('b', { host: hostname(), pid: 1, boot: 'earlier', start_time: '1' });
  for (const label of ['a', 'b'])
    await study.note(1, 10, { event: 'started', id: idOf(label), digest: 'f'.repeat(64) });
  const states = (await study.results()).rows.map(({ state }) => state);
  expect(states).toEqual(['failed', 'interrupted']);
  expect((await study.look()).counts).toMatchObject({ failed: 1, interrupted: 1, pending: 0 });
});

test('a failure is to be measured again once its record says that a retry was requested, with a journal or without', async () => {
  const study = await studyOf(['a', 'b']);
  await study.failed('a', { type: 'oom' });
  expect(await study.look()).toMatchObject({ counts: { failed: 1 }, left: { measurements: 1 } });
  const record = { retry_requested_at: '2026-03-01T11:00:00Z' };
  await study.write({ id: idOf('a'), failure: { type: 'oom' }, record });
  await study.note(1, 10, { event: 'retry-requested', id: idOf('a'), digest: study.digests.get(idOf('a')) });
  await study.write({ id: idOf('b'), failure: { type: 'oom' }, record });
  expect(await study.look()).toMatchObject({
    counts: { failed: 0, pending: 2 },
    left: { measurements: 2 },
    remarks: [],
  });
});

test('a measurement that the plan no longer has is shown while it runs', async () => {
  const study = await studyOf(['a', 'b']);
  const supervisor = await living();
  await study.wave(supervisor, 2);
  await study.running('b', supervisor, sampling);
  study.planned.pop();
  expect(await study.look()).toMatchObject({ activity: 'measuring', running: { label: 'b', position: null } });
});

test('a second run of the same study waits, and both are told', async () => {
  const study = await studyOf(['a', 'b']);
  const first = await living();
  const second = await living(aProcess().pid);
  await study.wave(first, 2);
  await study.running('a', first, sampling);
  await study.wave(second, 2);
  await study.note(second.pid, 1, { event: 'waiting', detail: 'a holds the device' });
  const status = await study.look();
  expect(status).toMatchObject({
    activity: 'measuring',
    running: { label: 'a' },
    supervisors: [{ pid: first.pid }, { pid: second.pid }],
  });
  expect(codes(status)).toEqual(['another-run']);
});

test('however large the study is, equally many files are opened once each result was found whole', async () => {
  // Files that were written just now may change unseen, and so are looked at again.
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const opened = async (count: number) => {
    const labels = Array.from({ length: count }, (_, index) => `x${index}`);
    const study = await studyOf(labels);
    const supervisor = await living();
    await study.wave(supervisor, count);
    for (const label of labels.slice(0, -3)) await study.measured(label, { pid: supervisor.pid });
    await study.failed(labels.at(-3)!, { pid: supervisor.pid });
    await study.running(labels.at(-2)!, supervisor, sampling);
    await study.look();
    const source = study.open();
    const first = await countOpened(() => source.look(NOW));
    const again = await countOpened(() => source.look(NOW + 1000));
    return { first, again };
  };
  const small = await opened(5);
  expect(await opened(300)).toEqual(small);
  expect(small.first).toBeLessThan(15);
  // Its journal and its events.
  expect(small.again).toBe(2);
});

/** Files and folders opened meanwhile. */
async function countOpened(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const counted = ['openSync', 'readFileSync', 'readdirSync'] as const;
  const promised = ['open', 'readFile', 'readdir'] as const;
  const originals = { ...fs };
  const originalPromises = { ...fs.promises };
  const wrap = (target: object, name: string, original: unknown) =>
    Object.assign(target, {
      [name]: (...args: unknown[]) => {
        count += 1;
        return (original as (...args: unknown[]) => unknown)(...args);
      },
    });
  const restore = () => {
    for (const name of counted) Object.assign(fs, { [name]: originals[name] });
    for (const name of promised) Object.assign(fs.promises, { [name]: originalPromises[name] });
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  for (const name of counted) wrap(fs, name, originals[name]);
  for (const name of promised) wrap(fs.promises, name, originalPromises[name]);
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    restore();
  }
  return count;
}

test('one that ran out of memory at a lower limit than the present one is to be done', async () => {
  const study = await studyOf(['a', 'b']);
  await study.failed('a', { type: 'oom', limit_bytes: 2 ** 30 });
  await study.failed('b', { type: 'oom', limit_bytes: 2 ** 31 });
  for (const planned of study.planned) planned.memory_limit_bytes = 2 ** 31;
  expect((await study.look()).left.measurements).toBe(1);
});

test('a study that waited with others for the device, of which another one has it now', async () => {
  vi.stubEnv('NX_STUDY_LOCK_DIR', await mkdtemp(join(tmpdir(), 'nx-study-status-')));
  const study = await studyOf(['a']);
  const supervisor = await living();
  await study.wave(supervisor, 1);
  await study.note(supervisor.pid, 20, { event: 'waiting', detail: 'other · x holds the device' });
  expect(await study.look()).toMatchObject({ activity: 'waiting' });
  const label = await holderLabel({ study: 'first', measurement: 'y', workspace: study.workspaceRoot });
  const lock = await acquireLock(deviceLockPath(), { label });
  onTestFinished(() => lock.release());
  expect(await study.look()).toMatchObject({
    activity: 'elsewhere',
    activity_detail: expect.stringContaining('first · y'),
  });
});

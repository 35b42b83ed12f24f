import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { coolDown, findingsOfCoolDown } from '../../../../plugins/nx-study/src/measure/cooling/cool-down.ts';
import type { CoolDownOptions } from '../../../../plugins/nx-study/src/measure/cooling/cool-down.ts';
import { noteLoad, readLastLoad, rememberLoad } from '../../../../plugins/nx-study/src/measure/cooling/last-load.ts';
import { learnRest, readRest } from '../../../../plugins/nx-study/src/measure/cooling/rest.ts';

const IDLE = { uptime_s: 3600, load: 0.1 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-study-gap-'));
  vi.stubEnv('NX_STUDY_LOCK_DIR', folder);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const gap = (min_s: number, more: Partial<CoolDownOptions['gap']> = {}) => ({
  min_s,
  cycle_s: min_s,
  max_s: null,
  until: null,
  ...more,
});

const cool = (options: Partial<CoolDownOptions>) =>
  coolDown({
    gap: gap(0),
    next: { study: 's', cycle: 1 },
    cpu_cores: 0.25,
    hasGpu: false,
    boot: 'boot',
    stop: new AbortController().signal,
    print: () => {},
    ...options,
  });

/** A sensor that shows one temperature after another. */
const sensorOf =
  (...celsius: number[]) =>
  () =>
    Promise.resolve({
      temperatures: [{ sensor: 'coretemp Package id 0', celsius: celsius.length > 1 ? celsius.shift()! : celsius[0]! }],
      throttled: [],
      missing: [],
    });

const loadEnded = (secondsAgo: number, more: object = {}) =>
  writeFile(
    join(folder, 'last-load.json'),
    JSON.stringify({ ended_s: uptime() - secondsAgo, boot: 'boot', study: 's', cycle: 1, ...more }),
  );

it('waits for what is left of the gap since the last measurement on this host', async () => {
  await rememberLoad('boot', { study: 'other', cycle: 1 });
  const lines: string[] = [];
  const { waited_s, ...rest } = await cool({ gap: gap(0.5), print: (line) => lines.push(line) });
  expect(waited_s).toBeGreaterThan(0.1);
  expect(waited_s).toBeLessThan(5);
  expect(rest).toEqual({ reason: 'gap of 0.5 s', criterion: 'time', readings: [], ended_by: 'min' });
  expect(lines).toEqual(['cooling down for 0 s']);
});

it('does not wait without a gap, after a reboot, or when the machine was idle for long enough', async () => {
  const print = () => expect.unreachable('nothing to wait for');
  expect(await cool({ gap: gap(0), print })).toMatchObject({ waited_s: 0, ended_by: 'nothing' });
  await rememberLoad('boot');
  expect(await cool({ gap: gap(60), boot: 'another boot', print })).toMatchObject({ waited_s: 0 });
  await loadEnded(61);
  expect(await cool({ gap: gap(60), print })).toMatchObject({ waited_s: 0, reason: expect.stringContaining('idle') });
});

it('never waits for longer than the gap, though the clock was set back', async () => {
  await loadEnded(-3600);
  expect((await cool({ gap: gap(0.2) })).waited_s).toBeLessThan(5);
});

it('ends at once when stopped', async () => {
  await rememberLoad('boot');
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  expect(await cool({ gap: gap(600), stop: stop.signal })).toMatchObject({ ended_by: 'stop' });
});

it('a stop ends it at once, though the driver of a GPU hangs', async () => {
  const pidFile = join(folder, 'pid');
  await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 600\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  await rememberLoad('boot');
  const stop = new AbortController();
  const cooling = cool({ gap: gap(0, { until: { temperature_rise_c: 3 } }), hasGpu: true, stop: stop.signal });
  const pid = await vi.waitUntil(() => readFile(pidFile, 'utf8').catch(() => ''), { timeout: 30_000 });
  const begin = performance.now();
  stop.abort();
  expect(await cooling).toMatchObject({ ended_by: 'stop' });
  // Asked twice, with a limit of 10 s each, it would have taken longer.
  expect(performance.now() - begin).toBeLessThan(9000);
  await vi.waitFor(() => expect(existsSync(`/proc/${Number(pid)}`)).toBe(false), { timeout: 30_000 });
});

it('waits for another time where a cycle begins, also after a restart, and only within a study', async () => {
  const between = gap(0, { cycle_s: 0.3 });
  await loadEnded(0);
  expect(await cool({ gap: between, next: { study: 's', cycle: 1 } })).toMatchObject({ waited_s: 0 });
  const boundary = await cool({ gap: between, next: { study: 's', cycle: 2 } });
  expect(boundary).toMatchObject({ reason: 'gap of 0.3 s between cycles', ended_by: 'min' });
  await loadEnded(0);
  expect(await cool({ gap: between, next: { study: 't', cycle: 2 } })).toMatchObject({ waited_s: 0 });
  // What an environment's making heated is a load, and no cycle.
  await rememberLoad('boot');
  expect(await readLastLoad('boot')).toMatchObject({ study: 's', cycle: 1 });
});

it('remembers a load while it lasts, so that a killed supervisor leaves it', async () => {
  noteLoad('boot', { study: 's', cycle: 3 }).started!({ pid: 1, token: '', end() {} });
  expect(await readLastLoad('boot')).toMatchObject({ study: 's', cycle: 3 });
});

it('waits until the temperature is back in its band, and tells what it read', async () => {
  await learnRest('boot', sensorOf(40), IDLE);
  await loadEnded(0);
  const lines: string[] = [];
  const notes: (string | null)[] = [];
  const until = { temperature_rise_c: 5 };
  const cooled = await cool({
    gap: gap(0, { until, max_s: 60 }),
    read: sensorOf(70, 70, 44),
    print: (line) => lines.push(line),
    note: ({ reading }) => Promise.resolve(void notes.push(reading)),
  });
  expect(cooled).toMatchObject({ criterion: 'temperature', ended_by: 'band', reason: 'by temperature' });
  expect(cooled.readings).toEqual([{ name: 'coretemp Package id 0', value: 44, limit: 45, unit: 'degC' }]);
  expect(lines).toEqual(['cooling down, 60 s at most, coretemp Package id 0 70 °C (until 45)']);
  expect(notes).toEqual(['coretemp Package id 0 70 °C (until 45)']);
  expect(findingsOfCoolDown(cooled)).toEqual([]);
  const cold = await cool({ gap: gap(0, { until, max_s: 60 }), read: sensorOf(44) });
  expect(cold).toMatchObject({ ended_by: 'nothing', criterion: 'temperature' });
});

it('flags a gap that ended by its longest time', async () => {
  await learnRest('boot', sensorOf(40), IDLE);
  await loadEnded(0);
  const cooled = await cool({ gap: gap(0, { until: { temperature_rise_c: 5 }, max_s: 0.3 }), read: sensorOf(80) });
  expect(cooled).toMatchObject({ ended_by: 'max', criterion: 'temperature' });
  const [finding] = findingsOfCoolDown(cooled);
  expect(finding).toMatchObject({
    code: 'cool-down-ended-by-max',
    message: expect.stringContaining('80 °C (until 45)'),
  });
});

it('takes what others use of the CPU where no sensor tells, and says so', async () => {
  await loadEnded(0);
  const read = () => Promise.resolve({ temperatures: [], throttled: [], missing: ['no sensor'] });
  const until = { temperature_rise_c: 5 };
  const options = { gap: gap(0, { until, max_s: 30 }), cpu_cores: 1000, read };
  const cooled = await cool(options);
  expect(cooled).toMatchObject({
    criterion: 'others-cpu',
    reason: 'by the CPU use of other processes (no sensor)',
    ended_by: 'band',
    readings: [{ name: 'CPU of others', limit: 1000, unit: 'cores' }],
  });
  await loadEnded(31);
  expect(await cool(options)).toMatchObject({ waited_s: 0, ended_by: 'nothing' });
});

it('learns the temperature at rest only from a machine at rest: the lowest of a week', async () => {
  const rest = async () => (await readRest()).get('coretemp Package id 0');
  await learnRest('boot', sensorOf(50), { ...IDLE, load: 1 });
  await learnRest('boot', sensorOf(50), { ...IDLE, uptime_s: 60 });
  await loadEnded(60);
  await learnRest('boot', sensorOf(50), IDLE);
  expect(await rest()).toBeUndefined();
  await loadEnded(3600);
  await learnRest('boot', sensorOf(42), IDLE);
  await learnRest('boot', sensorOf(45), IDLE);
  expect(await rest()).toBe(42);
  const file = join(folder, 'rest.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/"at_ms":\d+/, '"at_ms":0'));
  await learnRest('boot', sensorOf(45), IDLE);
  expect(await rest()).toBe(45);
});

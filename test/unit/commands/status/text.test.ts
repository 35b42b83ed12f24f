import { expect, test } from 'vitest';
import { displayWidth } from '../../../../plugins/nx-study/src/base/layout.ts';
import type { Status } from '../../../../plugins/nx-study/src/commands/status/schema.ts';
import { statusLine, statusText } from '../../../../plugins/nx-study/src/commands/status/text.ts';
import { lineOutput } from '../../../../plugins/nx-study/src/commands/status/watch.ts';

const local = (hours: number, minutes: number) => new Date(2026, 2, 1, hours, minutes).toISOString();
const supervisor = { host: 'bench', pid: 4242, boot: 'b', start_time: '1' };

const status = (changes: Partial<Status> = {}): Status => ({
  study: 'senate-beta-prior',
  at: local(22, 10),
  activity: 'measuring',
  activity_detail: null,
  measurements: 18,
  counts: {
    measured: 7,
    running: 1,
    failed: 1,
    'expected-failure': 0,
    'too-large': 0,
    damaged: 0,
    stale: 0,
    interrupted: 0,
    pending: 9,
  },
  running: {
    id: 'normal-1a2b3c4d-r2',
    label: 'normal',
    repetition: 2,
    position: 9,
    attempt: 2,
    started_at: local(22, 8),
    elapsed_s: 125,
    phase: 'sampling',
    progress: { done: 1200, total: 6000, unit: 'draws' },
    rate_per_s: 312.4,
    phase_left_s: 15.4,
    usual: { expected_s: 250, low_s: 230, high_s: 280, from: 6 },
    left_s: 125,
    silent_s: 2,
    stale: false,
    supervisor,
  },
  cooling: null,
  jobs: [],
  slurm_silent: null,
  left: {
    measurements: 10,
    measuring: { expected_s: 2400, low_s: 2100, high_s: 3300 },
    without_estimate: 0,
    gaps_s: 90,
  },
  temperature_c: { value: null, reason: 'not read' },
  failures: [
    {
      id: 'lognormal-1a2b3c4d',
      label: 'lognormal',
      at: local(22, 7),
      state: 'failed',
      type: 'oom',
      phase: 'sampling',
      message: 'no memory for 4 GB\nof draws',
    },
  ],
  supervisors: [{ ...supervisor, state: 'alive', since: local(20, 0) }],
  remarks: [],
  ...changes,
});

test('a running study, in 80 columns', () => {
  expect(`\n${statusText(status(), 80, false)}\n`).toBe(`
senate-beta-prior: 7 of 18 measured, 1 running, 1 failed, 9 pending
38 %       ██████████████████████████▒▒▒░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░

running    normal, repetition 2 (number 9 of the plan, attempt 2)
           sampling 1,200/6,000 draws (20 %), 312 draws/s, about 15 s left
           2 min 05 s so far, usually 4 min 10 s (3 min 50 s to 4 min 40 s)
           by process 4242 on bench
left       about 40 min 00 s (35 min 00 s to 55 min 00 s) for 10 measurements,
             and at least 1 min 30 s of gaps, until about 22:51
failed     lognormal, 22:07: oom: no memory for 4 GB of draws
`);
});

const idle: Partial<Status> = { activity: 'idle', running: null, supervisors: [] };
const nothing = { measurements: 0, measuring: null, without_estimate: 0, gaps_s: 0 };
const long = 'a-label-of-sixty-characters-that-says-all-there-is-to-be-said';
const situations: Record<string, Partial<Status>> = {
  'a stale heartbeat': { running: { ...status().running!, silent_s: 200, stale: true, progress: null } },
  'longer than ever': { running: { ...status().running!, elapsed_s: 1000, left_s: 0 } },
  'the first measurement': {
    running: { ...status().running!, usual: null, left_s: null, phase: null, progress: null, silent_s: null },
    left: { measurements: 18, measuring: null, without_estimate: 18, gaps_s: 0 },
  },
  cooling: {
    activity: 'cooling',
    running: null,
    cooling: { id: 'x', label: 'normal', until: local(22, 11), left_s: 42, reading: '61 °C, at most 55 °C' },
  },
  waiting: { activity: 'waiting', running: null, activity_detail: `other · x holds the device since ${local(1, 1)}` },
  interrupted: { ...idle, activity: 'interrupted', activity_detail: 'its supervisor (pid 4242) is gone' },
  'to do': idle,
  finished: { ...idle, left: nothing, counts: { ...status().counts, measured: 18, failed: 0, pending: 0, running: 0 } },
  settled: { ...idle, left: nothing },
  warm: { temperature_c: { value: 61.4, reason: null } },
  'another day': { at: new Date(2026, 2, 2, 8, 0).toISOString() },
  'long names': {
    study: `${long}-${long}`,
    running: { ...status().running!, label: long, phase: long, progress: { done: 1e9, total: 1e12, unit: long } },
    failures: [{ ...status().failures[0]!, label: long, message: 'x'.repeat(5000) }],
    remarks: [{ code: 'x', message: `${long} ${long}` }],
  },
};

for (const [name, changes] of Object.entries(situations))
  test(`no line is wider than the terminal: ${name}`, () => {
    for (const columns of [40, 80, 200])
      expect(
        statusText(status(changes), columns, true)
          .split('\n')
          .filter((line) => displayWidth(line) > columns),
      ).toEqual([]);
  });

const said = (name: string) => statusText(status(situations[name]), 80, false).replaceAll(/\s+/g, ' ');

test('each situation says what a person must know', () => {
  expect(said('a stale heartbeat')).toContain('no heartbeat for 3 min 20 s: it may hang');
  expect(said('longer than ever')).toContain('longer than ever before');
  expect(said('the first measurement')).toContain('18 measurements of unknown time');
  expect(said('cooling')).toContain('42 s at most, before normal 61 °C, at most 55 °C');
  expect(said('warm')).toContain('CPU at 61 °C');
  expect(said('waiting')).toContain('waits for the device other · x holds the device');
  expect(said('interrupted')).toContain('interrupted: its supervisor (pid 4242) is gone');
  expect(said('interrupted')).toContain('nx run senate-beta-prior:measure');
  expect(said('to do')).toContain('Nothing runs. Measure: nx run senate-beta-prior:measure');
  expect(said('finished')).toContain('nothing is left to do');
  expect(said('settled')).toContain('nx run senate-beta-prior:report');
  expect(said('another day')).toContain('lognormal, 2026-03-01 22:07: oom');
});

test('texts of workers steer no terminal', () => {
  const evil = '\u001B[2J\u0007evil';
  const text = statusText(
    status({ running: { ...status().running!, phase: evil }, failures: [{ ...status().failures[0]!, message: evil }] }),
    80,
    false,
  );
  expect(text).toContain('evil');
  for (const control of '\u0007\u001B') expect(text).not.toContain(control);
});

test('a line for a log says the same in short', () => {
  expect(statusLine(status())).toBe(
    '22:10 senate-beta-prior: 7 of 18 measured, 1 running, 1 failed, 9 pending; ' +
      'normal, repetition 2 sampling 1,200/6,000 draws (20 %), 312 draws/s, about 15 s left; ' +
      'about 40 min 00 s (35 min 00 s to 55 min 00 s) for 10 measurements, and at least 1 min 30 s of gaps, until about 22:51',
  );
});

test('jobs of Slurm: which waits and why, which runs where and since when', () => {
  const job = { reason: null, node: null, ran_s: null, submitted_s: 190, measurements: [one('normal', 2)] };
  const jobs: Status['jobs'] = [
    { ...job, job: '17', stands: 'running', state: 'RUNNING', node: 'n2', ran_s: 65 },
    { ...job, job: '18', stands: 'queued', state: 'PENDING', reason: 'Resources', measurements: [one('wide', 1)] },
    { ...job, job: '19', stands: 'ended', state: null, measurements: [1, 2, 3, 4].map((number) => one('a', number)) },
    { ...job, job: null, stands: 'submitting', state: null },
  ];
  const text = statusText(status({ running: null, jobs }), 100, false);
  expect(text).toContain(`
jobs       job 17 runs on n2, for 1 min 05 s: normal, repetition 2
           job 18 is queued (Resources), for 3 min 10 s: wide
           job 19 is not known to Slurm any more, not recorded yet: a; a, repetition 2; a,
             repetition 3; and 1 more
           being submitted, for 3 min 10 s: normal, repetition 2
left       about 40 min 00 s`);
  // Lanes run at the same time, so that the sum is no time of the day.
  expect(text).not.toContain('until about');
});

test('a watcher sees since when Slurm is silent, also in a log', () => {
  const job = { reason: null, node: null, ran_s: null, submitted_s: 190, measurements: [one('wide', 1)], state: null };
  const silent = status({
    jobs: [{ ...job, job: '17', stands: 'unknown' }],
    slurm_silent: { since: local(21, 58), reason: 'Unable to contact slurm controller' },
  });
  expect(statusText(silent, 200, false)).toContain(`
slurm      Slurm has not answered since 21:58 (12 min 00 s), so that nothing is known of its jobs: Unable to contact slurm controller
jobs       job 17, submitted 3 min 10 s ago: wide
`);
  expect(statusLine(silent)).toContain('; Slurm has not answered since 21:58 (12 min 00 s); ');
  const printed: string[] = [];
  const lines = lineOutput((line) => printed.push(line));
  for (const one of [status(), silent, silent, status()]) lines.show(one);
  expect(printed.map((line) => line.includes('Slurm'))).toEqual([false, true, false]);
});

const one = (label: string, repetition: number) => ({ id: `${label}-r${repetition}`, label, repetition });

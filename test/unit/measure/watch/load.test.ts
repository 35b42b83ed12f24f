import { execFile, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ownProcesses } from '../../../../plugins/nx-study/src/measure/watch/own-processes.ts';
import { loadMeter } from '../../../../plugins/nx-study/src/measure/watch/load.ts';
import { fakeProc } from '../../../helpers/proc.ts';
import type { FakeProcess } from '../../../helpers/proc.ts';

const SELF = 50;
const WORKER = 60;

type State = [processes: Record<number, FakeProcess>, cpu: { busy_s: number; steal_s?: number }];

/** The load between two states, ten seconds apart. */
async function loadOf(before: State, after: State) {
  const proc = await fakeProc();
  const members = ownProcesses(SELF, 40, proc.root);
  members.add(WORKER);
  let now = 0;
  await proc.set(...before);
  const meter = loadMeter(members, proc.root, () => now);
  await proc.set(...after);
  now = 10;
  return meter.sample();
}

const ours = (cpu_s: number, more: FakeProcess = {}) => ({ [SELF]: {}, [WORKER]: { parent: SELF, cpu_s, ...more } });

test('what is busy and not ours is of others, the busiest first; also what no table shows', async () => {
  const { others_cores, busiest, others_memory_growth_bytes, busy_cpus, seconds } = await loadOf(
    [{ ...ours(1), 70: { name: 'hog', cpu_s: 5, pages: 10 }, 71: { cpu_s: 9 } }, { busy_s: 100 }],
    [{ ...ours(6), 70: { name: 'hog', cpu_s: 9, pages: 30 }, 71: { cpu_s: 9 }, 72: { cpu_s: 2 } }, { busy_s: 121 }],
  );
  expect(seconds).toBe(10);
  // 21 s busy, 5 s ours with 2 % for accounting.
  expect(others_cores).toBeCloseTo(1.59, 9);
  expect(busiest).toEqual([
    { pid: 70, name: 'hog', cores: 0.4 },
    { pid: 72, name: 'program', cores: 0.2 },
  ]);
  expect(others_memory_growth_bytes).toBe(20 * 4096);
  expect(busy_cpus).toEqual([0]);
});

test("a worker's children are ours while they run, when they have ended, and those that nobody waited for", async () => {
  const running = await loadOf(
    [ours(0), { busy_s: 0 }],
    [{ ...ours(1), 61: { parent: WORKER, cpu_s: 8 } }, { busy_s: 9 }],
  );
  expect(running).toMatchObject({ others_cores: 0, busiest: [] });
  const waitedFor = await loadOf(
    [{ ...ours(1), 61: { parent: WORKER, cpu_s: 50 } }, { busy_s: 0 }],
    [ours(2, { children_cpu_s: 53 }), { busy_s: 14 }],
  );
  // Of 14 s, 4 s are ours: 1 s of the worker, and 3 s that the child had left.
  expect(waitedFor.others_cores).toBeCloseTo(0.992, 9);
  const lost = await loadOf(
    [{ ...ours(1), 61: { parent: WORKER, cpu_s: 50 } }, { busy_s: 0 }],
    [ours(6), { busy_s: 5 }],
  );
  expect(lost.others_cores).toBe(0);
});

test('what a hypervisor gave away is told apart', async () => {
  const load = await loadOf([ours(0), { busy_s: 0, steal_s: 1 }], [ours(10), { busy_s: 10, steal_s: 4 }]);
  expect(load).toMatchObject({ others_cores: 0, steal_cores: 0.3 });
});

const LOOP = 'const end = Date.now() + 60_000; while (Date.now() < end);';

test.runIf(process.platform === 'linux')('a real hog is seen by name, and what the worker runs is not', async () => {
  // Started by a shell that is gone, so that it descends from nobody here.
  const { stdout } = await promisify(execFile)('setsid', [
    'sh',
    '-c',
    `"${process.execPath}" -e '${LOOP}' >/dev/null 2>&1 & echo $!`,
  ]);
  const hog = Number(stdout);
  const worker = spawn('sh', ['-c', `"${process.execPath}" -e '${LOOP}' & wait`], { detached: true });
  onTestFinished(() => {
    for (const pid of [hog, -worker.pid!]) process.kill(pid, 'SIGKILL');
  });
  const members = ownProcesses();
  members.add(worker.pid!);
  const meter = loadMeter(members);
  const sampled = () => sleep(2000).then(() => meter.sample());
  let load = await sampled();
  // On a busy machine others may be the busiest ones for a while.
  for (let tries = 1; tries < 20 && !load.busiest.some(({ pid }) => pid === hog); tries += 1) load = await sampled();
  const { busiest, others_cores } = load;
  expect(busiest).toContainEqual({ pid: hog, name: expect.stringContaining('node'), cores: expect.any(Number) });
  expect(others_cores).toBeGreaterThan(0.02);
  const own = meter.own();
  expect(own.has(hog)).toBe(false);
  expect(own.has(worker.pid!)).toBe(true);
  // The worker's shell and its loop, this process, and what started it.
  expect(own.size).toBeGreaterThanOrEqual(4);
  expect(busiest.filter(({ pid }) => own.has(pid))).toEqual([]);
});

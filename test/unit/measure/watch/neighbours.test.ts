import { expect, test } from 'vitest';
import type { Neighbours } from '../../../../plugins/nx-study/src/plan/types.ts';
import { absent, known } from '../../../../plugins/nx-study/src/base/known.ts';
import { processTable } from '../../../../plugins/nx-study/src/machine/sensors/processes.ts';
import { watchThrottle } from '../../../../plugins/nx-study/src/machine/sensors/throttle.ts';
import { watchNeighbours } from '../../../../plugins/nx-study/src/measure/watch/neighbours.ts';
import type { Breach } from '../../../../plugins/nx-study/src/measure/watch/watcher.ts';
import { fakeProc } from '../../../helpers/proc.ts';
import { addTo, treeOf } from '../../../helpers/tree.ts';

const WORKER = 2 ** 22 + 1;
const HOG = 2 ** 22 + 2;

/** A worker that uses one core, beside a hog; time goes on by looks. */
async function start(limits: Partial<Neighbours> = {}) {
  const proc = await fakeProc();
  const sys = await treeOf({ 'devices/system/cpu/cpu0/thermal_throttle/core_throttle_total_time_ms': '0' });
  let now = 0;
  let hog_s = 0;
  let pages = 0;
  let steal_s = 0;
  const breaches: Breach[] = [];
  const set = () =>
    proc.set(
      {
        [process.pid]: {},
        [WORKER]: { parent: process.pid, cpu_s: now },
        [HOG]: { name: 'backup', cpu_s: hog_s, pages },
      },
      { busy_s: now + hog_s, steal_s },
    );
  await set();
  const watch = watchNeighbours(
    { cpu_cores: 0.25, memory_bytes: 2 ** 30, gpu_processes: 0, action: 'flag', ...limits },
    false,
    {
      proc: proc.root,
      throttle: () => watchThrottle(sys),
      now: () => now,
    },
  );
  await watch.prepare();
  watch.started!({ pid: WORKER, token: 'token', end: (breach) => breaches.push(breach) });
  return {
    watch,
    breaches,
    root: proc.root,
    sys,
    phase: (phase: string) => watch.event!({ event: 'phase', phase, t: now }),
    /** So many seconds with a hog of so many cores, looked at each second. */
    async pass(seconds: number, cores = 0, more: { pages?: number; stolen_cores?: number } = {}) {
      pages = more.pages ?? pages;
      for (let second = 0; second < seconds; second += 1) {
        now += 1;
        hog_s += cores;
        steal_s += more.stolen_cores ?? 0;
        await set();
        watch.tick!();
      }
    },
  };
}

test.runIf(process.platform === 'linux').each([
  ['quiet', 20, 0.1, []],
  ['others above the limit on average', 20, 0.5, ['others used 0.50 CPU cores on average while it was measured']],
])('%s', async (_, seconds, cores, expected) => {
  const { watch, pass } = await start();
  await pass(seconds, cores);
  watch.complete!();
  // Teardown is not measured.
  await pass(20, 3);
  watch.ended!();
  expect(watch.findings().map(({ message }) => message)).toEqual(expected.map((text) => expect.stringContaining(text)));
  const { others_cpu_cores, samples, seconds: watched_s, missing } = watch.result();
  // 2 % of the worker's core may be an error of accounting.
  expect(others_cpu_cores!.mean).toBeCloseTo(cores, 6);
  expect({ samples, watched_s }).toEqual({ samples: 4, watched_s: 20 });
  expect(missing).toMatchObject({ others_on_gpu: 'no NVIDIA GPU', gpu_throttled_s: 'no NVIDIA GPU' });
  expect(missing).not.toHaveProperty('others_cpu_cores');
});

test.runIf(process.platform === 'linux')(
  'the last sample is made of the processes at the end of the worker',
  async () => {
    const { watch, pass, root } = await start();
    await pass(3, 0.5);
    const processes = processTable(root).map((one) => (one.pid === HOG ? { ...one, cpu_s: one.cpu_s + 1.5 } : one));
    watch.exited!(processes);
    watch.ended!();
    const { others_cpu_cores, samples, seconds } = watch.result();
    expect({ samples, seconds }).toEqual({ samples: 1, seconds: 3 });
    expect(others_cpu_cores!.mean).toBeCloseTo(1, 6);
  },
);

test.runIf(process.platform === 'linux')(
  'preparation of which the watch learns only at the end counts for nothing',
  async () => {
    const { watch, pass, phase, root } = await start();
    phase('loading');
    await pass(3, 0.5);
    watch.exited!(processTable(root));
    phase('measuring');
    watch.ended!();
    expect(watch.result()).toMatchObject({ samples: 1, seconds: 0.001, others_cpu_cores: { mean: 0 } });
  },
);

test.runIf(process.platform === 'linux')('a neighbour of ten seconds in a long measurement, named', async () => {
  const { watch, pass } = await start();
  await pass(100);
  await pass(10, 0.9);
  await pass(100);
  watch.ended!();
  const [finding] = watch.findings();
  expect(finding).toMatchObject({ code: 'neighbour' });
  expect(finding!.message).toContain(`more than 0.25 CPU cores for 10 s on end`);
  expect(finding!.message).toContain(`backup ${HOG}: 0.90`);
  expect(watch.failure()).toBeNull();
});

test.runIf(process.platform === 'linux')(
  'what disturbed the preparation, and what is over soon, is not judged',
  async () => {
    const { watch, pass, phase } = await start();
    phase('importing');
    phase('loading');
    await pass(30, 2);
    phase('measuring');
    await pass(3, 2);
    watch.ended!();
    expect(watch.findings()).toEqual([]);
    expect(watch.result()).toMatchObject({ seconds: 3, others_cpu_cores: { mean: expect.closeTo(2, 1) } });
  },
);

test.runIf(process.platform === 'linux')('a study that wants it to fail: at once, and at the end', async () => {
  const long = await start({ action: 'fail' });
  await long.pass(5, 1);
  expect(long.breaches).toEqual([]);
  await long.pass(5, 1);
  expect(long.breaches).toMatchObject([{ type: 'neighbour', message: expect.stringContaining('backup') }]);
  const short = await start({ action: 'fail' });
  await short.pass(6, 0.5);
  short.watch.ended!();
  expect(short.breaches).toEqual([]);
  expect(short.watch.failure()).toContain('0.50 CPU cores on average');
});

test.runIf(process.platform === 'linux')('without a limit it watches only', async () => {
  const { watch, pass } = await start({ cpu_cores: null, memory_bytes: null, action: 'fail' });
  await pass(20, 3, { pages: 2 ** 20 });
  watch.ended!();
  expect(watch.findings()).toEqual([]);
  expect(watch.result().others_cpu_cores!.max).toBeCloseTo(3, 6);
});

test.runIf(process.platform === 'linux')('stolen time, memory of others, and a CPU that was slowed down', async () => {
  const { watch, pass, sys } = await start();
  await pass(10, 0, { stolen_cores: 0.4 });
  await pass(10, 0, { pages: 2 ** 19 });
  await addTo(sys, { 'devices/system/cpu/cpu0/thermal_throttle/core_throttle_total_time_ms': '1500' });
  watch.ended!();
  expect(watch.findings()).toMatchObject([
    { code: 'neighbour', message: expect.stringContaining('the hypervisor gave') },
    { code: 'neighbour', message: expect.stringContaining('memory of others grew by 2.') },
    { code: 'throttled', message: expect.stringContaining('1.5 s') },
  ]);
  expect(watch.result()).toMatchObject({ cpu_throttled_s: 1.5, others_memory_growth_bytes: 2 ** 31 });
});

test('a worker that never started leaves reasons; so many processes of others on its GPUs as a study allows are no finding', async () => {
  const watchOf = (gpu_processes: number | null) =>
    watchNeighbours({ cpu_cores: 0.25, memory_bytes: null, gpu_processes, action: 'flag' }, true, {
      gpu: {
        prepare: () => Promise.resolve(),
        sample() {},
        restart() {},
        result: () => ({
          others: known({ processes: 1, memory_bytes: 2 ** 30, pids: [7], partitioned: true }),
          throttled_s: known(4),
          power_capped_s: absent('not told'),
        }),
      },
    });
  const watch = watchOf(0);
  watch.ended!();
  for (const allowed of [1, null])
    expect(
      watchOf(allowed)
        .findings()
        .map(({ code }) => code),
    ).toEqual(['throttled']);
  expect(watch.result()).toMatchObject({
    samples: 0,
    others_cpu_cores: null,
    others_on_gpu: { processes: 1 },
    missing: { others_cpu_cores: expect.any(String), gpu_power_capped_s: 'not told' },
  });
  expect(watch.findings().map(({ code }) => code)).toEqual(['neighbour', 'throttled']);
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Window } from '../../../workers/kits/node/inference/counters.ts';
import type { Counter } from '../../../workers/kits/node/inference/counters.ts';
import { DeviceMemory } from '../../../workers/kits/node/inference/device-memory.ts';
import { energyPass, idleEnergy, notIdle } from '../../../workers/kits/node/inference/energy.ts';
import type { Idle } from '../../../workers/kits/node/inference/energy.ts';
import { openNvml } from '../../../workers/kits/node/inference/nvml.ts';
import { raplCounters } from '../../../workers/kits/node/inference/rapl.ts';
import { findSources, reasonOf } from '../../../workers/kits/node/inference/sources.ts';
import { makeFolder, sharedFolder } from './engine.ts';
import { kits } from './workers.ts';

const modules = join(kits, '../../node_modules');
const nowhere = '/nowhere/libof-no-driver.so';
const GIB = 2 ** 30;

function zone(powercap: string, folder: string, name: string, energy_uj: number | string, range_uj = 262143328850) {
  const path = join(powercap, folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'name'), `${name}\n`);
  writeFileSync(join(path, 'energy_uj'), `${energy_uj}\n`);
  writeFileSync(join(path, 'max_energy_range_uj'), `${range_uj}\n`);
  return join(path, 'energy_uj');
}

describe('RAPL', () => {
  it('says that only root may read it', () => {
    const powercap = makeFolder();
    chmodSync(powercap, 0o755);
    chmodSync(zone(powercap, 'intel-rapl:0', 'package-0', 100), process.geteuid!() === 0 ? 0o400 : 0);
    const sources = asNobody(() => findSources([], { powercap }));
    expect(sources).toEqual({ counters: [], missing: { rapl: 'rapl_permission_denied' } });
    expect(reasonOf(sources)).toBe('rapl_permission_denied');
  });

  it('says that there is nothing, or nothing to make sense of', () => {
    const powercap = makeFolder();
    expect(reasonOf(findSources([], { powercap: join(powercap, 'none') }))).toBe('no_gpu_no_rapl');
    zone(powercap, 'intel-rapl:0', 'package-0', 'no number');
    expect(reasonOf(findSources([], { powercap }))).toMatch(/^rapl_unreadable: .*no number/);
  });
});

/** Root may read everything. */
function asNobody<T>(action: () => T): T {
  if (process.geteuid!() !== 0) return action();
  process.seteuid!(65534);
  try {
    return action();
  } finally {
    process.seteuid!(0);
  }
}

describe('a window', () => {
  /** A counter that can't be read any more after its readings. */
  const counter = (name: string, readings: number[]): Counter => {
    let next = 0;
    const read = () => {
      if (next === readings.length) throw new Error('gone');
      return readings[next++]!;
    };
    return { name, source: 'rapl', scope: 'package', read, range_uj: null };
  };
  const growing = (name: string, step = 1000) =>
    counter(
      name,
      Array.from({ length: 1000 }, (_, index) => step * index),
    );

  /** Each call takes `step_s` on its clock, and has 8 output and 20 prompt tokens. */
  const run = (
    counters: Counter[],
    { idle = notIdle, window_s = 10, step_s = 4, missing = {} }: Partial<RunOptions>,
  ) => {
    let now_s = -step_s;
    const clock = () => (now_s += step_s);
    return energyPass(async () => ({ output: 8, prompt: 20 }), { counters, missing }, idle, window_s, clock);
  };
  interface RunOptions {
    idle: Idle;
    window_s: number;
    step_s: number;
    missing: Record<string, string>;
  }

  it('has energy and tokens of the same calls', async () => {
    // Three calls of 4 s fill 10 s.
    const package0 = counter('package-0', [0, 100e6, 230e6, 350e6]);
    expect(await run([package0], { missing: { 'nvml-counter': 'nvml_missing' } })).toEqual({
      status: 'measured',
      window_s: 12,
      window_output_tokens: 24,
      window_prompt_tokens: 60,
      domains: [{ name: 'package-0', source: 'rapl', scope: 'package', joules: 350, samples: 4, idle_w: null }],
      idle: { method: 'this process, model loaded, asleep before the first call', window_s: 0, reason: null },
      missing: { 'nvml-counter': 'nvml_missing' },
    });
  });

  it('counts every wrap within one long call, and reads meanwhile only what wraps', async () => {
    const powercap = makeFolder();
    const file = zone(powercap, 'intel-rapl:0', 'package-0', 900, 1000);
    const [rapl] = raplCounters(powercap).counters;
    let looks = 0;
    const package0 = { ...rapl!, read: () => ((looks += 1), rapl!.read()) };
    const call = async () => {
      for (const energy_uj of [300, 700, 100, 500, 900]) {
        const seen = looks;
        writeFileSync(file, `${energy_uj}\n`);
        await vi.waitUntil(() => looks > seen, { interval: 1, timeout: 20_000 });
      }
      return { output: 1, prompt: 1 };
    };
    const ticks = [0, 12];
    const counters = [package0, counter('gpu0', [0, 5e6])];
    const outcome = await energyPass(call, { counters, missing: {} }, notIdle, 10, () => ticks.shift()!, 0.001);
    expect(outcome).toMatchObject({
      domains: [
        { name: 'package-0', joules: expect.closeTo(2000e-6, 12) },
        { name: 'gpu0', joules: 5, samples: 2 },
      ],
    });
    const after = looks;
    await sleep(50);
    expect(looks).toBe(after);
  });

  it('a counter that fails leaves the others', async () => {
    const counters = [counter('package-0', [9, 5, 6, 7]), counter('dram-0', [0, 1, 2, 3]), counter('core-0', [0, 1])];
    expect(await run(counters, {})).toMatchObject({
      domains: [{ name: 'dram-0' }],
      missing: { 'package-0': 'counter_reset', 'core-0': expect.stringMatching(/^counter_unreadable: .*gone/) },
    });
  });

  it.each([
    [[9, 5, 6, 7], 'counter_reset'],
    [[5, 5, 5, 5], 'counter_did_not_move'],
  ])('without any other there is no energy: %j', async (readings, reason) => {
    expect(await run([counter('package-0', readings)], {})).toEqual({ status: 'unavailable', reason });
  });

  it('that is too short is none', async () => {
    const outcome = await run([growing('package-0')], { window_s: 3 });
    expect(outcome).toEqual({ status: 'unavailable', reason: 'window_too_short' });
  });

  it('reads every counter each time', () => {
    const window = new Window([counter('a', [1, 4, 9]), counter('b', [10, 20, 30])]);
    for (let look = 0; look < 3; look += 1) window.sample();
    expect([...window.energy()].map(([name, { joules, samples }]) => [name, joules, samples])).toEqual([
      ['a', 8e-6, 3],
      ['b', 20e-6, 3],
    ]);
  });

  it('of idling gives the power of each counter, or says why not', async () => {
    const still = counter('dram-0', Array<number>(100).fill(5));
    const idle = await idleEnergy({ counters: [growing('package-0'), still], missing: {} }, 0.05);
    expect(idle.window_s).toBeGreaterThanOrEqual(0.049);
    const outcome = await run([growing('package-0'), growing('dram-0')], { idle });
    expect(outcome).toMatchObject({
      domains: [{ idle_w: expect.closeTo(idle.energy.get('package-0')!.joules! / idle.window_s, 5) }, { idle_w: null }],
      idle: { reason: 'dram-0: counter_did_not_move' },
    });
  });
});

const compiler = spawnSync('cc', ['--version']).status === 0;

describe.skipIf(!compiler)('NVML', () => {
  const library = join(sharedFolder(), 'libfake-nvml.so');
  spawnSync('cc', ['-shared', '-fPIC', '-o', library, join(kits, 'conformance/fake-nvml.c')]);

  const open = () => {
    const nvml = openNvml(modules, library);
    if ('reason' in nvml) throw new Error(nvml.reason);
    return nvml;
  };

  afterEach(() => vi.unstubAllEnvs());

  it('reads counters and memory', async () => {
    const [zero, one] = [open().device(0), open().device('GPU-one')];
    const before = zero.energy_uj();
    await sleep(50);
    expect(zero.energy_uj() - before).toBeGreaterThan(0);
    expect(zero.energy_uj() - before).toBeLessThan(60 * 100e6); // 100 W
    expect([zero.usedBytes(), one.usedBytes()]).toEqual([GIB, 2 * GIB]);
    expect(zero.processBytes(process.pid)).toBe(3 * GIB);
    expect(zero.processBytes(1)).toBeNull();
    expect(zero.processBytes(4_000_000_000)).toBeNull(); // its memory is not told
    expect(() => one.energy_uj()).toThrow('nvmlDeviceGetTotalEnergyConsumption returned 3');
  });

  it('counts the visible devices only', () => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', 'GPU-one, 0');
    expect([open().device(0).usedBytes(), open().device(1).usedBytes()]).toEqual([2 * GIB, GIB]);
    expect(() => open().device(2)).toThrow('nvmlDeviceGetHandleByIndex_v2 returned 2');
  });

  it('is a source of energy, or says why not', () => {
    const powercap = makeFolder();
    const sources = findSources([0], { modules, library, powercap });
    expect(sources).toMatchObject({
      counters: [{ name: 'gpu0', source: 'nvml-counter', scope: 'device', range_uj: null }],
      missing: { rapl: 'no_rapl' },
    });
    expect(reasonOf(findSources([0, 1], { modules, library, powercap }))).toMatch(/^nvml_not_supported/);
    expect(reasonOf(findSources([0], { modules: makeFolder(), library, powercap }))).toMatch(/koffi/);
    expect(reasonOf(findSources([0], { modules, library: nowhere, powercap }))).toMatch(/^nvml_missing/);
  });

  it('tells the peaks of devices and of this process', async () => {
    const both = new DeviceMemory([0, 1], { modules, library });
    expect([both.reason, both.usedBytes()]).toEqual([null, 3 * GIB]);
    // One of the GPUs has no list of processes.
    expect(await both.peaks(async () => {})).toEqual({ deviceVram: 3 * GIB, processVram: null });
    const first = new DeviceMemory([0], { modules, library });
    expect(await first.peaks(() => sleep(30))).toEqual({ deviceVram: GIB, processVram: 3 * GIB });
    expect(new DeviceMemory([], { modules, library }).reason).toBe('no GPU in use');
    expect(new DeviceMemory([5], { modules, library }).reason).toMatch(/^NVML: /);
  });

  it('tells no peak, but why, when a device can no longer be seen', async () => {
    const memory = new DeviceMemory([0], { modules, library });
    const peaks = await memory.peaks(async () => {
      vi.stubEnv('FAKE_NVML_LOST', '1');
      await vi.waitUntil(() => memory.reason !== null, { timeout: 60_000 });
      vi.unstubAllEnvs();
    });
    expect(peaks).toEqual({ deviceVram: null, processVram: null });
    expect(memory.reason).toBe('NVML: nvmlDeviceGetMemoryInfo returned 15');
    expect(memory.usedBytes()).toBeNull();
  });
});

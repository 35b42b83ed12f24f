import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { absent, known } from '../../../../plugins/nx-study/src/base/known.ts';
import { hostSensors } from '../../../../plugins/nx-study/src/measure/watch/host-sensors.ts';
import { watchTelemetry } from '../../../../plugins/nx-study/src/measure/watch/telemetry.ts';
import { telemetrySchema } from '../../../../plugins/nx-study/src/record/telemetry.ts';
import { sampled } from '../../../helpers/telemetry.ts';
import { addTo, treeOf } from '../../../helpers/tree.ts';

const running = { pid: process.pid, token: 'token', end: () => {} };

interface Setting {
  celsius?: (number | null)[];
  gpuLines?: string[];
  inContainer?: boolean;
}

/** A watch over sensors that say these things, a second apart. */
async function watched({ celsius = [40, 50], gpuLines = [], inContainer = false }: Setting = {}) {
  const directory = await treeOf({ 'request.json': '{}' });
  const readings = celsius.map((value) => ({
    cpu_celsius: typeof value === 'number' ? known(value) : absent('no reading'),
    cpu_power_w: absent('the kernel shows no energy counter of the CPU'),
  }));
  const watch = sampled({ directory, readings, gpuLines, inContainer });
  const samples = existsSync(join(directory, 'telemetry.jsonl'))
    ? readFileSync(join(directory, 'telemetry.jsonl'), 'utf8').trimEnd().split('\n')
    : [];
  return { directory, watch, samples: samples.map((line) => JSON.parse(line) as Record<string, number | null>) };
}

test('a line each second, null where a sensor said nothing, and the reason once in the record', async () => {
  const { watch, samples } = await watched({ celsius: [40, null, 50] });
  expect(samples.map(({ elapsed_s, cpu_celsius }) => [elapsed_s, cpu_celsius])).toEqual([
    [1, 40],
    [2, null],
    [3, 50],
  ]);
  expect(samples[0]).toMatchObject({ cpu_power_w: null, t: expect.closeTo(Date.now() / 1000, -3) });
  const result = telemetrySchema.parse(await watch.result());
  expect(result).toMatchObject({ samples: 3, period_s: 1, file: { path: 'telemetry.jsonl' } });
  expect(result.quantities['cpu_celsius']).toEqual({ n: 2, mean: 45, min: 40, max: 50 });
  expect(result.quantities['worker_memory_bytes']!.min).toBeGreaterThan(1e6);
  expect(result.missing).toEqual({
    cpu_power_w: 'the kernel shows no energy counter of the CPU',
    gpu: 'no NVIDIA GPU',
  });
});

test('sensors that tell means count from the start of the worker, not from before it', async () => {
  let opened = 0;
  const openSensors = () => {
    opened += 1;
    return () => ({});
  };
  const directory = await treeOf({ 'request.json': '{}' });
  const watch = watchTelemetry({ directory, hasGpu: false, inContainer: false, openSensors });
  expect(opened).toBe(0);
  watch.started!(running);
  watch.ended!();
  expect(opened).toBe(1);
});

test('quantities of a GPU carry its number; the memory of a container is not that of its client', async () => {
  const gpuLines = ['3, GPU-a, 300, 1980, 2619, 60, 1024', '3, GPU-a, 100, 345, 2619, 61, [N/A]'];
  const { watch, samples } = await watched({ gpuLines, inContainer: true });
  expect(samples).toMatchObject([
    { gpu3_power_w: 300, gpu3_memory_used_bytes: 2 ** 30, worker_memory_bytes: null },
    { gpu3_power_w: 100, gpu3_memory_used_bytes: null },
  ]);
  const { quantities, missing } = await watch.result();
  expect(quantities['gpu3_power_w']).toEqual({ n: 2, mean: 200, min: 100, max: 300 });
  expect(Object.keys(missing)).toEqual(['cpu_power_w', 'worker_memory_bytes']);
});

test('no file, with the reason: an early end, something in its place, another content', async () => {
  const early = await watched({ celsius: [] });
  expect(await early.watch.result()).toMatchObject({
    file: null,
    samples: 0,
    period_s: null,
    missing: { file: 'it ended before the first sample' },
  });
  const { directory, watch } = await watched();
  writeFileSync(join(directory, 'telemetry.jsonl'), '{}\n');
  expect((await watch.result()).missing['file']).toBe('somebody else changed the file');
  const taken = watchTelemetry({ directory, hasGpu: false, inContainer: false });
  taken.started!(running);
  taken.tick!();
  taken.ended!();
  expect(await taken.result()).toMatchObject({ file: null, missing: { file: expect.stringContaining('EEXIST') } });
  expect(readFileSync(join(directory, 'telemetry.jsonl'), 'utf8')).toBe('{}\n');
});

test('the clock of busy CPUs alone, for an idle one would have to be woken', async () => {
  const cpu = (number: number, mhz: number) => ({
    [`devices/system/cpu/cpu${number}/cpufreq/scaling_cur_freq`]: String(mhz * 1000),
  });
  const sys = await treeOf({ ...cpu(0, 800), ...cpu(1, 3600) });
  const stat = (busy: number) => ({ stat: `cpu 0 0 0 0 0 0 0 0\ncpu0 5 0 0 0 0 0 0 0\ncpu1 ${busy} 0 0 0 0 0 0 0\n` });
  const proc = await treeOf(stat(100));
  let now = 0;
  const read = hostSensors({ sys, proc, now: () => now });
  await addTo(proc, stat(195));
  now = 1;
  expect(read()['cpu_clock_mhz']).toEqual(known(3600));
  now = 2;
  expect(read()['cpu_clock_mhz']).toEqual(absent('no CPU was busy for half of the time'));
});

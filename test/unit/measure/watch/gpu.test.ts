import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { absent, known } from '../../../../plugins/nx-study/src/base/known.ts';
import { parseProcesses, parseStates } from '../../../../plugins/nx-study/src/machine/sensors/nvidia.ts';
import { watchGpus } from '../../../../plugins/nx-study/src/measure/watch/gpu.ts';

const OURS = 100;

/** Answers as the documentation of nvidia-smi has them, ten seconds apart. */
async function watchOf(
  processes: string[],
  { reasons = '0x0', mig = 'Disabled', isHere = true }: { reasons?: string; mig?: string; isHere?: boolean } = {},
) {
  let now = 0;
  const answers = [...processes];
  const states = parseStates(`0, GPU-a, 60, 1980, ${reasons}, ${mig}`);
  const source = {
    states: () => Promise.resolve(known(states)),
    processes: () => Promise.resolve(known(parseProcesses(answers.shift() ?? ''))),
  };
  const watch = watchGpus(
    true,
    source,
    () => now,
    () => isHere,
  );
  await watch.prepare();
  watch.restart();
  for (let look = 1; look < processes.length; look += 1) {
    watch.sample(() => new Set([OURS]));
    await turn();
    now += 10;
  }
  return watch.result();
}

test('processes of others and their memory; ours, and those on GPUs that the worker does not see, are none', async () => {
  const { others } = await watchOf([
    '',
    'GPU-a, 100, 9000, p\nGPU-a, 7, 512, p\nGPU-b, 8, 512, p',
    'GPU-a, 100, 9000, p',
  ]);
  expect(others.value).toEqual({ processes: 1, memory_bytes: 2 ** 29, pids: [7], partitioned: false });
});

test('in a container, numbers that nobody has here count only when they were there before', async () => {
  const before = await watchOf(['GPU-a, 7, 512, p', 'GPU-a, 7, 512, p\nGPU-a, 8, 9000, p'], { isHere: false });
  expect(before.others.value).toMatchObject({ processes: 1, pids: [7] });
  const mine = await watchOf(['', 'GPU-a, 8, 9000, p'], { isHere: false });
  expect(mine.others.value).toMatchObject({ processes: 0, memory_bytes: 0 });
});

test('seconds of being slowed down, apart from those at the power limit', async () => {
  const hot = await watchOf(['', '', '', ''], { reasons: '0x0000000000000020' });
  expect(hot).toMatchObject({ throttled_s: { value: 20 }, power_capped_s: { value: 0 } });
  const capped = await watchOf(['', '', ''], { reasons: '0x0000000000000004', mig: 'Enabled' });
  expect(capped).toMatchObject({ throttled_s: { value: 0 }, power_capped_s: { value: 10 } });
});

test('what can not be asked is not told, with the reason', async () => {
  const failing = () => Promise.resolve(absent('Failed to initialize NVML'));
  const watch = watchGpus(true, { states: failing, processes: failing }, () => 0);
  watch.sample(() => new Set());
  await turn();
  const reason = 'Failed to initialize NVML';
  expect(watch.result()).toMatchObject({ others: { reason }, throttled_s: { reason }, power_capped_s: { reason } });
});

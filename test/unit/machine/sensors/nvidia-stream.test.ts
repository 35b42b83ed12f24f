import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseSample, streamGpus } from '../../../../plugins/nx-study/src/machine/sensors/nvidia-stream.ts';

/** A program in the place of `nvidia-smi`. */
async function streamOf(script: string, visible?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'nx-study-smi-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'nvidia-smi');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  let now = 0;
  const stream = streamGpus({ program, now: () => now, ...(visible !== undefined && { visible }) });
  onTestFinished(() => stream.close());
  return { stream, wait: (seconds: number) => (now += seconds) };
}

const TWO = `echo '0, GPU-a, 312.45, 1980, 2619, 61, 40960'; echo '1, GPU-b, 71.20, 345, 2619, 33, [N/A]'; exec sleep 60`;

test('the last reading of each GPU, in the units of its names', async () => {
  const { stream, wait } = await streamOf(TWO);
  await vi.waitFor(() => expect(stream.latest().value).toHaveLength(2), 10_000);
  expect(stream.latest().value).toEqual([
    {
      index: 0,
      uuid: 'GPU-a',
      power_w: 312.45,
      sm_clock_mhz: 1980,
      memory_clock_mhz: 2619,
      celsius: 61,
      memory_used_bytes: 40 * 2 ** 30,
    },
    expect.objectContaining({ index: 1, power_w: 71.2, memory_used_bytes: null }),
  ]);
  wait(4);
  expect(stream.latest().value).toBeNull();
});

test('only the GPUs that the worker sees', async () => {
  const { stream } = await streamOf(TWO, '1');
  await vi.waitFor(() => expect(stream.latest().value).toMatchObject([{ index: 1 }]), 10_000);
});

test('why there is no reading', async () => {
  const { stream } = await streamOf(`echo 'NVIDIA-SMI has failed because it could not communicate'; exit 9`);
  await vi.waitFor(() => expect(stream.latest().reason).toBe('nvidia-smi ended with exit code 9'), 10_000);
  const missing = streamGpus({ program: '/nowhere/nvidia-smi' });
  await vi.waitFor(() => expect(missing.latest().reason).toContain('ENOENT'), 10_000);
});

test('a line that is no reading', () => {
  expect(parseSample('Field "memory.used" is not a valid field to query.')).toBeNull();
  expect(parseSample('index, uuid, power.draw, clocks.sm, clocks.mem, temperature.gpu, memory.used')).toBeNull();
});

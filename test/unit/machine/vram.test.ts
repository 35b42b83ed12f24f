import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nvidiaSmi } from '../../../plugins/nx-study/src/machine/nvidia-smi.ts';
import type { NvidiaSmi } from '../../../plugins/nx-study/src/machine/nvidia-smi.ts';
import { availableVram, gpuMemory } from '../../../plugins/nx-study/src/machine/vram.ts';
import { temporaryFolder } from './helpers.ts';

const MIB = 2 ** 20;

/** A program that answers like `nvidia-smi` does. */
function smi(output: string, code = 0): NvidiaSmi {
  const path = join(temporaryFolder(), 'nvidia-smi');
  writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${output}\nEND\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return nvidiaSmi({ program: path });
}

const TWO = '0, GPU-5f1e0c1a-0000, 81559, 80995\n1, GPU-77aa0c1a-1111, 81559, 1024';

test('sizes are read in MiB, and the freest GPUs are used', async () => {
  const gpus = (await gpuMemory(smi(TWO), undefined))!;
  expect(gpus.map(({ free_bytes }) => free_bytes / MIB)).toEqual([80_995, 1024]);
  expect(gpus[0]!.total_bytes).toBe(81_559 * MIB);
  expect(availableVram(gpus, 1)).toEqual({ bytes: 80_995 * MIB, bound: 'free GPU memory' });
  expect(availableVram(gpus, 2)).toEqual({ bytes: 82_019 * MIB, bound: 'free memory of 2 GPUs' });
});

test.each([
  ['1', [1]],
  ['1,0', [1, 0]],
  ['GPU-77aa', [1]],
  ['', []],
  ['-1', []],
])('CUDA_VISIBLE_DEVICES=%s', async (visible, indices) => {
  expect((await gpuMemory(smi(TWO), visible))!.map(({ index }) => index)).toEqual(indices);
});

test.each([
  ['MIG-0123', 'a part of a GPU'],
  ['7', 'a GPU that is not there'],
])('CUDA_VISIBLE_DEVICES=%j: %s, so nothing is known', async (visible) => {
  expect(await gpuMemory(smi(TWO), visible)).toBeNull();
});

test.each([
  ['a failure', () => smi('Unable to determine the device handle', 9)],
  ['a driver that tells nothing', () => smi('0, GPU-5f1e, [N/A], [N/A]')],
  ['no such program', () => nvidiaSmi({ program: '/nonexistent/nvidia-smi' })],
])('%s: unknown', async (_, program) => {
  expect(await gpuMemory(program(), undefined)).toBeNull();
});

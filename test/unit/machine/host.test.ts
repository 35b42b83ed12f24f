import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { hostFingerprint, memoryClassGib } from '../../../plugins/nx-study/src/machine/host.ts';
import { temporaryFolder } from './helpers.ts';

function onMachine(files: Record<string, string>) {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return hostFingerprint({ proc: join(root, 'proc'), sys: join(root, 'sys') });
}

test('this machine has a fingerprint, the same twice', async () => {
  const first = await hostFingerprint();
  expect(first.cpu).not.toBe('');
  expect(first.cores).toBeGreaterThanOrEqual(1);
  expect(await hostFingerprint()).toEqual(first);
});

const gpu = (model: string) => `Model: \t\t ${model}\nIRQ:   \t\t 131\nGPU UUID: \t GPU-0000\n`;

test('two accelerators and their driver', async () => {
  const { accelerators, cores, cpu } = await onMachine({
    'proc/cpuinfo': 'processor\t: 0\nmodel name\t: Some CPU @ 2.10GHz\n',
    'sys/devices/system/cpu/online': '0-63,128-191\n',
    'proc/driver/nvidia/version':
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (root@x)\nGCC version:  gcc version 12.3.0\n',
    'proc/driver/nvidia/gpus/0000:81:00.0/information': gpu('NVIDIA H200'),
    'proc/driver/nvidia/gpus/0000:01:00.0/information': gpu('NVIDIA A100'),
  });
  expect({ cores, cpu }).toEqual({ cores: 128, cpu: 'Some CPU @ 2.10GHz' });
  expect(accelerators).toEqual([
    { vendor: 'nvidia', model: 'NVIDIA A100', driver: '570.86.15' },
    { vendor: 'nvidia', model: 'NVIDIA H200', driver: '570.86.15' },
  ]);
});

test('no accelerator is an empty list; an ARM core has no model name', async () => {
  const { accelerators, cpu } = await onMachine({
    'proc/cpuinfo': 'processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n',
  });
  expect(accelerators).toEqual([]);
  expect(cpu).toBe('arm 0x41 0xd0c');
});

test.each([
  [0.9, 1],
  [15.4, 16],
  [16, 16],
  [62.7, 64],
  [125.6, 128],
  [1007, 1024],
  [2015, 2048],
])('%d GiB are of the class %d', (gib, size) => {
  expect(memoryClassGib(gib * 2 ** 30)).toBe(size);
});

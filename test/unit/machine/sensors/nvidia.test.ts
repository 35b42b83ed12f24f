import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nvidiaSmi } from '../../../../plugins/nx-study/src/machine/nvidia-smi.ts';
import {
  gpuProcesses,
  gpuStates,
  parseProcesses,
  parseStates,
} from '../../../../plugins/nx-study/src/machine/sensors/nvidia.ts';
import { treeOf } from '../../../helpers/tree.ts';

// Written by `nvidia-smi --help-query-gpu` and `--help-query-compute-apps`; no output of a real GPU.
const STATES = `0, GPU-aa, 61, 1980, 0x0000000000000000, Disabled
1, GPU-bb, 87, 1200, 0x0000000000000060, Disabled
2, GPU-cc, 70, 1755, 0x0000000000000004, Enabled
3, GPU-dd, [N/A], [N/A], [N/A], [N/A]
`;

test('temperature, clock, and why a GPU is slow', () => {
  const [cool, hot, capped, silent] = parseStates(STATES);
  expect(cool).toEqual({
    index: 0,
    uuid: 'GPU-aa',
    celsius: 61,
    sm_clock_mhz: 1980,
    throttled: false,
    power_capped: false,
    partitioned: false,
  });
  expect(hot).toMatchObject({ celsius: 87, throttled: true, power_capped: false });
  expect(capped).toMatchObject({ throttled: false, power_capped: true, partitioned: true });
  expect(silent).toMatchObject({ celsius: null, sm_clock_mhz: null, throttled: null, power_capped: null });
});

test('processes; memory that is not told is no memory of 0', () => {
  const said = 'GPU-aa, 4711, 1024, /usr/bin/python3\nGPU-bb, 4712, [N/A], a, b\n\nNo running processes found\n';
  expect(parseProcesses(said)).toEqual([
    { uuid: 'GPU-aa', pid: 4711, bytes: 2 ** 30, name: '/usr/bin/python3' },
    { uuid: 'GPU-bb', pid: 4712, bytes: null, name: 'a,b' },
  ]);
});

test('a driver that knows only the newer name of a field, and one that fails', async () => {
  const folder = await treeOf({ states: STATES.trimEnd() });
  const program = join(folder, 'nvidia-smi');
  await writeFile(
    program,
    `#!/bin/sh\ncase "$1" in *throttle*) echo 'Field "clocks_throttle_reasons.active" is not a valid field to query.'; exit 2;; *event_reasons*) cat ${folder}/states;; *) echo "Failed to initialize NVML" ; exit 9;; esac\n`,
  );
  await chmod(program, 0o755);
  const ask = nvidiaSmi({ program });
  expect((await gpuStates(ask, 'GPU-bb')).value?.map(({ index }) => index)).toEqual([1]);
  expect((await gpuStates(ask, 'MIG-12')).value).toHaveLength(4);
  expect((await gpuProcesses(ask)).reason).toContain('exit code 9');
  expect((await gpuStates(nvidiaSmi({ program: join(folder, 'none') }))).value).toBeNull();
});

import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { watchGpus } from '../../../../../workers/endpoint/src/watch/gpu.ts';
import type { GpuReadings } from '../../../../../workers/endpoint/src/watch/gpu-reading.ts';
import { streamSmi } from '../../../../../workers/endpoint/src/watch/nvidia-smi.ts';
import { clock_s } from '../../../../../workers/kits/node/inference/time.ts';
import { temporaryFolder } from '../../../machine/helpers.ts';
import { waitFor } from '../../../../helpers/starts.ts';

/** A program that prints so, like nvidia-smi with a period, and goes on; `seen` exists once it has printed. */
function printing(lines: string[]): { program: string; seen: string } {
  const folder = temporaryFolder();
  const [program, seen] = [join(folder, 'nvidia-smi'), join(folder, 'seen')];
  writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\ntouch '${seen}'\nexec sleep 600\n`);
  chmodSync(program, 0o755);
  return { program, seen };
}

test('readings of nvidia-smi: power and memory of all GPUs together, load and clock on average', async () => {
  const { existsSync } = await import('node:fs');
  const lines = [
    '0, GPU-a, 100.50, 1000, 50, 1500',
    '1, GPU-b, 200.00, 3000, 100, 1700',
    '0, GPU-a, 110.00, 1000, [N/A], 1600',
    'Unable to determine the device handle',
    '1, GPU-b, 210.00, 3000, 90, 1800',
  ];
  const [whole, part] = [printing(lines), printing(lines)];
  const [all, first] = await Promise.all([streamSmi(1, whole.program), streamSmi(1, part.program, '0')]);
  await waitFor('lines', () => existsSync(whole.seen) && existsSync(part.seen));
  const { readings, source } = (await all()) as GpuReadings;
  expect(source).toBe('nvidia-smi');
  expect(readings).toMatchObject([
    { gpus: 2, power_w: 300.5, memory_bytes: 4000 * 2 ** 20, utilisation_percent: 75, sm_clock_mhz: 1600 },
    { gpus: 2, power_w: 320, utilisation_percent: null, sm_clock_mhz: 1700 },
  ]);
  expect(((await first()) as GpuReadings).readings[0]).toMatchObject({ gpus: 1, power_w: 100.5 });
});

test('a reading has the time at which its first line came, and one that was cut off is none', async () => {
  const { existsSync } = await import('node:fs');
  const { program, seen } = printing([
    '0, GPU-a, 100, 1, 50, 1500',
    '1, GPU-b, 200, 1, 50, 1500',
    '0, GPU-a, 100, 1, 50, 1500',
  ]);
  const both = await streamSmi(1, program);
  await waitFor('lines', () => existsSync(seen));
  const { readings } = (await both()) as GpuReadings;
  expect(readings).toMatchObject([{ gpus: 2, power_w: 300 }]);
  const single = printing(['0, GPU-a, 100, 1, 50, 1500']);
  const one = await streamSmi(1, single.program);
  await waitFor('lines', () => existsSync(single.seen));
  await sleep(200);
  const ended_s = clock_s();
  expect(((await one()) as GpuReadings).readings[0]!.at_s).toBeLessThan(ended_s);
});

test('without nvidia-smi, or without a line of it, there is a reason', async () => {
  expect(await (await streamSmi(1, '/no/such/program'))()).toEqual({ reason: 'this machine has no nvidia-smi' });
  const { program } = printing(['No devices were found']);
  expect(await (await streamSmi(1, program))()).toEqual({ reason: 'nvidia-smi printed nothing that is known' });
  expect(await (await watchGpus({ reason: 'elsewhere' }, 1))()).toEqual({ reason: 'elsewhere' });
});

test('a DCGM exporter, also of a GPU that is divided; another page is none', async () => {
  const of = (gpu: string, rest = '') => `{gpu="${gpu}",UUID="GPU-${gpu}",Hostname="h"${rest}}`;
  const dcgm = `# TYPE DCGM_FI_DEV_POWER_USAGE gauge
DCGM_FI_DEV_POWER_USAGE${of('0')} 300
DCGM_FI_DEV_POWER_USAGE${of('1', ',GPU_I_ID="1"')} 100
DCGM_FI_DEV_POWER_USAGE${of('1', ',GPU_I_ID="2"')} 100
DCGM_FI_DEV_FB_USED${of('0')} 10
DCGM_FI_DEV_FB_USED${of('1', ',GPU_I_ID="1"')} 3
DCGM_FI_DEV_FB_USED${of('1', ',GPU_I_ID="2"')} 4
DCGM_FI_DEV_GPU_UTIL${of('0')} 80
DCGM_FI_DEV_SM_CLOCK${of('0')} 1500
DCGM_FI_DEV_SM_CLOCK${of('1')} 1300
`;
  const server = createServer((request, response) => response.end(request.url === '/metrics' ? dcgm : 'other 1\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { readings, source } = (await (await watchGpus(new URL(`${origin}/metrics`), 60))()) as GpuReadings;
  expect(source).toBe(`${origin}/metrics`);
  expect(readings).toHaveLength(2);
  expect(readings[0]).toMatchObject({
    gpus: 2,
    power_w: 400,
    memory_bytes: 17 * 2 ** 20,
    utilisation_percent: null,
    sm_clock_mhz: 1400,
  });
  expect(await (await watchGpus(new URL(origin), 60))()).toEqual({
    reason: `${origin}/: it tells nothing of a GPU in the words of DCGM`,
  });
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DeviceMemory } from '../../../../workers/kits/node/inference/device-memory.ts';
import { MemoryPass } from '../../../../workers/kits/node/inference/memory.ts';
import { remembering, sharedFolder } from '../engine.ts';
import { kits } from '../workers.ts';
import { cases } from './cases.ts';

interface Moment {
  used_bytes: number[];
  /** null: the driver doesn't know. */
  own_bytes: number | null;
}

interface MemoryCase {
  gpus: number[];
  before: Moment;
  calls: (Moment | 'lost')[];
  engine_peaks?: Record<string, number | string>;
  expect: { memory: Record<string, number | null>; reasons: Record<string, string> };
}

const compiler = spawnSync('cc', ['--version']).status === 0;
const UNKNOWN_BYTES = '18446744073709551615';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe.skipIf(!compiler)('memory', () => {
  const library = join(sharedFolder(), 'libfake-nvml.so');
  spawnSync('cc', ['-shared', '-fPIC', '-o', library, join(kits, 'conformance/fake-nvml.c')]);
  const places = { modules: join(kits, '../../node_modules'), library };

  it.each(cases<MemoryCase>('memory.json'))(
    '$name',
    async ({ gpus, before, calls, engine_peaks, expect: expected }) => {
      driverSays(before);
      const looks = vi.spyOn(DeviceMemory.prototype, 'usedBytes');
      const { engine } = remembering({ gpus, memoryPeaks: () => engine_peaks ?? {} });
      const pass = new MemoryPass(engine, places);
      const { memory, reasons } = await pass.run(async (iteration) => {
        driverSays(calls[iteration]!);
        const seen = looks.mock.calls.length;
        if (gpus.length > 0) await vi.waitUntil(() => looks.mock.calls.length > seen, { interval: 1, timeout: 20_000 });
      }, calls.length);
      expect(memory).toMatchObject(expected.memory);
      expect(
        Object.keys(memory)
          .filter((name) => !(name in expected.memory))
          .sort(),
      ).toEqual(['rss_before_bytes', 'rss_peak_bytes']);
      expect(reasons).toEqual(expected.reasons);
    },
  );
});

function driverSays(moment: Moment | 'lost'): void {
  if (moment === 'lost') {
    vi.stubEnv('FAKE_NVML_LOST', '1');
    return;
  }
  vi.unstubAllEnvs();
  vi.stubEnv('FAKE_NVML_USED', moment.used_bytes.join(','));
  vi.stubEnv('FAKE_NVML_OWN', moment.own_bytes === null ? UNKNOWN_BYTES : String(moment.own_bytes));
}

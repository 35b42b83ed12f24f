import { afterEach, expect, test, vi } from 'vitest';
import { absent, known } from '../../../plugins/nx-study/src/base/known.ts';
import { machineFacts } from '../../../plugins/nx-study/src/machine/compute.ts';

afterEach(() => vi.unstubAllEnvs());

const system = `${process.platform}-${process.arch}`;
const listed = () => Promise.resolve(known('0, GPU-aa, 8.6\n1, GPU-bb, 7.5\n'));

test('the GPUs that a worker sees, and the lowest compute capability among them', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  expect(await machineFacts(listed, true)).toEqual({ system, gpus: 2, compute_capability: 7.5 });
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '0');
  expect(await machineFacts(listed, true)).toEqual({ system, gpus: 1, compute_capability: 8.6 });
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
  expect(await machineFacts(listed, true)).toEqual({ system, gpus: 0, compute_capability: null });
});

test('what nothing tells is not known; without a trace of a GPU there is none', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'MIG-1');
  expect(await machineFacts(listed, true)).toEqual({ system, gpus: null, compute_capability: null });
  const unanswered = () => Promise.resolve(absent('no such program'));
  expect(await machineFacts(unanswered, true)).toEqual({ system, gpus: null, compute_capability: null });
  expect(await machineFacts(unanswered, false)).toEqual({ system, gpus: 0, compute_capability: null });
});

import { afterEach, expect, test, vi } from 'vitest';
import { absent, known } from '../../../plugins/nx-study/src/base/known.ts';
import { visibleGpus } from '../../../plugins/nx-study/src/machine/compute.ts';

afterEach(() => vi.unstubAllEnvs());

const listed = () => Promise.resolve(known('0, GPU-aa, 8.6\n1, GPU-bb, 7.5\n'));

test('the GPUs that a worker sees, and the lowest compute capability among them', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  expect(await visibleGpus(listed, true)).toEqual({ gpus: 2, compute_capability: 7.5 });
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '0');
  expect(await visibleGpus(listed, true)).toEqual({ gpus: 1, compute_capability: 8.6 });
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
  expect(await visibleGpus(listed, true)).toEqual({ gpus: 0, compute_capability: null });
});

test('what nothing tells is not known; without a trace of a GPU there is none', async () => {
  vi.stubEnv('CUDA_VISIBLE_DEVICES', 'MIG-1');
  expect(await visibleGpus(listed, true)).toEqual({ gpus: null, compute_capability: null });
  const unanswered = () => Promise.resolve(absent('no such program'));
  expect(await visibleGpus(unanswered, true)).toEqual({ gpus: null, compute_capability: null });
  expect(await visibleGpus(unanswered, false)).toEqual({ gpus: 0, compute_capability: null });
});

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorkspace } from '../helpers/workspace.ts';

const repository = join(import.meta.dirname, '../..');

test('without what its container takes, tensorrt-llm is unsupported before anything starts, and settled', async () => {
  const workspace = await createWorkspace({
    workers: ['tensorrt-llm', 'kits'],
    studies: { engine: 'worker: tensorrt-llm\nbase: {model: smollm2-135m-instruct-q4_1}\n' },
    files: { 'studies/assets.yaml': await readFile(join(repository, 'studies/assets.yaml'), 'utf8') },
  });
  const cache = join(workspace.home, 'cache');
  // No engine, wherever this runs.
  const options = { env: { PATH: workspace.shellOnly, NX_STUDY_CACHE_DIR: cache } };
  const first = await workspace.measure([], options);
  expect(first.exitCode).toBe(1);

  const [record] = workspace.failed('engine');
  expect(record!.failure).toMatchObject({ type: 'unsupported', phase: null, exit_code: null, log_tail: '' });
  const lacking = [
    '`docker`, `podman` or `apptainer`: none is on the PATH',
    'the image nvcr.io/nvidia/tensorrt-llm/release:1.2.1',
    ...(existsSync('/proc/driver/nvidia/gpus') ? [] : ['an NVIDIA GPU']),
  ];
  for (const part of lacking) expect(record!.failure!.message).toContain(part);
  expect(first.all).toContain('`docker`, `podman` or `apptainer`: none is on the PATH');
  expect(existsSync(join(cache, 'assets'))).toBe(false);

  const again = await workspace.measure([], options);
  expect(again.exitCode).toBe(1);
  expect(again.all).toContain('not tried again: attempt 1 ended with "unsupported"');
  expect(workspace.failed('engine')).toHaveLength(1);

  await workspace.measure([], { env: { ...options.env, NX_STUDY_RETRY: '1' } });
  expect(workspace.failed('engine').map(({ attempt }) => attempt)).toEqual([1, 2]);
});

import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

// Those of containers need a GPU. The environment of vLLM is 3.5 GB, which is made where it isn't there.
test.each(['llama-cpp', 'transformers', 'vllm'])(
  'the engine of %s refuses by itself what its constraints do, and does what is next to it',
  { timeout: 1_200_000 },
  async (worker) => {
    const { exitCode, all } = await execa(process.execPath, ['tools/constraints.mjs', worker], {
      cwd: root,
      all: true,
      reject: false,
    });
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringContaining(': refused, ') });
  },
);

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findProgram } from '../../../plugins/nx-study/src/machine/program.ts';
import { preparePages, residentShare } from '../../../workers/kits/node/inference/pages.ts';
import { makeFolder, measured, remembering, sharedFolder } from './engine.ts';

const MIB = 2 ** 20;
const linux = process.platform === 'linux';

afterEach(() => vi.unstubAllEnvs());

it.runIf(linux)('the peak is the one of the memory pass', async () => {
  const { engine } = remembering();
  const held: Buffer[] = [];
  const greedy = remembering({
    async generate(prompts, newTokens) {
      held[0] = Buffer.alloc(80 * MIB, 1);
      return engine.generate(prompts, newTokens);
    },
    memoryPeaks: () => ({ kv_cache_bytes: 123, torch_reserved_peak_bytes: 'no torch here' }),
  });
  const { payload, workloads } = await measured(greedy.engine);
  const { rss_peak_bytes, rss_before_bytes, kv_cache_bytes, sample_period_s } = workloads[0]!.memory;
  expect(rss_peak_bytes! - rss_before_bytes!).toBeGreaterThan(60 * MIB);
  expect([kv_cache_bytes, sample_period_s]).toEqual([123, null]);
  expect(payload.reasons['workloads.0.memory.torch_reserved_peak_bytes']).toBe('no torch here');
});

describe.runIf(linux && findProgram('fincore') !== null)('the page cache', () => {
  const model = join(sharedFolder(), 'model');
  mkdirSync(model);
  const files = ['one.bin', 'two.bin'].map((name) => join(model, name));
  for (const file of files) writeFileSync(file, randomBytes(5 * MIB + 1));

  it('is empty of the model before a cold start, and full of it before a warm one', async () => {
    expect(await preparePages('cold', [model])).toEqual({ page_cache: 'evicted', cold: true, reason: null });
    expect(await residentShare(files)).toBeLessThan(0.01);
    expect(await preparePages('warm', [model])).toEqual({ page_cache: 'filled', cold: false, reason: null });
    expect(await residentShare(files)).toBeGreaterThan(0.99);
  });

  it('is not called warm where a part did not stay', async () => {
    const only = makeFolder(); // no page can be kept out of the cache on purpose: only what fincore says is made up
    writeFileSync(join(only, 'fincore'), `#!/bin/sh\necho ${(10 * MIB + 2) / 4}\n`, { mode: 0o755 });
    vi.stubEnv('PATH', only + delimiter + process.env.PATH);
    expect(await preparePages('warm', files)).toEqual({
      page_cache: 'filled',
      cold: null,
      reason: 'only 25.0 % of the files are in the page cache',
    });
  });

  it('is not called cold or warm where nobody can look', async () => {
    const only = makeFolder();
    writeFileSync(join(only, 'dd'), `#!/bin/sh\nexec ${findProgram('dd')} "$@"\n`, { mode: 0o755 });
    vi.stubEnv('PATH', only + delimiter);
    expect(await preparePages('cold', files)).toMatchObject({ page_cache: 'evicted', cold: null });
    vi.stubEnv('PATH', makeFolder());
    expect(await preparePages('warm', files)).toMatchObject({ page_cache: 'filled', cold: null });
    expect(await preparePages('cold', files)).toMatchObject({ page_cache: 'as-found', cold: null });
    expect(await preparePages('cold', [])).toMatchObject({ page_cache: 'not-local', cold: null });
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished, expect, it, vi } from 'vitest';
import { readAssets } from '../../../../plugins/nx-study/src/assets/manifest.ts';
import { memoryNow } from '../../../../plugins/nx-study/src/state/memory.ts';
import { memoryPreview } from '../../../../plugins/nx-study/src/commands/plan/memory.ts';
import type { MeasureTask } from '../../../../plugins/nx-study/src/graph/task.ts';
import type { Planned } from '../../../../plugins/nx-study/src/commands/plan/planned.ts';
import { ggufFile, llama } from '../../../helpers/gguf.ts';
import { temporaryFolder } from '../../machine/helpers.ts';
import { aTask } from '../../measure/task.ts';
import type { Size } from '../../../../plugins/nx-study/src/worker/size.ts';
import { aWorker } from '../../worker/manifest.ts';

const MODEL = ggufFile(llama());
const SHA256 = '0'.repeat(64);
const workers = new Map([['w', aWorker({ memory: { weights: 'as-stored', overheadMib: {} } })]]);

const task = (prompt_tokens: number) => {
  const shape = { batch_size: 1, prompt_tokens, new_tokens: 1, kv_cache_key: 'f16', kv_cache_value: 'f16' };
  return aTask({ worker: 'w', configuration: { model: 'tiny', device: 'cpu', ...shape }, assets: ['model'] });
};
const posteriors = new Map([['w', aWorker({ kind: 'posterior' })]]);
const sampled = (draws: number) => aTask({ worker: 'w', configuration: { chains: 4, tune: 10, draws } });
const first = { state: 'pending', reason: null, next: 'measure', why: 'first time' } as const;

/** Adds what is free now to where a measurement stands. */
async function previewIn(root: string) {
  const machine = { assets: await readAssets(root), workers, now: await memoryNow() };
  return (standing: Planned, of: MeasureTask) => memoryPreview(machine, [{ task: of, standing }])[0]!.standing;
}

/** A workspace with the asset `tiny`, and where it will lie when it is fetched. */
function workspace() {
  const root = temporaryFolder();
  vi.stubEnv('NX_STUDY_CACHE_DIR', join(root, 'cache'));
  onTestFinished(() => void vi.unstubAllEnvs());
  mkdirSync(join(root, 'studies'));
  const source = { url: 'https://example.org/tiny.gguf' };
  const entry = { description: 'Tiny', licence: 'MIT', source, bytes: MODEL.length, sha256: SHA256 };
  writeFileSync(join(root, 'studies/assets.yaml'), JSON.stringify({ tiny: entry }));
  return { root, place: join(root, 'cache/assets', SHA256, 'tiny.gguf') };
}

it('a posterior is held against the memory by the size of its model', async () => {
  const machine = { assets: await readAssets(temporaryFolder()), workers: posteriors, now: await memoryNow() };
  const of = (draws: number, size: Size | null) =>
    memoryPreview(machine, [{ task: sampled(draws), standing: first, size }])[0]!.standing;
  const size = { parameters: 10, observations: 100, saved: 10 };
  expect(of(100, size)).toMatchObject({ next: 'measure', memory: { terms: [{ name: 'libraries and model' }, {}] } });
  expect(of(1e12, size)).toMatchObject({
    next: 'too-large',
    why: expect.stringMatching(/^needs .* of memory \(libraries/),
  });
  expect(of(1e12, null)).toEqual({ ...first, memory: null, memory_unchecked: null });
});

it('where only building the model tells its size, the next step is said', async () => {
  const builds = aWorker({ kind: 'posterior', doctor: { command: ['true'], settings: ['model'], sizes: true } });
  const machine = {
    assets: await readAssets(temporaryFolder()),
    workers: new Map([['w', builds]]),
    now: await memoryNow(),
  };
  const [unbuilt] = memoryPreview(machine, [{ task: sampled(100), standing: first }]);
  expect(unbuilt!.standing).toMatchObject({
    next: 'measure',
    memory_unchecked: expect.stringContaining('nx run s:doctor'),
  });
});

it('what is needed is unknown until the model is fetched', async () => {
  const { root, place } = workspace();
  const before = await previewIn(root);
  expect(before(first, task(8))).toEqual({ ...first, memory: null, memory_unchecked: 'tiny is not fetched yet' });
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, MODEL);
  const after = await previewIn(root);
  expect(after(first, task(8))).toMatchObject({ ...first, memory: { omitted: [] }, memory_unchecked: null });
  // 128 bytes for each token.
  const tooLong = after(first, task(2 ** 50));
  expect(tooLong).toMatchObject({ next: 'too-large', memory: { bound: expect.any(String) }, memory_unchecked: null });
  expect(tooLong.why).toMatch(/^needs \d+\.\d GiB of memory/);
  vi.stubEnv('NX_STUDY_IGNORE_MEMORY', '1');
  const ignored = after(first, task(2 ** 50));
  expect(ignored).toMatchObject({ next: 'measure', memory: tooLong.memory });
  expect(ignored.why).toMatch(/^needs .* It starts all the same: NX_STUDY_IGNORE_MEMORY is set$/);
  expect(after(first, task(8)).why).toBe('first time');
});

it('what would not be measured is not checked', async () => {
  const { root } = workspace();
  const withMemory = await previewIn(root);
  const done = { state: 'measured', reason: null, next: 'nothing', why: 'measured' } as const;
  expect(withMemory(done, task(8))).toEqual({ ...done, memory: null, memory_unchecked: null });
});

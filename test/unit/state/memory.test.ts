import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkMemory, fitsNow } from '../../../plugins/nx-study/src/state/memory.ts';
import type { MemoryNow } from '../../../plugins/nx-study/src/state/memory.ts';
import { ggufFile, llama } from '../../helpers/gguf.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { aWorker } from '../worker/manifest.ts';

const MIB = 2 ** 20;

const worker = (change: object = {}) =>
  aWorker({ memory: { weights: 'as-stored', overheadMib: { cpu: 100, cuda: 50 } }, ...change });

function configuration(change: object = {}) {
  const model = join(temporaryFolder(), 'model.gguf');
  writeFileSync(model, ggufFile(llama()));
  const shape = { batch_size: 1, prompt_tokens: 1, new_tokens: 1, kv_cache_key: 'f16', kv_cache_value: 'f16' };
  return { model, device: 'cpu', ...shape, ...change };
}

const sized = (change: object = {}) => ({ configuration: configuration(change), size: null });

const now = (host_mib: number, gpus_mib: number[] = []): MemoryNow => ({
  host: { bytes: host_mib * MIB, bound: 'available memory' },
  gpus: gpus_mib.map((free, index) => ({
    index,
    uuid: `GPU-${index}`,
    total_bytes: 1000 * MIB,
    free_bytes: free * MIB,
  })),
});

test('what fits starts, and what was needed is known', () => {
  const check = checkMemory(worker(), sized(), now(101));
  expect(check).toMatchObject({ state: 'fits', findings: [], need: { available_bytes: 101 * MIB } });
  expect(check.need!.estimate_bytes).toBe(100 * MIB + 4 * 64 * 228 + 2 * 2 * 32 * 2 + 400);
});

test('what needs more than there is does not start, and the reason names both', () => {
  const check = checkMemory(worker(), sized(), now(99));
  expect(check).toMatchObject({ state: 'too-large', need: { available_bytes: 99 * MIB, bound: 'available memory' } });
  expect(check.reason).toBe(
    'needs 100.1 MiB of memory (weights 0.1, KV cache 0.0, logits 0.0, overhead 100.0), and 99.0 MiB are available (available memory). To start it all the same, set NX_STUDY_IGNORE_MEMORY=1',
  );
});

test('somebody who insists gets a start, and a finding', () => {
  vi.stubEnv('NX_STUDY_IGNORE_MEMORY', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const check = checkMemory(worker(), sized(), now(99));
  expect(check).toMatchObject({ state: 'fits', findings: [{ code: 'memory-ignored' }] });
  expect(check.findings[0]!.message).toMatch(
    /^needs 100\.1 MiB .* It starts all the same: NX_STUDY_IGNORE_MEMORY is set$/,
  );
});

test('on a GPU its own memory counts', () => {
  expect(checkMemory(worker(), sized({ device: 'auto' }), now(10, [60])).state).toBe('fits');
  const check = checkMemory(worker(), sized({ device: 'auto' }), now(10_000, [40]));
  expect(check).toMatchObject({ state: 'too-large', need: { bound: 'free GPU memory' } });
});

test('GPUs that tell nothing leave open where it will lie: it starts, with a finding', () => {
  const unknown = { ...now(0), gpus: null };
  const check = checkMemory(worker(), sized({ device: 'auto' }), unknown);
  expect(check).toMatchObject({ state: 'unchecked', need: null, findings: [{ code: 'memory-unchecked' }] });
  expect(checkMemory(worker(), sized({ device: 'cpu' }), unknown).state).toBe('too-large');
});

test('a worker whose environment has no variant for the GPU stays on the host', () => {
  const variants = { by: 'device', locks: { cpu: 'requirements.lock' } };
  const onHost = worker({ environment: { type: 'uv', python: '>=3.11', variants } });
  const check = checkMemory(onHost, sized({ device: 'auto' }), now(99, [900]));
  expect(check).toMatchObject({ state: 'too-large', need: { bound: 'available memory' } });
});

test('where the header tells nothing it starts, with a finding', () => {
  const folder = join(temporaryFolder(), 'model');
  mkdirSync(folder);
  const check = checkMemory(worker(), sized({ model: folder }), now(0));
  expect(check).toMatchObject({ state: 'unchecked', need: null, findings: [{ code: 'memory-unchecked' }] });
  expect(check.findings[0]!.message).toContain('config.json');
});

test.each([
  ['a worker that says nothing of memory', worker({ memory: undefined })],
  ['a kind that needs nothing that can be told', worker({ kind: 'values' })],
])('%s is not checked', (_, silent) => {
  const check = checkMemory(silent, sized(), now(0));
  expect(check).toEqual({ state: 'unchecked', reason: null, need: null, findings: [] });
});

test('what was too large is tried again once there is enough, where it would lie', () => {
  const large = checkMemory(worker(), sized(), now(99)).need;
  expect(fitsNow(large, now(99))).toBe(false);
  expect(fitsNow(large, now(101))).toBe(true);
  const onGpu = checkMemory(worker(), sized({ device: 'auto' }), now(10_000, [40])).need;
  expect(fitsNow(onGpu, now(10_000, [40]))).toBe(false);
  expect(fitsNow(onGpu, now(0, [60]))).toBe(true);
  expect(fitsNow(null, now(10_000))).toBe(false);
});

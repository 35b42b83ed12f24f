import { expect, test } from 'vitest';
import { Unsupported } from '../../../../workers/kits/node/errors.ts';
import type { Workload } from '../../../../workers/kits/node/inference/index.ts';
import { checkCombination, checkDevice, gpuOf, roomOf, threadsOf } from '../../../../workers/llama-cpp/src/settings.ts';

const workload = (batchSize: number, promptTokens: number, newTokens: number): Workload => ({
  index: 0,
  batchSize,
  promptTokens,
  newTokens,
});

function threads(asked: number | null, cpus: number): { chosen: number; warnings: string[] } {
  const warnings: string[] = [];
  const chosen = threadsOf({ threads: asked }, cpus, (code, message) => warnings.push(`${code}: ${message}`));
  return { chosen, warnings };
}

test('one allowed CPU is left for the event loop, where there are two', () => {
  expect(threads(null, 8)).toEqual({ chosen: 7, warnings: [] });
  expect(threads(null, 2)).toEqual({ chosen: 1, warnings: [] });
  expect(threads(3, 4)).toEqual({ chosen: 3, warnings: [] });
});

test('threads on all allowed CPUs are warned about, asked for or not; more are refused', () => {
  expect(threads(4, 4)).toEqual({
    chosen: 4,
    warnings: [expect.stringMatching(/^threads-fill-cores: 4 threads on 4 allowed CPUs: none is left/)],
  });
  expect(threads(null, 1)).toMatchObject({ chosen: 1, warnings: [expect.stringContaining('threads-fill-cores')] });
  expect(() => threads(5, 4)).toThrow(Unsupported);
  expect(() => threads(5, 4)).toThrow(/^threads: 5, but only 4 CPUs are allowed/);
});

test('the room is that of the longest workload, for as many sequences as the widest has', () => {
  const workloads = [workload(1, 512, 16), workload(4, 128, 64)];
  expect(roomOf({ context_size: null }, workloads)).toEqual({ sequences: 4, contextSize: 528 });
  expect(roomOf({ context_size: 1000 }, workloads)).toEqual({ sequences: 4, contextSize: 1000 });
  expect(roomOf({ context_size: 528 }, workloads)).toEqual({ sequences: 4, contextSize: 528 });
  expect(() => roomOf({ context_size: 527 }, workloads)).toThrow(
    /^context_size: 527 tokens, but a workload needs 528 \(prompt and new tokens\)/,
  );
});

test('auto computes where the installed binaries do', () => {
  expect(gpuOf({ device: 'auto' }, [])).toBe(false);
  expect(gpuOf({ device: 'auto' }, ['vulkan'])).toBe(false);
  expect(gpuOf({ device: 'auto' }, ['metal'])).toBe('metal');
  expect(gpuOf({ device: 'auto' }, ['cuda'])).toBe('cuda');
  expect(gpuOf({ device: 'cpu' }, ['cuda'])).toBe(false);
  expect(gpuOf({ device: 'vulkan' }, [])).toBe('vulkan');
});

test('a GPU that llama.cpp does not compute on is refused: it would take the CPU', () => {
  const system = `${process.platform}-${process.arch}`;
  checkDevice(false, false, []);
  checkDevice('cuda', 'cuda', ['NVIDIA L4']);
  checkDevice('vulkan', 'vulkan', ['Intel Arc']);
  expect(() => checkDevice('metal', false, [])).toThrow(Unsupported);
  expect(() => checkDevice('metal', false, [])).toThrow(
    `device: metal is to compute, but llama.cpp starts on the CPU on this machine (${system})`,
  );
  // Vulkan's backend starts where a software driver is all that it finds, and does not use that.
  expect(() => checkDevice('vulkan', 'vulkan', [])).toThrow('llama.cpp finds no GPU for vulkan');
  expect(() => checkDevice('metal', 'vulkan', ['Intel Arc'])).toThrow('llama.cpp starts on vulkan');
  expect(() => checkDevice(false, 'metal', ['Apple M3'])).toThrow(/^device: cpu is to compute, .* starts on metal/);
});

const combination = { flash_attention: 'auto', kv_cache_value: 'f16', gpu_layers: null } as const;
const check = (changes: object, gpu: 'cuda' | false = false) =>
  checkCombination({ ...combination, ...changes } as Parameters<typeof checkCombination>[0], gpu);

test('what llama.cpp would refuse later is refused at once', () => {
  expect(() => check({ kv_cache_value: 'q8_0', flash_attention: false })).toThrow(
    /^kv_cache_value: q8_0 with flash_attention: false; llama.cpp reads a quantised value cache only/,
  );
  expect(() => check({ gpu_layers: 12 })).toThrow(/^gpu_layers: 12, but the model computes on the CPU/);
});

test('what llama.cpp can do is let through', () => {
  for (const flash_attention of ['auto', true]) check({ kv_cache_value: 'q4_0', flash_attention });
  for (const kv_cache_value of ['f32', 'f16', 'bf16']) check({ kv_cache_value, flash_attention: false });
  check({ kv_cache_key: 'q8_0', flash_attention: false });
  check({ gpu_layers: 0 });
  expect(() => check({ gpu_layers: 12 }, 'cuda')).not.toThrow();
});

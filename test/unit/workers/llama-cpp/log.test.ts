import { beforeEach, expect, test, vi } from 'vitest';
import { EngineLog } from '../../../../workers/llama-cpp/src/log.ts';

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

function logOf(...lines: string[]): EngineLog {
  const log = new EngineLog();
  for (const line of lines) {
    const [level, text] = line.split(/: (.*)/s) as [string, string];
    log.write(level, `${text}\n`);
  }
  return log;
}

// As llama.cpp v0.5.0 writes them.
const loaded = [
  'log: load_backend: loaded CPU backend from /some/where/bins/linux-x64/libggml-cpu-zen4.so',
  'info: load_tensors:   CPU_Mapped model buffer size =    92.10 MiB',
];
const context = (flash: string, key: string, value: string, mib: string) => [
  'info: llama_context: constructing llama_context',
  'info: llama_context: n_seq_max             = 2',
  'info: llama_context: n_ctx                 = 512',
  'info: llama_context: n_ctx_seq             = 256',
  'info: llama_context: n_batch               = 512',
  'info: llama_context: n_ubatch              = 256',
  `info: llama_context: flash_attn            = ${flash}`,
  `info: llama_kv_cache:        CPU KV buffer size =    ${mib} MiB`,
  `info: llama_kv_cache: size =   ${mib} MiB (   256 cells,  30 layers,  2/2 seqs), K (${key}):    5.62 MiB, V (${value}):    5.62 MiB`,
];

test('what was decided is read from the log', () => {
  const { facts } = logOf(
    ...loaded,
    ...context('auto', 'f16', 'f16', '11.25'),
    'info: resolve_fused_ops: Flash Attention enabled',
  );
  expect(facts).toEqual({
    flashAttention: true,
    keyType: 'f16',
    valueType: 'f16',
    kvCacheBytes: 11_796_480,
    batchTokens: 512,
    microBatchTokens: 256,
    backends: ['libggml-cpu-zen4.so'],
    modelBuffers: { CPU_Mapped: 92.1 },
  });
});

test('the context made last counts', () => {
  const { facts } = logOf(...context('disabled', 'f16', 'f16', '11.25'), ...context('enabled', 'q8_0', 'q4_0', '4.57'));
  expect(facts).toMatchObject({ flashAttention: true, keyType: 'q8_0', valueType: 'q4_0', batchTokens: 512 });
  expect(logOf(...context('disabled', 'f16', 'f16', '1.00')).facts.flashAttention).toBe(false);
});

test('caches of several kinds of layers add up', () => {
  const [, ...second] = context('enabled', 'f16', 'f16', '2.50');
  expect(logOf(...context('enabled', 'f16', 'f16', '10.00'), ...second).facts.kvCacheBytes).toBe(12.5 * 1024 ** 2);
});

test('what the log does not tell is unknown', () => {
  expect(logOf().facts).toEqual({
    flashAttention: null,
    keyType: null,
    valueType: null,
    kvCacheBytes: null,
    batchTokens: null,
    microBatchTokens: null,
    backends: [],
    modelBuffers: {},
  });
  expect(logOf(...context('auto', 'f16', 'f16', '1.00')).facts.flashAttention).toBeNull();
});

test('errors are kept once each, and all goes to stderr', () => {
  const refused = 'error: llama_init_from_model: quantized V cache requires flash_attn to be enabled';
  const log = logOf(refused, 'warn: nothing', refused, 'error: another');
  expect(log.errors).toEqual(['llama_init_from_model: quantized V cache requires flash_attn to be enabled', 'another']);
  expect(vi.mocked(process.stderr.write).mock.calls.map(([text]) => text)).toContain('warn: nothing\n');
});

import { expect, test } from 'vitest';
import { counted, readCounters } from '../../../../workers/endpoint/src/counters.ts';

test('hits and all of vLLM, of its earlier versions and of SGLang are sums over engines', () => {
  const vllm = `# HELP vllm:prefix_cache_hits_total x
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model_name="a } b"} 16.0
vllm:prefix_cache_hits_total{engine="1",model_name="a"} 1.6e1
vllm:prefix_cache_hits_created{engine="0"} 1.7e9
vllm:prefix_cache_queries_total{engine="0"} 100.0
vllm:prefix_cache_queries_total{engine="1"} 50.0
`;
  const source = 'vllm:prefix_cache_hits';
  expect(readCounters(vllm)).toEqual({ source, hit_tokens: 32, read_tokens: 150 });
  expect(readCounters(vllm.replaceAll('vllm:prefix', 'vllm:gpu_prefix'))?.source).toBe('vllm:gpu_prefix_cache_hits');
  const sglang = 'sglang:cached_tokens_total{m="x"} 3\nsglang:prompt_tokens_total{m="x"} 9 1700000000\n';
  expect(readCounters(sglang)).toEqual({ source: 'sglang:cached_tokens', hit_tokens: 3, read_tokens: 9 });
  for (const text of ['', '<html>', 'llamacpp:prompt_tokens_total 5', 'vllm:prefix_cache_hits_total NaN'])
    expect(readCounters(text)).toBeNull();
});

test('a server that began anew in between, or did not answer once, counted nothing that is known', () => {
  const at = (hit_tokens: number, read_tokens: number) => ({ source: 'x', hit_tokens, read_tokens });
  expect(counted(at(5, 10), at(7, 30))).toEqual(at(2, 20));
  expect(counted(at(5, 10), at(0, 3))).toBeNull();
  expect(counted(null, at(7, 30))).toBeNull();
  expect(counted(at(5, 10), { ...at(7, 30), source: 'y' })).toBeNull();
});

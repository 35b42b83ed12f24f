import { ask } from './ask.ts';

/** Prompt tokens since a server's start, and those of them that it took from its prefix cache, as its `/metrics` count them. */
export interface CacheCounters {
  /** The name of the counter of hits. */
  source: string;
  hit_tokens: number;
  read_tokens: number;
}

/** Counters of hits and of all, of vLLM, vLLM before 0.9, SGLang; with or without the suffix that Prometheus adds. */
const COUNTERS = [
  ['vllm:prefix_cache_hits', 'vllm:prefix_cache_queries'],
  ['vllm:gpu_prefix_cache_hits', 'vllm:gpu_prefix_cache_queries'],
  ['sglang:cached_tokens', 'sglang:prompt_tokens'],
] as const;

/** Asks the server; null when it counts no such thing. Never rejects. */
export async function askCounters(url: URL, headers: Record<string, string>): Promise<CacheCounters | null> {
  const text = await ask('metrics', url, headers);
  return text === null ? null : readCounters(text);
}

/** Sums over all engines and models of the text form of Prometheus. */
export function readCounters(text: string): CacheCounters | null {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^([a-zA-Z_:][\w:]*)(?:\{.*\})?\s+(\S+)/.exec(line) ?? [];
    if (name === undefined || !Number.isFinite(Number(value))) continue;
    const plain = name.replace(/_total$/, '');
    sums.set(plain, (sums.get(plain) ?? 0) + Number(value));
  }
  for (const [hits, all] of COUNTERS) {
    const [hit_tokens, read_tokens] = [sums.get(hits), sums.get(all)];
    if (hit_tokens !== undefined && read_tokens !== undefined) return { source: hits, hit_tokens, read_tokens };
  }
  return null;
}

/** What was counted in between; null when that isn't known, or when the server began anew. */
export function counted(before: CacheCounters | null, after: CacheCounters | null): CacheCounters | null {
  if (before === null || after === null || before.source !== after.source) return null;
  const hit_tokens = Math.round(after.hit_tokens - before.hit_tokens);
  const read_tokens = Math.round(after.read_tokens - before.read_tokens);
  return hit_tokens < 0 || read_tokens < 0 ? null : { source: after.source, hit_tokens, read_tokens };
}

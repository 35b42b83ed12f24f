import type { recordOf } from './count.ts';
import type { CacheCounters } from './watch/watch.ts';

/** Prompt tokens as the server counts them, and those of them that came from a cache. */
export interface Cached {
  read: number;
  all: number;
  /** Those beyond a start, a template and a beginning that are meant to be common. */
  own: number;
  /** Who says so, to stand behind `from a cache`. */
  source: string;
}

type Recorded = ReturnType<typeof recordOf> & { shared_tokens?: number | null };

/**
 * By what the server says of each request; where it says nothing, by its own counters, which count others' requests as
 * well. A chat template's tokens are common to all prompts, and known where the prompt's own are counted here.
 */
export function cachedTokens(requests: readonly Recorded[], counters: CacheCounters | null): Cached {
  const told = requests.flatMap(({ usage, prompt_tokens: own, shared_tokens: shared }) => {
    const { prompt_tokens = null, cached_tokens = null } = usage ?? {};
    return prompt_tokens === null ? [] : [{ prompt_tokens, cached_tokens, own, shared_tokens: shared ?? 0 }];
  });
  const common = told.map(
    ({ prompt_tokens, own, shared_tokens }) =>
      START_TOKEN + shared_tokens + Math.max(0, prompt_tokens - (own ?? prompt_tokens)),
  );
  const read = sum(told.map(({ prompt_tokens }) => prompt_tokens));
  if (counters !== null && told.every(({ cached_tokens }) => cached_tokens === null)) {
    const { hit_tokens, read_tokens, source } = counters;
    const shared = read > 0 ? read_tokens * (sum(common) / read) : 0;
    return {
      read: read_tokens,
      all: hit_tokens,
      own: Math.round(Math.max(0, hit_tokens - shared)),
      source: ` (its counter ${source})`,
    };
  }
  const cached = told.map(({ cached_tokens }) => cached_tokens ?? 0);
  const own = sum(cached.map((count, index) => Math.max(0, count - common[index]!)));
  return { read, all: sum(cached), own, source: '' };
}

const START_TOKEN = 1;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

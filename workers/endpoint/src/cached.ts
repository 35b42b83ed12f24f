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
 * well. A chat template's tokens are common to all prompts: where the prompt's own are counted here all that the server counts
 * beyond them, else `template_tokens`. Later turns share their history, and `shared_tokens` counts its template, too.
 */
export function cachedTokens(
  requests: readonly Recorded[],
  counters: CacheCounters | null,
  template_tokens: number,
): Cached {
  const told = requests.flatMap(({ usage, prompt_tokens: own, shared_tokens, turn = 1 }) => {
    const { prompt_tokens = null, cached_tokens = null } = usage ?? {};
    if (prompt_tokens === null) return [];
    const counted = Math.max(0, prompt_tokens - (own ?? prompt_tokens));
    const template = turn > 1 ? 0 : counted || template_tokens;
    return [{ prompt_tokens, cached_tokens, common: START_TOKEN + (shared_tokens ?? 0) + template }];
  });
  const common = told.map((one) => one.common);
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

/** Whether next to nothing that should have been read anew came from a cache. */
export const isFresh = ({ own, read }: Cached): boolean => own <= FRESH_ENOUGH * read;

// Reading a hundredth less of a prompt is far below what a time to the first token scatters by.
const FRESH_ENOUGH = 0.01;

const START_TOKEN = 1;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

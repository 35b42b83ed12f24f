import { createHash } from 'node:crypto';
import { isSecret } from './mask.ts';

/** `source key` → value; what is long is told by its hash. */
export type Told = Record<string, string | number | boolean | null>;

// What changes while a server stays the same, and where it happens to listen.
const PASSING =
  /^(created|created_at|modified_at|permission|object|status|state|loaded|internal_states|max_total_num_tokens|num_[gc]pu_blocks\w*|kv_cache_size_tokens|kv_cache_max_concurrency|random_seed|instance_id|host|port|nccl_port|dist_init_addr|pid|now|time|timestamp|uptime\w*|\w*throughput|\w*_usage|\w*_available\w*|num_running\w*|num_waiting\w*|vllm_env|system_env)$/;

const LONGEST = 4000;
const DEEPEST = 4;
const MOST = 2000;

/** The values in an answer under dotted keys, without secrets and what passes. */
export function flatten(source: string, answer: unknown, mask: (text: string) => string): Told {
  const told: Told = {};
  const add = (key: string, value: Told[string]) => {
    if (Object.keys(told).length < MOST) told[`${source} ${key}`] = value;
  };
  const walk = (value: unknown, keys: string[]): void => {
    const key = keys.join('.');
    if (typeof value === 'string') add(key, short(mask(value)));
    else if (typeof value === 'number') add(key, isKept(value) ? value : `about ${value}`);
    else if (typeof value === 'boolean') add(key, value);
    else if (value === null || value === undefined) return;
    else if (Array.isArray(value) || keys.length >= DEEPEST) add(key, short(mask(JSON.stringify(value))));
    else
      for (const [name, inner] of Object.entries(value))
        if (!PASSING.test(name) && !isSecret(name)) walk(inner, [...keys, name]);
  };
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) walk(answer, []);
  return told;
}

// Beyond that JSON's integers have lost digits, and a result can't hold them.
const isKept = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

const short = (text: string): string =>
  text.length <= LONGEST ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Where two tellings of the same sources differ: keys that both tell otherwise, or that one no longer has. */
export function changesBetween(one: Told, other: Told): string[] {
  const sources = (told: Told) => new Set(Object.keys(told).map((key) => key.split(' ')[0]!));
  const [first, second] = [sources(one), sources(other)];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  // A source that did not answer once tells nothing of a change.
  return keys.filter((key) => {
    const source = key.split(' ')[0]!;
    return first.has(source) && second.has(source) && one[key] !== other[key];
  });
}

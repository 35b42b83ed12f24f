import { clock_s, round } from '../../../kits/node/inference/time.ts';
import { askAt } from '../ask.ts';
import type { QuantityName } from './engines.ts';
import { shownAddress } from './page.ts';
import type { MetricsPage, NoPage } from './page.ts';
import { poll } from './poll.ts';
import { fallenBetween, readValues } from './reading.ts';
import type { Values } from './reading.ts';

/** What a server told of itself at one time. */
export interface Reading {
  /** When it was asked, and how long the answer took. */
  at_s: number;
  took_s: number;
  values: Values['values'];
  /** Counters that fell since the reading before. */
  fallen: string[];
}

export interface ServerMetrics {
  source: string;
  engine: string;
  period_s: number;
  stale_s: number;
  digits: number | null;
  names: Partial<Record<QuantityName, string>>;
  /** Without an answer, or with one of another form. */
  failed: number;
  readings: Reading[];
}

/**
 * Asks a server for its state now, then with a period, and once more at the end. It asks on a connection of its own, one question
 * at a time. Never rejects. @returns what ends it, with a last reading.
 */
export async function watchServer(
  page: MetricsPage | NoPage,
  period_s: number,
): Promise<() => Promise<ServerMetrics | NoPage>> {
  if ('reason' in page) return async () => page;
  const { address, headers, engine } = page;
  const readings: Reading[] = [];
  const names: ServerMetrics['names'] = {};
  let last: Values | null = null;
  let failed = 0;
  let reason = '';
  const read = async () => {
    const at_s = clock_s();
    const answer = await askAt(address, headers);
    const took_s = clock_s() - at_s;
    const found = answer.text === null ? null : readValues(answer.text, engine);
    if (found === null) {
      failed += 1;
      reason = answer.text === null ? answer.reason : 'its answer had another form';
      return;
    }
    const fallen = last === null ? [] : fallenBetween(last, found);
    readings.push({ at_s: round(at_s), took_s: round(took_s), values: found.values, fallen });
    Object.assign(names, found.names);
    last = found;
  };
  const stop = await poll(period_s, read);
  return async () => {
    await stop();
    const source = shownAddress(address);
    if (readings.length === 0) return { reason: `the server told nothing of its state at ${source}: ${reason}` };
    const { name, stale_s, digits } = engine;
    return { source, engine: name, period_s, stale_s, digits, names, failed, readings };
  };
}

/** Prompt tokens that the server read meanwhile, and those of them that it took from its prefix cache. */
export interface CacheCounters {
  /** The name of the counter of hits. */
  source: string;
  hit_tokens: number;
  read_tokens: number;
}

/** null where it isn't known, or where the server began anew. */
export function cacheOf(metrics: ServerMetrics | NoPage): CacheCounters | null {
  if ('reason' in metrics) return null;
  const { readings, names } = metrics;
  const added = (name: QuantityName) => {
    const [first, last] = [readings[0]!.values[name], readings.at(-1)!.values[name]];
    return first === undefined || last === undefined ? null : Math.round(last - first);
  };
  const [hit_tokens, read_tokens] = [added('prefix_hits'), added('prefix_queries')];
  if (hit_tokens === null || read_tokens === null || readings.some(({ fallen }) => fallen.length > 0)) return null;
  return { source: names.prefix_hits!, hit_tokens, read_tokens };
}

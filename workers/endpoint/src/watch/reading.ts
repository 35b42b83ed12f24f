import { ENGINES, QUANTITIES } from './engines.ts';
import type { Engine, QuantityName } from './engines.ts';
import { readSeries } from './prometheus.ts';
import type { Series } from './prometheus.ts';

/** What a server told of itself at one time. */
export interface Values {
  values: Partial<Record<QuantityName, number>>;
  /** The metric that each is read from. */
  names: Partial<Record<QuantityName, string>>;
  /** Each series of a counter, by its name and labels. */
  counters: Map<string, number>;
}

/** Which engine's metrics a text has; null for a text of another form, or of none that is known. */
export const engineOf = (text: string): Engine | null =>
  ENGINES.find(({ prefix }) => readSeries(text, (name) => name.startsWith(prefix))?.length) ?? null;

/** Sums over all that count apart, such as engines and models; of a share the highest. @returns null for a text of another form. */
export function readValues(text: string, { prefix, names }: Engine): Values | null {
  const metrics = metricsOf(names);
  const series = readSeries(text, (name) => name.startsWith(prefix) && metrics.has(plain(name, prefix)));
  if (series === null) return null;
  const found = new Map<string, Series[]>();
  for (const one of series) {
    // SGLang repeats the number of requests for each priority.
    if (one.labels['priority']) continue;
    const name = plain(one.name, prefix);
    found.set(name, [...(found.get(name) ?? []), one]);
  }
  const read: Values = { values: {}, names: {}, counters: new Map() };
  for (const [quantity, alternatives] of Object.entries(names) as [QuantityName, readonly string[]][]) {
    const chosen = alternatives.find((names) => partsOf(names).every((name) => found.has(name)));
    if (chosen === undefined) continue;
    const parts = partsOf(chosen).flatMap((name) => found.get(name)!);
    read.names[quantity] = [...new Set(parts.map(({ name }) => name))].join(' + ');
    read.values[quantity] = valueOf(quantity, parts);
    if (QUANTITIES[quantity] === 'counter')
      for (const { name, labels, value } of parts) read.counters.set(`${name} ${JSON.stringify(labels)}`, value);
  }
  return read;
}

/** Names of counters of which a series fell, or is gone: the server began anew, or it is another one. */
export function fallenBetween(before: Values, after: Values): string[] {
  const fallen = [...before.counters].flatMap(([key, value]) =>
    (after.counters.get(key) ?? -1) < value ? key.split(' ')[0]! : [],
  );
  return [...new Set(fallen)];
}

const metricsOf = (names: Engine['names']): Set<string> =>
  new Set(Object.values(names).flatMap((alternatives) => alternatives.flatMap(partsOf)));

const partsOf = (names: string): string[] => names.split(' + ');

const plain = (name: string, prefix: string): string => name.slice(prefix.length).replace(/_total$/, '');

function valueOf(quantity: QuantityName, series: readonly Series[]): number {
  const values = withoutCopies(series).map(({ value }) => value);
  return IS_SHARE.has(quantity) ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
}

// What each engine has of its own; there is no sum of them.
const IS_SHARE: ReadonlySet<QuantityName> = new Set(['kv_share', 'accept_length']);

// The processes of one engine say the same of all of it.
const RANKS = new Set(['tp_rank', 'pp_rank', 'moe_ep_rank', 'ep_rank']);

function withoutCopies(series: readonly Series[]): Series[] {
  const highest = new Map<string, Series>();
  for (const one of series) {
    const own = Object.entries(one.labels).filter(([label]) => !RANKS.has(label));
    const key = `${one.name} ${JSON.stringify(own)}`;
    if (one.value >= (highest.get(key)?.value ?? -Infinity)) highest.set(key, one);
  }
  return [...highest.values()];
}

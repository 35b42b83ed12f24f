import { addressAt, askAt } from '../ask.ts';
import type { Engine } from './engines.ts';
import { readSeries } from './prometheus.ts';
import { engineOf } from './reading.ts';

/** Where a server tells how it is doing, and in which words. */
export interface MetricsPage {
  address: URL;
  headers: Record<string, string>;
  engine: Engine;
  /** Settings that it tells as labels, by the name of their metric. */
  info: Record<string, Readonly<Record<string, string>>>;
}

export interface NoPage {
  reason: string;
}

// TensorRT-LLM's own /metrics hands out each statistic once: it must not be asked by accident.
const USUAL = ['prometheus/metrics', 'metrics'];

/**
 * Looks for the page. `path`: a path of the server or a whole URL; null: where servers usually have it. Never rejects.
 * @returns the reason where there is none, or none that is known.
 */
export async function findPage(
  path: string | null,
  url: URL,
  headers: Record<string, string>,
): Promise<MetricsPage | NoPage> {
  let reason = '';
  for (const one of path === null ? USUAL : [path]) {
    const address = addressAt(one, url);
    const page = { address, headers: plainText(address.origin === url.origin ? headers : {}) };
    const answer = await askAt(address, page.headers);
    if (answer.text === null) {
      reason = `${shownAddress(address)}: ${answer.reason}`;
      continue;
    }
    const engine = engineOf(answer.text);
    if (engine !== null) return { ...page, engine, info: infoIn(answer.text) };
    reason = `${shownAddress(address)}: it tells nothing in the words of an engine that is known`;
  }
  return { reason: `the server tells nothing of its state at ${reason}` };
}

/** Without a query, which may have a key in it. */
export const shownAddress = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

const plainText = ({ 'content-type': _type, ...headers }: Record<string, string>): Record<string, string> => ({
  ...headers,
  accept: 'text/plain;version=0.0.4',
});

/** vLLM, SGLang and TensorRT-LLM have metrics whose labels are settings; those of several engines are alike. */
const infoIn = (text: string): MetricsPage['info'] =>
  Object.fromEntries(
    (readSeries(text, (name) => name.endsWith('_config_info')) ?? []).map(({ name, labels }) => [name, labels]),
  );

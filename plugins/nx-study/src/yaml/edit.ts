import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';
import type { Json } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import type { Place } from './problem.ts';
import { readYaml } from './yaml.ts';

/** How new values are written: as in the studies, or as JSON. */
export type Style = 'yaml' | 'json';

/**
 * A YAML or JSON text with another value at a place, or without that place where `value` is undefined. All that the change
 * doesn't touch stays as it is: comments, order, spaces. Maps on the way that don't exist are made. The place has keys only.
 * @throws Error where the place lies behind an alias, or in something that is no map.
 */
export function editYaml(text: string, at: Place, value: Json | undefined, style: Style = 'yaml'): string {
  const root = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: false, logLevel: 'error' }).contents;
  const way: Located[] = [];
  let map: unknown = root;
  for (const [depth, key] of at.entries()) {
    if (!isMap(map)) throw new Error(`${at.slice(0, depth).join('.')} is no map of its own`);
    const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    if (!pair) return value === undefined ? text : insert(text, map, [key, nested(at.slice(depth + 1), value)], style);
    way.push({ map, pair });
    if (isEmpty(pair.value) && depth < at.length - 1)
      return value === undefined ? text : replace(text, pair, nested(at.slice(depth + 1), value), style);
    map = pair.value;
  }
  return value === undefined ? remove(text, way, style) : replace(text, way.at(-1)!.pair, value, style);
}

interface Located {
  map: YAMLMap;
  pair: Pair;
}

const nested = (keys: Place, value: Json): Json =>
  keys.toReversed().reduce<Json>((inner, key) => ({ [key]: inner }), value);

const rangeOf = (node: unknown): [number, number] => {
  const [start, end] = (node as Node).range!;
  return [start, end];
};

const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && (node.source ?? '') === '' && isPlain(node));
const isPlain = ({ type }: { type?: string }): boolean => type === undefined || type === 'PLAIN';
const isBlock = (node: unknown): boolean =>
  isScalar(node)
    ? node.type?.startsWith('BLOCK') === true
    : (node as { flow?: boolean; items?: unknown }).items !== undefined && !(node as YAMLMap).flow;

/** Where a pair ends, without comments and the end of the line. */
function endOf(text: string, { key, value }: Pair): number {
  if (isEmpty(value)) return text.indexOf(':', rangeOf(key)[1]) + 1;
  const [start, end] = rangeOf(value);
  return start + text.slice(start, end).trimEnd().length;
}

const splice = (text: string, start: number, end: number, by: string): string =>
  `${text.slice(0, start)}${by}${text.slice(end)}`;

function replace(text: string, pair: Pair, value: Json, style: Style): string {
  const keyEnd = rangeOf(pair.key)[1];
  const end = endOf(text, pair);
  const written = valueText(value, style);
  if (isEmpty(pair.value)) return splice(text, end, end, ` ${written}`);
  if (isBlock(pair.value)) return splice(text, text.indexOf(':', keyEnd), end, `: ${written}`);
  return splice(text, rangeOf(pair.value)[0], end, written);
}

function insert(text: string, map: YAMLMap, [key, value]: [string | number, Json], style: Style): string {
  const written = `${valueText(String(key), style)}: ${valueText(value, style)}`;
  const [first, last] = [map.items[0], map.items.at(-1)];
  if (!first || !last) {
    const [start, end] = rangeOf(map);
    return splice(text, start, end, `{ ${written} }`);
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const end = endOf(text, last);
  const [start] = rangeOf(first.key);
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  if (map.flow) {
    const isSpread = text.slice(rangeOf(map)[0], start).includes('\n');
    return splice(text, end, end, isSpread ? `,${eol}${indent}${written}` : `, ${written}`);
  }
  const lineEnd = text.indexOf('\n', end);
  if (lineEnd === -1) return `${text}${eol}${indent}${written}`;
  return splice(text, lineEnd + 1, lineEnd + 1, `${indent}${written}${eol}`);
}

function remove(text: string, way: Located[], style: Style): string {
  const { map, pair } = way.at(-1)!;
  const index = map.items.indexOf(pair);
  if (map.items.length === 1) {
    const parent = way.at(-2);
    return parent ? replace(text, parent.pair, {}, style) : text;
  }
  const [start] = rangeOf(pair.key);
  if (map.flow) {
    const next = map.items[index + 1];
    if (next) return splice(text, start, rangeOf(next.key)[0], '');
    return splice(text, endOf(text, map.items[index - 1]!), endOf(text, pair), '');
  }
  const lineEnd = text.indexOf('\n', endOf(text, pair));
  return splice(text, text.lastIndexOf('\n', start - 1) + 1, lineEnd === -1 ? text.length : lineEnd + 1, '');
}

/** A value on one line: `{ distribution: normal, sigma: 1 }`, `[500, 1000]`. */
export function valueText(value: Json, style: Style = 'yaml'): string {
  if (style === 'json') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => valueText(one, style)).join(', ')}]`;
  if (!isJsonObject(value)) return scalarText(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${scalarText(key)}: ${valueText(inner, style)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** Without quotes where both YAML 1.1 and 1.2 read the same text. */
function scalarText(value: Exclude<Json, object> | null): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const plain = stringify([value], { compat: 'yaml-1.1', collectionStyle: 'flow', lineWidth: 0 }).trim();
  const inner = plain.slice(1, -1).trim();
  const { value: read, problems } = readYaml(`k: { a: ${inner}, b: 1 }`);
  const isSame = problems.length === 0 && JSON.stringify(read) === JSON.stringify({ k: { a: value, b: 1 } });
  return isSame && !inner.includes('\n') ? inner : JSON.stringify(value);
}

import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { leaves } from '../base/path.ts';

const LONGEST = 60;

export interface LabelParts {
  /** Axis path → value, group → name. */
  varied: JsonObject;
  /** Stands first: the worker, when the study lists several. */
  prefix: string | null;
  /** Hex digits, to close a label that had to be cut. */
  hash: string;
}

/**
 * Makes readable labels of the varied settings, such as `tune-500-lognormal`: text and variants stand for themselves, numbers
 * follow the name of their setting. Where nothing varies, the label is `base`.
 */
export function labeller(groups: ReadonlySet<string>): (parts: LabelParts) => string {
  const wordsOf = memoized(
    (name: string, value: Json) => describe(name, value, groups.has(name)),
    (name, value) => `${name}\0${JSON.stringify(value)}`,
  );
  return ({ varied, prefix, hash }) => {
    const parts = Object.entries(varied).map(([name, value]) => wordsOf(name, value));
    const first = prefix === null ? (parts.length === 0 ? 'base' : '') : slug(prefix);
    const full = join([first, ...parts.map((part) => part.full)]);
    if (full !== '' && full.length <= LONGEST) return full;
    const short = join([first, ...parts.map((part) => part.short)]);
    return short !== '' && short.length <= LONGEST ? short : distinctLabel(short, hash);
  };
}

/** A label cut and closed by the beginning of a hash, so that no other experiment has it. */
export const distinctLabel = (label: string, hash: string): string =>
  join([trim(label.slice(0, 51)), hash.slice(0, 8)]);

function describe(name: string, value: Json, isGroup: boolean): { full: string; short: string } {
  const short = slug(valueText(value));
  const speaksForItself = isGroup || (typeof value === 'string' && /^[a-z]/.test(short));
  return { short, full: speaksForItself ? short : join([slug(name.split('.').at(-1)!), short]) };
}

const join = (words: string[]): string => words.filter((word) => word !== '').join('-');

function valueText(value: Json): string {
  if (typeof value === 'string') return value.split('/').at(-1) || value;
  if (typeof value === 'number') return value < 0 ? `minus ${-value}` : String(value);
  if (Array.isArray(value)) return value.map((item) => valueText(item)).join(' ');
  if (!isJsonObject(value)) return String(value);
  return leaves(value)
    .map((leaf) => (isJsonObject(leaf.value) ? '' : valueText(leaf.value)))
    .join(' ');
}

const slug = (text: string): string =>
  trim(
    text
      .normalize('NFKD')
      .replaceAll(/\p{Mark}+/gu, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-'),
  );

const trim = (text: string): string => text.replaceAll(/^-+|-+$/g, '');

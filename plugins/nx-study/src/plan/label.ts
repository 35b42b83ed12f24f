import type { Json, JsonObject } from '../json.ts';
import { isJsonObject } from '../json.ts';
import { leaves } from './path.ts';

const LONGEST = 60;

export interface LabelParts {
  /** Axis path → value, group → name. */
  varied: JsonObject;
  /** The names in `varied` that are variants groups. */
  groups: ReadonlySet<string>;
  /** Stands first: the worker, when the study lists several. */
  prefix: string | null;
  /** Stands alone when nothing varies. */
  fallback: string;
}

/**
 * A readable label made of what varies, such as `tune-500-lognormal`: text stands for itself, numbers follow the name
 * of their setting. The hash (hex digits) closes a label that had to be cut.
 */
export function deriveLabel(parts: LabelParts, hash: string): string {
  const full = joined(parts, true);
  if (full === '') return `x-${hash.slice(0, 8)}`;
  if (full.length <= LONGEST) return full;
  const short = joined(parts, false);
  if (short !== '' && short.length <= LONGEST) return short;
  return distinctLabel(short || full, hash);
}

/** A label cut and closed by the beginning of a hash, so that no other experiment has it. */
export const distinctLabel = (label: string, hash: string): string => `${trim(label.slice(0, 51))}-${hash.slice(0, 8)}`;

function joined({ varied, groups, prefix, fallback }: LabelParts, named: boolean): string {
  const entries = Object.entries(varied);
  if (entries.length === 0) return slug(prefix ?? fallback);
  return slug([prefix ?? '', ...entries.map(([name, value]) => part(name, value, named && !groups.has(name)))].join(' '));
}

function part(name: string, value: Json, named: boolean): string {
  const text = valueText(value);
  const speaksForItself = typeof value === 'string' && /^[a-z]/.test(slug(text));
  return named && !speaksForItself ? `${name.split('.').at(-1)} ${text}` : text;
}

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

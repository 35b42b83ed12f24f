import { distance } from 'fastest-levenshtein';
import type { Json, JsonObject } from './json.ts';

/** The text of a problem, before its place in a file is known. */
export interface Text {
  message: string;
  hint: string | null;
}

/** `tune = 500, beta-prior = normal`. */
export function describeCombination(combination: JsonObject): string {
  return Object.entries(combination)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? cut(value) : show(value)}`)
    .join(', ');
}

/** A value as a person would write it, cut to a line. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return cut(JSON.stringify(value));
}

const cut = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

/** The kind of a value, with its article. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
}

const MOST_CANDIDATES = 500;

/** `Did you mean …?` when one of the candidates is near, else the list of them when it is short. */
export function didYouMean(word: string, candidates: Iterable<string>): string | null {
  const all = [...candidates].slice(0, MOST_CANDIDATES);
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_. ]/g, '');
  const near = all
    .map((candidate) => ({ candidate, far: farness(plain(word), plain(candidate)) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3)))
    .sort((a, b) => a.far - b.far)[0];
  if (near) return `Did you mean \`${near.candidate}\`?`;
  return all.length > 0 && all.length <= 24 ? `It may be ${list(all)}.` : null;
}

// A word that begins with the other is near, such as `batchsize` and `batch`.
function farness(a: string, b: string): number {
  const begins = Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a));
  return begins ? 1 : distance(a, b);
}

/** `a`, `b` or `c`. */
export function list(words: Iterable<string>, joint = 'or'): string {
  const quoted = [...words].map((word) => `\`${word}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} ${joint} ${quoted.at(-1)}`;
}

export const text = (message: string, hint: string | null = null): Text => ({ message, hint });

export function nearOnly(word: string, options: string[]): string | null {
  const hint = didYouMean(word, options);
  return hint?.startsWith('Did') ? hint : null;
}

import { styleText } from 'node:util';
import stringWidth from 'string-width';
import { visible } from './visible.ts';

export type Style = 'red' | 'green' | 'yellow' | 'bold' | 'dim';
export type Paint = (style: Style, text: string) => string;

export const painter = (color: boolean): Paint =>
  color ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;

/** The styles that `painter` uses, where they begin and end. */
export const OWN_STYLE = new RegExp(`(${String.fromCodePoint(27)}\\[(?:31|32|33|39|1|2|22)m)`);

/** One line without control characters: texts of workers must not steer a terminal. */
export const plain = (text: string): string => visible(text.replaceAll(/[\p{Cc}\u{2028}\u{2029}]+/gu, ' ').trim());

/** The most columns of a terminal for a head, and for texts of workers in a cell. */
export const LONGEST_HEAD = 40;

/** Cuts a text in its middle to this many columns: its beginning names the thing, its end distinguishes it. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const characters = charactersOf(text);
  const tail = fitting(characters.toReversed(), Math.floor((width - 1) / 2));
  const head = fitting(characters, width - 1 - displayWidth(tail.join('')));
  return `${head.join('')}…${tail.toReversed().join('')}`;
}

/** The first characters, as many as fit into this many columns. */
function fitting(characters: readonly string[], width: number): string[] {
  let left = width;
  const end = characters.findIndex((character) => (left -= displayWidth(character)) < 0);
  return end === -1 ? [...characters] : characters.slice(0, end);
}

/** Lines of at most `width` columns, the further ones indented; a longer word stays whole, to be copied. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  const start = /^ */.exec(text)![0];
  for (const word of text.split(' ').filter(Boolean)) {
    const prefix = lines.length === 0 ? start : indent;
    if (line !== '' && displayWidth(`${line} ${word}`) > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === '' ? `${prefix}${word}` : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** Terminal columns of a line; styles take none. */
export const displayWidth = (text: string): number => (NARROW.test(text) ? text.length : stringWidth(text));

const segmenter = new Intl.Segmenter();
const ASCII = /^[\x20-\x7E]*$/;
// With the signs of our own tables: measuring others takes much longer.
const NARROW = /^[\x20-\x7E±×·–—…→]*$/;

const charactersOf = (text: string): string[] =>
  ASCII.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);

/** `a, b and 7 more`. */
export function listed(items: readonly string[], most: number): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(', ')} and ${more} more` : items.join(', ');
}

/** A head and the first lines below it, indented; nothing without lines. */
export function headed(head: string, lines: readonly string[], most: number): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - most;
  return [head, ...lines.slice(0, most).map((line) => `  ${line}`), ...(more > 0 ? [`  … and ${more} more`] : [])];
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

import { styleText } from 'node:util';
import { visible } from '../visible.ts';

export type Style = 'red' | 'green' | 'yellow' | 'bold' | 'dim';
export type Paint = (style: Style, text: string) => string;

export const painter = (color: boolean): Paint =>
  color ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;

/** The styles that `painter` uses, where they begin and end. */
export const OWN_STYLE = new RegExp(`(${String.fromCodePoint(27)}\\[(?:31|32|33|39|1|2|22)m)`);

/** One line without control characters: texts of workers must not steer a terminal. */
export const plain = (text: string): string => visible(text.replaceAll(/[\p{Cc}\u{2028}\u{2029}]+/gu, ' ').trim());

/** Cuts in the middle: beginnings name, ends distinguish. */
export function shorten(text: string, width: number): string {
  const characters = charactersOf(text);
  if (characters.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${characters.slice(0, width - 1 - tail).join('')}…${characters.slice(characters.length - tail).join('')}`;
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

const WIDE =
  /[\u{1100}-\u{115F}\u{2E80}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF00}-\u{FF60}\u{1F300}-\u{1FAFF}]/u;
const ANSI = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;]*m`, 'g');

/** Terminal columns of a line. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of charactersOf(text.replaceAll(ANSI, ''))) width += WIDE.test(character) ? 2 : 1;
  return width;
}

const segmenter = new Intl.Segmenter();
const ASCII = /^[\x20-\x7E]*$/;

const charactersOf = (text: string): string[] =>
  ASCII.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);

/** `a, b and 7 more`. */
export function listed(items: readonly string[], most: number): string {
  const more = items.length - most;
  return more > 0 ? `${items.slice(0, most).join(', ')} and ${more} more` : items.join(', ');
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

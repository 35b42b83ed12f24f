import stringWidth from 'string-width';

/** The width of each panel in units, about the pixels of a phone. */
export const WIDTH = 380;

/** Units that a line of text of a panel takes. */
export const LINE = 13;
export const FONT = 11.5;
export const SMALL_FONT = 10.5;

// DejaVu Sans, one of the widest sans-serif fonts: its digits are 0.636 of the font's size wide.
const WIDTH_OF_CHARACTER = 0.62;
const WIDE = /[mwMW@%…—→←]/g;
const CAPITAL = /[A-HK-LN-VX-Z]/g;

/** The estimated width of a text in units: the browser's font isn't known, so it is a wide one's. */
export const widthOf = (text: string, size = FONT): number =>
  (cellsOf(text) + countOf(WIDE, text) * 0.6 + countOf(CAPITAL, text) * 0.15) * WIDTH_OF_CHARACTER * size;

const countOf = (letters: RegExp, text: string): number => text.match(letters)?.length ?? 0;

// Nearly all texts are of such letters, and figures of many rows measure thousands of them.
const cellsOf = (text: string) => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

/** The text, or as much of both its ends as fits, with an ellipsis: labels often differ at their ends. */
export function fitted(text: string, width: number, size = FONT): string {
  if (widthOf(text, size) <= width) return text;
  const characters = graphemesOf(text);
  for (
    let kept = Math.min(characters.length - 1, Math.floor(width / (WIDTH_OF_CHARACTER * size)));
    kept > 0;
    kept -= 1
  ) {
    const end = Math.floor(kept * 0.45);
    const cut = `${characters.slice(0, kept - end).join('')}…${characters.slice(characters.length - end).join('')}`;
    if (widthOf(cut, size) <= width) return cut;
  }
  return '';
}

const segmenter = new Intl.Segmenter('en');
const graphemesOf = (text: string) =>
  /^[ -~]*$/.test(text) ? text.split('') : Array.from(segmenter.segment(text), ({ segment }) => segment);

/** The text in lines of at most that width, broken at spaces and hyphens, or anywhere in a word that is longer. */
export function wrapped(text: string, width: number, size = FONT): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=[\s\-_/,])/u).flatMap((one) => pieces(one, width, size))) {
    if (line !== '' && widthOf((line + word).trimEnd(), size) > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

// One grapheme may be as wide as several letters.
function pieces(word: string, width: number, size: number): string[] {
  if (widthOf(word.trimEnd(), size) <= width) return [word];
  const found = [''];
  for (const character of graphemesOf(word)) {
    const longer = found.at(-1)! + character;
    if (longer !== character && widthOf(longer, size) > width) found.push(character);
    else found[found.length - 1] = longer;
  }
  return found;
}

/** Where a text begins that is centred at a place, but stays inside the panel. */
export function startOf(at: number, text: string, size = FONT): number {
  const width = widthOf(text, size);
  return Math.max(0, Math.min(WIDTH - width, at - width / 2));
}

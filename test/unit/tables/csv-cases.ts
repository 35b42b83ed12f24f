import type { Cell } from '../../../plugins/nx-study/src/tables/column.ts';

/** Cells that have broken rows, columns or spreadsheets, and the text that a reader must find. */
export const CELLS: [cell: Cell, text: string][] = [
  ['two\nlines', 'two\nlines'],
  ['\nfirst', '\nfirst'],
  ['last\n', 'last\n'],
  ['a, b; c\td', 'a, b; c\td'],
  ['say "no"', 'say "no"'],
  ['"', '"'],
  [' blanks ', ' blanks '],
  ['', ''],
  [undefined, ''],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  [' -1', "' -1"],
  ['\n@x', "'\n@x"],
  ["'=1", "''=1"],
  ["'quoted'", "'quoted'"],
  ['＝1', "'＝1"],
  ['a=b', 'a=b'],
  [-1.5, '-1.5'],
  [-1e-7, '-1e-7'],
  [0, '0'],
  [true, 'true'],
  [null, 'null'],
  [['=1', -1, '\u{1B}\u{9B}'], String.raw`["=1",-1,"\u001b\u009b"]`],
  ['\u{1B}[31mred\u{0}\u{7F}', String.raw`\x1b[31mred\x00\x7f`],
  ['\u{9B}2J', String.raw`\x9b2J`],
  ['a\u{202E}b\u{2066}c\u{2028}d\u{FEFF}', String.raw`a\u202eb\u2066c\u2028d\ufeff`],
  ['Größe 日本 ✅ 👩‍👧', 'Größe 日本 ✅ 👩‍👧'],
];

/** As `docs/reading-results.md` says: the text before a `'` was put in front of what looks like a formula. */
export const withoutMark = (text: string): string => text.replace(/^'('*\s*[=+\-@＝＋－＠])/, '$1');

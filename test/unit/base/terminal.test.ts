import { expect, test } from 'vitest';
import { painter, plain } from '../../../plugins/nx-study/src/base/layout.ts';
import { forTerminal } from '../../../plugins/nx-study/src/base/terminal.ts';
import { visible, visibleJson } from '../../../plugins/nx-study/src/base/visible.ts';

const all = Array.from({ length: 0x11_0000 }, (_, code) => code);
const raw =
  // eslint-disable-next-line no-control-regex
  /[\u{0}-\u{9}\u{B}-\u{1F}\u{7F}-\u{9F}\u{61C}\u{200E}\u{200F}\u{2028}-\u{202E}\u{2066}-\u{2069}\u{FEFF}\p{Cs}]/u;
const everything = all.map((code) => String.fromCodePoint(code)).join(' ');

test('of all characters, none that steers a terminal is left, and no other is changed', () => {
  const text = forTerminal(everything);
  expect(raw.test(text)).toBe(false);
  expect(raw.test(forTerminal(everything, true))).toBe(false);
  const kept = all.map((code) => String.fromCodePoint(code)).filter((one) => forTerminal(one) === one);
  expect(kept.length).toBeGreaterThan(1_111_000);
  for (const one of ['\n', 'ä', '日', '\u{301}', '👩‍👧', '\u{200D}', '\u{E000}']) expect(forTerminal(one)).toBe(one);
});

test.each([
  ['\u{1B}[2J', String.raw`\x1b[2J`],
  ['\u{9B}2J', String.raw`\x9b2J`],
  ['\u{1B}]0;title\u{7}', String.raw`\x1b]0;title\x07`],
  ['a\u{202E}b\u{2066}c', String.raw`a\u202eb\u2066c`],
  ['first\r\nsecond\tthird', 'first\nsecond    third'],
  ['shown\rhidden', String.raw`shown\x0dhidden`],
])('%j is shown as %s', (text, shown) => {
  expect(forTerminal(text)).toBe(shown);
});

test('our own styles are left where there are colours, and only these', () => {
  const red = painter(true)('red', 'x');
  expect(forTerminal(red, true)).toBe(red);
  expect(forTerminal(red)).toBe(String.raw`\x1b[31mx\x1b[39m`);
  expect(forTerminal(`${red}\u{1B}[5m\u{1B}[31;5m\u{1B}[2K`, true)).toBe(`${red}\\x1b[5m\\x1b[31;5m\\x1b[2K`);
});

test('text of others in a styled line has no styles of its own', () => {
  expect(plain('\u{1B}[31mred')).not.toContain('\u{1B}');
  expect(plain('a\u{202E}b')).toBe(String.raw`a\u202eb`);
});

test('JSON means the same with escapes', () => {
  const value = { 'key\u{9B}': ['\u{1B}', '\u{202E}', '\u{7F}', 'ä\n'], deep: { a: null } };
  for (const indent of [undefined, 2]) {
    const text = visibleJson(value, indent);
    expect(raw.test(text)).toBe(false);
    expect(JSON.parse(text)).toEqual(value);
  }
});

test('what is to be kept is kept', () => {
  expect(visible('a\tb\nc\u{0}', '\t\n')).toBe(`a\tb\nc\\x00`);
});

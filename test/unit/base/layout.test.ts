import { expect, test } from 'vitest';
import { formatBeside, formatNumber, scaleOf, unitBeside } from '../../../plugins/nx-study/src/base/numbers.ts';
import { displayWidth, listed, plain, shorten, wrap } from '../../../plugins/nx-study/src/base/layout.ts';

test.each([
  [0, '0'],
  [12, '12'],
  [123_456, '123456'],
  [-3, '-3'],
  [1.005_83, '1.006'],
  [12.345, '12.35'],
  [1234.6, '1235'],
  [0.001_234_6, '0.001235'],
  [0.000_012_346, '1.235e-5'],
  [2e9, '2.000e+9'],
  [-0.5, '-0.5000'],
])('%d is written %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [1.005, 1.01, '1.005'],
  [1.009_96, 1.01, '1.00996'],
  [1.01, 1.01, '1.010'],
  [400.000_1, 400, '400.0001'],
  [0.299_999, 0.3, '0.299999'],
])('%d beside %d is written %s', (value, threshold, text) => {
  expect(formatBeside(value, threshold)).toBe(text);
});

test('bytes get the unit in which the column is shortest', () => {
  expect(scaleOf('bytes', [5, 431e6])).toEqual({ divisor: 1e6, unit: 'MB' });
  expect(scaleOf('bytes', [])).toEqual({ divisor: 1, unit: 'bytes' });
  expect(scaleOf('s', [1e9])).toEqual({ divisor: 1, unit: 's' });
});

test('so do operations, and what is counted by second or token', () => {
  expect(scaleOf('FLOP/s', [3.2e12])).toEqual({ divisor: 1e12, unit: 'TFLOP/s' });
  expect(scaleOf('FLOP/token', [2.7e8])).toEqual({ divisor: 1e6, unit: 'MFLOP/token' });
  expect(scaleOf('bytes/s', [9e9])).toEqual({ divisor: 1e9, unit: 'GB/s' });
  expect(scaleOf('bytes/token', [12])).toEqual({ divisor: 1, unit: 'bytes/token' });
});

test('a shown unit stands beside the number where it is not the one that is named', () => {
  expect(unitBeside('bytes', scaleOf('bytes', [45e9]))).toBe(' GB');
  expect(unitBeside('bytes', scaleOf('bytes', [45]))).toBe('');
});

test('wide and combined characters count as the terminal draws them', () => {
  expect(displayWidth('abc')).toBe(3);
  expect(displayWidth('日本')).toBe(4);
  expect(displayWidth('e\u{301}β')).toBe(2);
  expect(displayWidth('\u{1B}[31mred\u{1B}[39m')).toBe(3);
  for (const wide of ['✅', '⏳', '👩‍👧', '🇩🇪', '🪿', '한', '！']) expect(displayWidth(wide)).toBe(2);
  for (const narrow of ['✓', '→', '…', '×', '█', 'ä', '\u{1B}[1mx\u{1B}[22m']) expect(displayWidth(narrow)).toBe(1);
});

test('shortening keeps both ends', () => {
  expect(shorten('abcdefghij', 7)).toBe('abc…hij');
  expect(shorten('abc', 3)).toBe('abc');
  expect(shorten('日本日本日本', 7)).toBe('日本…本');
  expect(shorten('✅✅✅', 5)).toBe('✅…✅');
});

test('wrapping indents what follows, and leaves long words whole', () => {
  expect(wrap('  one two three', 9, '    ')).toEqual(['  one two', '    three']);
  expect(wrap('see results/a/very/long/path now', 10, '  ')).toEqual(['see', '  results/a/very/long/path', '  now']);
});

test('control characters become spaces', () => {
  expect(plain('a\u{1B}[31m\r\nb\u{0}')).toBe('a [31m b');
});

test('long lists say how many are left', () => {
  expect(listed(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
  expect(listed(['a', 'b'], 2)).toBe('a, b');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMinusZero, keepsDigits } from '../../../plugins/nx-study/src/base/exact.ts';

test('whatever way a double is usually written, it keeps its digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const text of [String(value), value.toExponential(), value.toPrecision(17)])
        expect(keepsDigits(text)).toBe(true);
    }),
  );
});

// But for the smallest and the largest doubles.
test('15 digits are kept', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
      fc.integer({ min: 1, max: 15 }),
      (value, digits) => {
        expect(keepsDigits(value.toPrecision(digits))).toBe(true);
      },
    ),
  );
});

test('a tie that is written to the even digit keeps its digits', () => {
  expect(keepsDigits('5.684341886080802e-14')).toBe(true);
});

test.each([
  '9007199254740993',
  '9007199254740993.0',
  '9.007199254740993e15',
  '-9007199254740993',
  '0.12345678901234567891',
  '1e400',
  '-1e400',
  '1e-400',
  '3e-324',
  '2.5e-324',
  `0.${'3'.repeat(200)}`,
])('%s does not', (source) => {
  expect(keepsDigits(source)).toBe(false);
});

test.each([
  ['-0', true],
  ['-0.0', true],
  ['-.0e5', true],
  ['0', false],
  ['-0.1', false],
])('%s is minus zero: %s', (source, is) => {
  expect(isMinusZero(source)).toBe(is);
});

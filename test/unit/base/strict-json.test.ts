import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStrictly } from '../../../plugins/nx-study/src/base/strict-json.ts';

test('whatever JSON we write is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), (text) => {
      expect(parseStrictly(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  ['{"a": NaN}', '`a`: NaN is no JSON; write null, and why under `reasons`'],
  ['{"payload": {"x": [1, {"y": -Infinity}]}}', '`payload.x.1.y`: -Infinity is no JSON; write null'],
  ['Infinity', 'the value: Infinity is no JSON'],
  ['{"NaN": "NaN", "b": NaN}', '`b`: NaN is no JSON'],
  ['{"a": 9007199254740993}', '`a`: 9007199254740993 is not a number that can be kept: it would be 9007199254740992'],
  ['{"a": [0, -9007199254740993]}', '`a.1`: -9007199254740993 is not a number'],
  ['{"a": 9007199254740993.0}', '`a`: 9007199254740993.0 is not a number'],
  ['{"a": 9.007199254740993e15}', '`a`: 9.007199254740993e15 is not a number'],
  ['{"a": 1e400}', '`a`: 1e400 is not a number that can be kept: it would be Infinity'],
  ['{"a": 1e-400}', '`a`: 1e-400 is not a number that can be kept: it would be 0'],
  ['{"a": 1, "b": {"c": 1, "c": 1}}', '`b.c` is there twice; write each key once'],
  [String.raw`{"a\"": 1, "\u0061\"": 2}`, '`a"` is there twice'],
  ['{"a": [{"b": 1}, {"b": 2, "b": 3}]}', '`a.1.b` is there twice'],
])('%s is refused, with its path', (text, message) => {
  expect(() => parseStrictly(text)).toThrow(SyntaxError);
  expect(() => parseStrictly(text)).toThrow(message);
});

test.each(['', '{', '{"a": 1,}', '{"a" 1}', 'nan', '"\n"', '"open', '{"a": 01}'])('%j is no JSON', (text) => {
  expect(() => parseStrictly(text)).toThrow(SyntaxError);
});

test.each([
  ['{"a": "9007199254740993, NaN", "b": "\\\\\\" : NaN"}', { a: '9007199254740993, NaN', b: '\\" : NaN' }],
  ['[9007199254740992, 1152921504606846976]', [2 ** 53, 2 ** 60]],
  ['[0.1000000000000000055511151231257827, 0.12345678901234567891]', [0.1, 0.123_456_789_012_345_68]],
  ['[1e5, -0, 0.0, 0e5, 5e-324]', [1e5, -0, 0, 0, 5e-324]],
  ['[{"a": 1}, {"a": 1}]', [{ a: 1 }, { a: 1 }]],
  ['{"a": {"a": {"a": []}}}', { a: { a: { a: [] } } }],
])('%s is read', (text, value) => {
  expect(parseStrictly(text)).toEqual(value);
});

test('long strings, many brackets and many numbers are read', () => {
  const value = { text: '\\"'.repeat(1_000_000), numbers: Array.from({ length: 100_000 }, (_, index) => index / 7) };
  expect(parseStrictly(JSON.stringify(value))).toEqual(value);
  expect(() => parseStrictly(`${'['.repeat(100_000)}NaN`)).toThrow('NaN is no JSON');
});

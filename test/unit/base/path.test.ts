import { expect, test } from 'vitest';
import { mapPaths, valueAt } from '../../../plugins/nx-study/src/base/path.ts';

const value = { load: { rate_per_s: 2 }, workloads: [{ file: 'a.csv' }], 'a.b': 1 };

test('a dotted path and a list of keys lead to the same value', () => {
  expect(valueAt(value, 'load.rate_per_s')).toBe(2);
  expect(valueAt(value, ['load', 'rate_per_s'])).toBe(2);
  expect(valueAt(value, 'workloads.0.file')).toBe('a.csv');
  expect(valueAt(value, ['workloads', 0, 'file'])).toBe('a.csv');
  expect(valueAt(value, [])).toBe(value);
});

test('only a list of keys leads below a key that has a dot', () => {
  expect(valueAt(value, ['a.b'])).toBe(1);
  expect(valueAt(value, 'a.b')).toBeUndefined();
});

test('what every object inherits is no value, whichever way it is asked for', () => {
  expect(valueAt(value, 'constructor')).toBeUndefined();
  expect(valueAt(value, ['load', 'toString'])).toBeUndefined();
});

test('texts at paths are replaced in a copy, and all else is left alone', () => {
  const mapped = mapPaths(value, ['workloads.0.file', 'load.rate_per_s', 'load.none'], (text) => ({ sha256: text }));
  expect(mapped).toEqual({ ...value, workloads: [{ file: { sha256: 'a.csv' } }] });
  expect(value.workloads[0]!.file).toBe('a.csv');
});

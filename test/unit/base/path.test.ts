import { expect, test } from 'vitest';
import type { Json } from '../../../plugins/nx-study/src/base/json.ts';
import { mapPaths, picked, valueAt } from '../../../plugins/nx-study/src/base/path.ts';

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

test('what lies at paths, with the places of lists; what stands there instead is null', () => {
  const at = (value: Json, ...paths: string[]) =>
    picked(
      value,
      paths.map((path) => path.split('.')),
    );
  const configuration = {
    a: { file: 'x', other: 1 },
    b: 5,
    c: null,
    list: [{ a: { file: 'y' }, z: 1 }, { a: 3 }, {}, 'text'],
    map: { one: { file: 'p' }, two: [1] },
    left: 'out',
  };
  expect(at(configuration, 'a.file', 'b.file', 'c', 'none', 'list.*.a.file', 'map.*.file')).toEqual({
    a: { file: 'x' },
    b: null,
    c: null,
    list: [{ a: { file: 'y' } }, { a: null }, {}, null],
    map: { one: { file: 'p' }, two: [null] },
  });
  expect(at(configuration, 'a', 'a.file')).toEqual({ a: configuration.a });
  expect(at({ list: ['p', 'q'] }, 'list.1')).toEqual({ list: [null, 'q'] });
});

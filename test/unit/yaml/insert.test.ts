import { expect, test } from 'vitest';
import { insertItem } from '../../../plugins/nx-study/src/yaml/insert.ts';

test.each([
  ['first in brackets', 'a: [ 1,  4 ] # x\n', 0, 'a: [ 0, 1,  4 ] # x\n'],
  ['between in brackets', 'a: [1, 4] # x\n', 1, 'a: [1, 0, 4] # x\n'],
  ['last in brackets', 'a: [1, 4] # x\n', 2, 'a: [1, 4, 0] # x\n'],
  ['into empty brackets', 'a: [] # x\n', 0, 'a: [0] # x\n'],
  ['first in lines', 'a:\n  - 1 # one\n  - 4\n', 0, 'a:\n  - 0\n  - 1 # one\n  - 4\n'],
  ['last in lines', 'a:\n- 1\n- 4 # four\nb: 1\n', 2, 'a:\n- 1\n- 4 # four\n- 0\nb: 1\n'],
  ['last in lines at the end', 'a:\n  - 1\n  - 4', 2, 'a:\n  - 1\n  - 4\n  - 0'],
  ['as in Windows', 'a:\r\n  - 1\r\nb: 1\r\n', 1, 'a:\r\n  - 1\r\n  - 0\r\nb: 1\r\n'],
  ['a list that is not there', 'b: 1', 0, 'b: 1\na:\n  - 0\n'],
])('an item is put %s', (_, text, index, after) => {
  expect(insertItem(text, ['a'], index, 0)).toBe(after);
});

test('a map as an item, in a list of maps and deep in the file', () => {
  const item = { 'load.concurrency': 8, variants: { kv: 'q8' } };
  expect(insertItem('x:\n  y:\n    - a: 1\n      b: 2\n', ['x', 'y'], 1, item)).toBe(
    'x:\n  y:\n    - a: 1\n      b: 2\n    - { load.concurrency: 8, variants: { kv: q8 } }\n',
  );
});

test('what is no list of its own is not edited', () => {
  expect(() => insertItem('x: &x [1]\na: *x\n', ['a'], 0, 2)).toThrow('a is no list of its own');
  expect(() => insertItem('a: 1\n', ['a'], 0, 2)).toThrow('a is no list of its own');
  expect(() => insertItem('b: {}\n', ['b', 'a'], 0, 2)).toThrow('b.a is no list of its own');
});

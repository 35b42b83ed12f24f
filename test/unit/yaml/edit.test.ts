import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../plugins/nx-study/src/base/json.ts';
import { editYaml } from '../../../plugins/nx-study/src/yaml/edit.ts';
import { readYaml } from '../../../plugins/nx-study/src/yaml/yaml.ts';

const text = `# top
worker: w # x
base: # shared
  votes:   "../a.csv" # file
  list: # of numbers
    - 1 # one
    - 2
  prior: {distribution: normal,   mu: 0} # p

  nested:
    a: 1
    # about b
    b: two
  empty:
  "q.x": 3
sweep:
  a: [ 1,2 ]
`;

const cases: [string, string[], Json | undefined, string, string][] = [
  ['a scalar', ['votes'], 'b.csv', '  votes:   "../a.csv" # file', '  votes:   b.csv # file'],
  ['a text that YAML 1.1 reads as another value', ['votes'], 'yes', '  votes:   "../a.csv" #', '  votes:   "yes" #'],
  ['a text with a comment sign', ['votes'], 'a # b', '  votes:   "../a.csv" #', '  votes:   "a # b" #'],
  [
    'a list of several lines',
    ['list'],
    [3, '0777'],
    '  list: # of numbers\n    - 1 # one\n    - 2\n',
    '  list: [3, "0777"]\n',
  ],
  ['a key of a map in braces', ['prior', 'mu'], 0.5, 'normal,   mu: 0}', 'normal,   mu: 0.5}'],
  ['a new key of a map in braces', ['prior', 'sigma'], 1, 'mu: 0}', 'mu: 0, sigma: 1}'],
  ['a new key of a map in lines', ['nested', 'c'], { d: null }, 'b: two\n', 'b: two\n    c: { d: null }\n'],
  ['a key without a value', ['empty'], true, '  empty:\n', '  empty: true\n'],
  ['a key below a key without a value', ['empty', 'deep'], 1, '  empty:\n', '  empty: { deep: 1 }\n'],
  ['a quoted key', ['q.x'], 4, '"q.x": 3', '"q.x": 4'],
  ['a new key', ['new'], {}, '"q.x": 3\n', '"q.x": 3\n  new: {}\n'],
  ['no key of a map in lines', ['nested', 'a'], undefined, '    a: 1\n', ''],
  ['no first key of a map in braces', ['prior', 'distribution'], undefined, 'distribution: normal,   ', ''],
  ['no last key of a map in braces', ['prior', 'mu'], undefined, ',   mu: 0', ''],
  ['no list', ['list'], undefined, '  list: # of numbers\n    - 1 # one\n    - 2\n', ''],
];

test.each(cases)('an edit changes nothing else: %s', (_, at, value, from, to) => {
  expect(text).toContain(from);
  expect(editYaml(text, ['base', ...at], value)).toBe(text.replace(from, () => to));
});

test.each([
  ['a file without the map', 'worker: x', 'worker: x\nbase: { a: 1 }'],
  ['a file with an empty map', 'worker: x\nbase: {}\n', 'worker: x\nbase: { a: 1 }\n'],
  ['lines that end as in Windows', 'base:\r\n  b: 1\r\nc: 2\r\n', 'base:\r\n  b: 1\r\n  a: 1\r\nc: 2\r\n'],
  ['a text of several lines before it', 'base:\n  b: |\n    t\nc: 2\n', 'base:\n  b: |\n    t\n  a: 1\nc: 2\n'],
  ['no line feed at the end', 'base:\n  b: 1', 'base:\n  b: 1\n  a: 1'],
])('a key is added to %s', (_, before, after) => {
  expect(editYaml(before, ['base', 'a'], 1)).toBe(after);
});

test('the only key of a map leaves an empty map', () => {
  expect(editYaml('base:\n  a: 1 # x\nc: 2\n', ['base', 'a'], undefined)).toBe('base: {}\nc: 2\n');
});

test('what stands behind an alias is not edited', () => {
  expect(() => editYaml('x: &x {a: 1}\nbase: *x\n', ['base', 'a'], 2)).toThrow('base is no map of its own');
});

test('JSON stays JSON, with a line for a line', () => {
  const json = '{\n  "a": {\n    "type": "integer"\n  }\n}\n';
  const edited = editYaml(json, ['a', 'default'], 3, 'json');
  expect(edited).toBe('{\n  "a": {\n    "type": "integer",\n    "default": 3\n  }\n}\n');
});

const value = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.constantFrom('yes', '0777', '1_000', 'null', '~', '- a', 'a: b', '*x', '1e3', '', ' a', '@'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z][a-z.-]{0,5}$/), tie('any'), { maxKeys: 3 }),
  ),
})).any;

test('a value is read back as it was written, and all else as before', () => {
  const before = readYaml(text).value as Record<string, Record<string, Json>>;
  fc.assert(
    fc.property(value, fc.constantFrom('votes', 'list', 'prior', 'nested', 'empty', 'new'), (written, key) => {
      const { value: after, problems } = readYaml(editYaml(text, ['base', key], written));
      expect(problems).toEqual([]);
      expect(after).toEqual({ ...before, base: { ...before['base'], [key]: written } });
    }),
  );
});

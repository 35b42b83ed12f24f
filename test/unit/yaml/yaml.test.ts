import { expect, test } from 'vitest';
import { readYaml } from '../../../plugins/nx-study/src/yaml/yaml.ts';

test.each([
  ['0', 0],
  ['5', 5],
  ['+5', 5],
  ['-5', -5],
  ['0o17', 15],
  ['0x1F', 31],
  ['.5', 0.5],
  ['5.', 5],
  ['1E3', 1000],
  ['1e23', 1e23],
  ['0.10', 0.1],
  ['0.30000000000000004', 0.1 + 0.2],
  ['5e-324', 5e-324],
  ['1.7976931348623157e308', Number.MAX_VALUE],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['!!int 5', 5],
  ['!!float 0.5', 0.5],
  ['!!bool true', true],
  ['!!null ~', null],
  ['!!seq [1]', [1]],
  ['!!map {a: 1}', { a: 1 }],
  ['!!str 0777', '0777'],
  ['"0777"', '0777'],
  ['"1_000"', '1_000'],
  ['07:00', '07:00'],
  ['1:30', '1:30'],
  ['2001-12-14', '2001-12-14'],
  ['1.2.3', '1.2.3'],
  ['_1', '_1'],
  ['yes', 'yes'],
])('%s is %j', (text, value) => {
  const yaml = readYaml(`a: ${text}\n`);
  expect(yaml.problems).toEqual([]);
  expect(yaml.value).toEqual({ a: value });
});

test.each(['', '%YAML 1.2\n---\n'])('%j changes nothing', (head) => {
  expect(readYaml(`${head}a: 1\n`)).toMatchObject({ value: { a: 1 }, problems: [] });
});

test('the same key by a tag and by quotes is a repeated key', () => {
  const { problems } = readYaml('"16": 1\n!!str 16: 2\n');
  expect(problems).toMatchObject([{ message: 'the key `16` is here for the second time; first on line 1' }]);
});

test('an alias of what is refused is refused', () => {
  expect(readYaml('a: &x !!timestamp 2001-12-14\nb: *x\n').problems).toHaveLength(2);
});

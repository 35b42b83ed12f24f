import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import glob from 'fast-glob';
import { expect, it } from 'vitest';
import { product, sum } from '../../../plugins/nx-study/src/base/sum.ts';

const source = join(import.meta.dirname, '../../../plugins/nx-study/src');

it('adds and multiplies numbers, of none to 0 and 1', () => {
  expect([sum([1, 2.5, -4]), sum(new Map([['a', 3]]).values()), sum([])]).toEqual([-0.5, 3, 0]);
  expect([product([2, 3, 4]), product([])]).toEqual([24, 1]);
  expect(sum([1, Number.NaN])).toBe(Number.NaN);
});

it('is the only function of the plugin that does', () => {
  const again = /reduce\(\((\w+)(?:: number)?, (\w+)\) => \1 [+*] \2!?, [01]\)/;
  const files = glob.sync('**/*.ts', { cwd: source });
  expect(files.length).toBeGreaterThan(400);
  expect(files.filter((file) => again.test(readFileSync(join(source, file), 'utf8')))).toEqual([]);
});

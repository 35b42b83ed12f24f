import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { refuseUnknownOptions } from '../../../plugins/nx-study/src/base/options.ts';

const plugin = join(import.meta.dirname, '../../../plugins/nx-study');
const json = (file: string) => JSON.parse(readFileSync(join(plugin, file), 'utf8')) as Schema;

interface Schema {
  description?: string;
  properties: Record<string, Schema>;
  executors: Record<string, { schema: string }>;
  generators: Record<string, { schema: string }>;
}

const schemas = [
  ...Object.values(json('executors.json').executors),
  ...Object.values(json('generators.json').generators),
].map(({ schema }) => schema.replace('./dist/', 'src/'));

test.each(schemas)('%s describes itself and each option: Nx prints `undefined` where nothing stands', (file) => {
  const { description, properties } = json(file);
  expect(description).toMatch(/\w/);
  const silent = Object.entries(properties).filter(([, option]) => !option.description);
  expect(silent.map(([name]) => name)).toEqual([]);
});

const report = pathToFileURL(join(plugin, 'src/commands/report/schema.json'));

test('what a command knows, and what is Nx’s, passes', () => {
  expect(() => refuseUnknownOptions({ study: 's', columns: 80, color: false, verbose: true }, report)).not.toThrow();
});

test.each([
  [{ colums: 5 }, 'unknown option --colums. Did you mean `columns`?'],
  [
    { retry: true },
    'unknown option --retry. It may be `width`, `columns`, `markdown`, `bundle`, `llmd`, `observations` or `from`.',
  ],
  [{ _: ['other'] }, 'unexpected other: options have names'],
  [
    { 'kebab-case': 1, x: true },
    'unknown option --kebab-case. It may be `width`, `columns`, `markdown`, `bundle`, `llmd`, `observations` or `from`.\nunknown option --x.',
  ],
])('%j is refused', (options, message) => {
  expect(() => refuseUnknownOptions({ study: 's', ...options }, report)).toThrow(message);
});

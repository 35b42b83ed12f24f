import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../helpers/docs.ts';

const plugin = join(repository, 'plugins/nx-study');
const read = (file: string) => JSON.parse(readFileSync(join(plugin, file), 'utf8')) as Record<string, unknown>;
const generators = Object.entries(read('generators.json')['generators'] as Record<string, Generator>);

interface Generator {
  schema: string;
  description: string;
  hidden?: boolean;
}

interface Schema {
  $id: string;
  cli: string;
  title: string;
  examples: { command: string; description: string }[];
  properties: Record<string, { description: string; $default?: object; 'x-prompt'?: string }>;
  required: string[];
}

const visible = generators.filter(([, { hidden }]) => !hidden);

test('people see three generators; init and sync are for Nx', () => {
  expect(visible.map(([name]) => name)).toEqual(['study', 'worker', 'platform']);
  expect(generators.map(([name]) => name)).toEqual(expect.arrayContaining(['init', 'sync']));
});

test.each(visible)(
  '%s has a title, examples, prompts for what it needs, and explains each option',
  (name, { schema: file }) => {
    const schema = read(file.replace('./dist/', 'src/')) as unknown as Schema;
    expect(schema).toMatchObject({ $id: `nx-study-${name}`, cli: 'nx', title: expect.any(String) });
    expect(schema.properties['name']).toMatchObject({ $default: { $source: 'argv', index: 0 } });
    for (const option of schema.required) expect(schema.properties[option]).toHaveProperty('x-prompt');
    for (const option of Object.values(schema.properties)) expect(option.description.length).toBeGreaterThan(10);
    expect(schema.examples.length).toBeGreaterThan(0);
    for (const { command } of schema.examples) {
      expect(command).toMatch(new RegExp(`^nx g nx-study:${name} [a-z]`));
      for (const [, option] of command.matchAll(/ --(\w+)/g)) expect(Object.keys(schema.properties)).toContain(option);
    }
  },
);

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../../../..');
const worker = join(repository, 'workers/endpoint');

test('the README explains every setting', async () => {
  const text = await readFile(join(worker, 'README.md'), 'utf8');
  const schema = JSON.parse(await readFile(join(worker, 'config.schema.json'), 'utf8'));
  const missing = Object.keys(schema.properties).filter(
    (name) => !text.includes(`| \`${name}\``) && !text.includes(`, \`${name}\``),
  );
  expect(missing).toEqual([]);
});

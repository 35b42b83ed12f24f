// Writes what is generated: types of the workers' configurations, workers/<name>/config.d.ts; the schemas of the worker
// protocol, plugins/nx-study/schemas, and the type of records for its users. With --check it only names those that are stale,
// and exits with 1. `nx sync` writes what editors read.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { register } from 'node:module';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';

register('@swc-node/register/esm', import.meta.url);
const source = join(import.meta.dirname, '../plugins/nx-study/src');
const { readWorkers } = await import(join(source, 'worker/read.ts'));
const { jsonSchemaOf } = await import(join(source, 'worker/json-schema.ts'));
const { contracts } = await import('./contracts.mjs');

const check = process.argv.includes('--check');
const root =
  process.argv.find((argument) => argument.startsWith('--root='))?.slice(7) ?? join(import.meta.dirname, '..');
const workers = await readWorkers(root);
for (const reason of workers.broken.values()) fail(reason);

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
const files = new Map();
for (const { root: folder, configSchema } of workers.values())
  files.set(`${folder}/config.d.ts`, await typesOf(configSchema));

const published = 'plugins/nx-study/schemas';
if (existsSync(join(root, published))) {
  for (const [name, contract] of Object.entries(contracts))
    files.set(`${published}/${name}.schema.json`, json(jsonSchemaOf(contract)));
  const { $id: _, title: description, ...record } = jsonSchemaOf(contracts.record);
  const types = await typesOf({ ...record, description }, 'MeasurementRecord', 'record.schema.json');
  files.set('plugins/nx-study/src/api/record.ts', types);
}

for (const [file, text] of files) {
  const path = join(root, file);
  if ((await readFile(path, 'utf8').catch(() => null)) === text) continue;
  if (check) fail(`${file} is stale; run \`node tools/schemas.mjs\``);
  else await writeFile(path, text);
}

function typesOf(schema, name = 'Configuration', from = 'config.schema.json') {
  return compile(withoutTitles(schema), name, {
    bannerComment: `// Generated from ${from} by tools/schemas.mjs.`,
    style: { printWidth: 120, singleQuote: true, trailingComma: 'all' },
    additionalProperties: false,
  });
}

// Each title would become a type of its own.
function withoutTitles(value) {
  if (Array.isArray(value)) return value.map((item) => withoutTitles(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== 'title' || typeof inner !== 'string');
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutTitles(inner)]));
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

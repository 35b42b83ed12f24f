import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { configChecker } from '../../plugins/nx-study/src/worker/config.ts';
import type { Worker } from '../../plugins/nx-study/src/worker/manifest.ts';

const plugin = join(import.meta.dirname, '../../plugins/nx-study');
const manifest = JSON.parse(readFileSync(join(plugin, 'package.json'), 'utf8')) as Manifest;
const built = (readdirSync(join(plugin, 'dist'), { recursive: true }) as string[]).filter((name) =>
  name.endsWith('.js'),
);

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

test('the built plugin imports only what its users install, and is all that its manifests name', () => {
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const imported = built.flatMap((name) => importsOf(readFileSync(join(plugin, 'dist', name), 'utf8')));
  expect(imported).toContain('nx');
  expect([...new Set(imported)].filter((name) => !installed.includes(name))).toEqual([]);
  const named = ['executors.json', 'generators.json'].flatMap((file) =>
    readFileSync(join(plugin, file), 'utf8')
      .match(/(?<=")\.\/dist\/[^"#]+/g)!
      .map((path) => join(plugin, path)),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test('what it imports comes with it, as yarn installs no peers: only Nx, and DuckDB for queries, are the user’s', () => {
  const imported = built.flatMap((name) => importsOf(readFileSync(join(plugin, 'dist', name), 'utf8')));
  const users = [...new Set(imported)].filter((name) => !Object.hasOwn(manifest.dependencies, name));
  expect(users.toSorted()).toEqual(['@duckdb/node-api', 'nx']);
});

test('it has the license of each library that it contains', () => {
  const licenses = readFileSync(join(plugin, 'dist/LICENSES.md'), 'utf8');
  for (const [name, version] of Object.entries(manifest.devDependencies))
    expect(licenses).toContain(`## ${name} ${version} (`);
});

test('where there is no study, Nx loads only the search for one', () => {
  const loaded = [...withImports(join(plugin, 'dist/index.js'))].map((path) => readFileSync(path, 'utf8'));
  expect(loaded.length).toBeGreaterThan(1);
  expect(loaded.join('')).toContain('/*/[sS]*.[yY]*');
  // All of it has over 1,500 kB.
  expect(loaded.join('').length).toBeLessThan(20_000);
});

/** A built file, and those that are loaded with it. */
function withImports(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, near] of readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?:.*?from )?"(\.[^"]+)";$/gm))
    withImports(join(dirname(path), near!), found);
  return found;
}

/** The packages that a file imports. */
const importsOf = (code: string): string[] =>
  [
    ...code.matchAll(
      /^(?:import|export) .*?from "([^".][^"]*)";$|^import "([^".][^"]*)";$|\bimport\("([^".][^"]*)"\)/gm,
    ),
  ]
    .map(([, ...names]) => names.find(Boolean)!)
    .filter((name) => !isBuiltin(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]);

test('it has each file that the tools of this repository import from it', () => {
  const tools = join(import.meta.dirname, '../../tools');
  const sources = (readdirSync(tools, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => readFileSync(join(tools, name), 'utf8'));
  const used = sources.flatMap((text) =>
    [...text.matchAll(/from '(?:[./]*plugins\/)?nx-study\/(dist\/[^']+)'/g)].map(([, path]) => path!),
  );
  expect(used.length).toBeGreaterThan(15);
  expect(used.filter((path) => !existsSync(join(plugin, path)))).toEqual([]);
});

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

test('the schema of schemas that the build compiles refuses what Ajv refuses, in its words', async () => {
  const builtModule = (await import(join(plugin, 'dist/worker/config.js'))) as { configChecker: typeof configChecker };
  const said = (check: typeof configChecker, configSchema: unknown) => {
    try {
      check({ name: 'own', root: 'workers/own', manifest: { config: 'config.json' }, configSchema } as Worker);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const good = [
    { type: 'object', properties: { a: { enum: ['x', { y: 1 }] } }, required: ['a'] },
    { $schema: DRAFT, $defs: { a: { type: 'string' } }, properties: { a: { $ref: '#/$defs/a' } } },
    { $schema: `${DRAFT}#`, allOf: [true, { not: { const: 1 } }] },
  ];
  for (const schema of good)
    expect([said(configChecker, schema), said(builtModule.configChecker, schema)]).toEqual([null, null]);
  const bad = [
    { type: 'strng' },
    { properties: { a: { minLength: -1 } } },
    { properties: { a: 3 } },
    { items: [{}] },
    { required: ['a', 'a'] },
    { allOf: [] },
    { title: 3 },
    { tpye: 'object' },
    { $ref: '#/$defs/a', $defs: { a: { enum: 3 } } },
    { $schema: 'http://example.org/other', type: 'object' },
    { $schema: 3 },
  ];
  for (const schema of bad) {
    const words = said(configChecker, schema);
    expect(words).toContain('workers/own/config.json');
    expect(said(builtModule.configChecker, schema)).toBe(words);
  }
});

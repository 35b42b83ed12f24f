// Bundles the plugin with the libraries that it uses into plugins/nx-study/dist, as it is published: Nx loads a plugin and
// its executors anew for each command, and hundreds of small files take longer to load than all the rest. `tsc` checks types.
import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { rolldown } from 'rolldown';
import { licensesOf } from './licenses.mjs';

const plugin = join(import.meta.dirname, '../plugins/nx-study');
const workers = join(import.meta.dirname, '../workers');
const fresh = join(plugin, `dist-${process.pid}`);
const read = (name) => JSON.parse(readFileSync(join(plugin, name), 'utf8'));

// They must be those of the workspace, or are found by their path.
const EXTERNAL = [/^nx\//, /^@nx\//, /^@duckdb\//, /^tsx/];

// What this repository's own tools and tests use of the built plugin.
const OWN = [
  'analysis/compare',
  'analysis/conclusion',
  'analysis/drift',
  'analysis/order-statistics',
  'analysis/process-quantiles',
  'analysis/summary',
  'assets/fetch',
  'assets/manifest',
  'base/canonical',
  'base/errno',
  'commands/status/read',
  'commands/status/text',
  'environment/cache',
  'environment/prepare',
  'generators/worker/shipped',
  'graph/tasks',
  'kinds/index',
  'machine/holder',
  'machine/lock',
  'machine/process',
  'machine/sensors/cpu-time',
  'plan/random',
  'record/document',
  'record/lines',
  'record/read',
  'record/schema',
  'study/load',
  'worker/config',
  'worker/read',
  'worker/shipped',
];

const DRAFT_MODULE = join(plugin, 'src/worker/draft.ts');

// What the jobs of a cluster start.
const PROGRAMS = ['measure/node'];

/** The files that users import and that Nx loads, as the manifests name them. */
const { '.': api, './plugin': entry } = read('package.json').exports;
const loaded = [
  api.default,
  entry.default,
  ...Object.values(read('executors.json').executors).flatMap(({ implementation, batchImplementation }) =>
    [implementation, batchImplementation].filter(Boolean),
  ),
  ...Object.values(read('generators.json').generators).map(({ factory }) => factory),
].map((file) => /^\.\/dist\/(.*)\.js/.exec(file)[1]);

const names = [...new Set([...loaded, ...PROGRAMS, ...OWN])];
try {
  const bundle = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, join(plugin, 'src', `${name}.ts`)])),
    platform: 'node',
    external: EXTERNAL,
    plugins: [{ name: 'compiled-draft', load: (id) => (id === DRAFT_MODULE ? compiledDraft() : null) }],
  });
  const { output } = await bundle.write({
    dir: fresh,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle.close();
  // No code imports the schemas of options, which Nx reads, nor the templates of workers.
  cpSync(join(plugin, 'src'), fresh, { recursive: true, filter: (path) => !path.endsWith('.ts') });
  await ship(join(fresh, 'shipped'));
  writeFileSync(join(fresh, 'LICENSES.md'), licensesOf(output.flatMap(({ moduleIds = [] }) => moduleIds)));
  rmSync(join(plugin, 'dist'), { recursive: true, force: true });
  renameSync(fresh, join(plugin, 'dist'));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** The schema of schemas as code: Ajv takes longer to compile it than Nx takes for many a command. */
function compiledDraft() {
  const draft = 'https://json-schema.org/draft/2020-12/schema';
  const ajv = new Ajv2020({ strict: false, logger: false, messages: false, code: { source: true, esm: true } });
  const code = standalone.default(ajv, ajv.getSchema(draft));
  return `${code};\nexport const DRAFT = ${JSON.stringify(draft)};\nexport const fitsDraft = (schema) => validate(schema);\n`;
}

/** The workers that people copy, without their tests. */
async function ship(target) {
  const { filesToShip } = await import(join(fresh, 'generators/worker/shipped.js'));
  const { SHIPPED } = await import(join(fresh, 'worker/shipped.js'));
  for (const name of [...SHIPPED, 'kits'])
    for (const file of filesToShip(join(workers, name))) {
      mkdirSync(dirname(join(target, name, file)), { recursive: true });
      copyFileSync(join(workers, name, file), join(target, name, file));
    }
}

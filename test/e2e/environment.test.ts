import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npmRegistry } from '../helpers/registry.ts';
import { createWorkspace } from '../helpers/workspace.ts';

const measure = `
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const run = process.argv[2];
const answer = createRequire(process.env.WORKER_MODULES + '/x.js')('tiny');
const { configuration } = JSON.parse(readFileSync(run + '/request.json', 'utf8'));
const payload = { answer_count: answer, flavours_count: configuration.flavour.length };
writeFileSync(run + '/result.json.tmp', JSON.stringify({ protocol: 1, kind: 'values', payload }));
renameSync(run + '/result.json.tmp', run + '/result.json');
`;

test('each variant is installed once; where all is measured, none is missed', async () => {
  const { server, project, env } = await npmRegistry('tiny', { 'index.js': 'module.exports = 42' });
  const manifest = {
    protocol: 1,
    kind: 'values',
    description: 'asks a package',
    commands: { measure: ['{node}', '{worker}/measure.mjs', '{run}'] },
    environment: {
      type: 'npm',
      variants: { by: 'flavour', locks: { sweet: 'sweet/package-lock.json', sour: 'sour/package-lock.json' } },
    },
    env: { WORKER_MODULES: '{modules}' },
    config: 'config.schema.json',
    measuring: ['measure.mjs'],
  };
  const schema = {
    type: 'object',
    additionalProperties: false,
    properties: { flavour: { enum: ['sweet', 'sour'], default: 'sweet' }, draw: { type: 'integer' } },
  };
  const workspace = await createWorkspace({
    workers: [],
    studies: { tastes: 'worker: packaged\nsweep: {flavour: [sweet, sour], draw: [1, 2]}\n' },
    files: {
      'workers/packaged/worker.json': JSON.stringify(manifest),
      'workers/packaged/config.schema.json': JSON.stringify(schema),
      'workers/packaged/measure.mjs': measure,
      ...Object.fromEntries(
        ['sweet', 'sour'].flatMap((flavour) => [
          [`workers/packaged/${flavour}/package.json`, project.package],
          [`workers/packaged/${flavour}/package-lock.json`, project.lock],
        ]),
      ),
    },
  });
  const { nx, command, home, root, finished, edit } = workspace;
  const cache = join(home, 'cache');
  const options = { env: { ...env, NX_STUDY_CACHE_DIR: cache, npm_config_cache: join(home, 'npm') } };
  const run = () => nx(['run-many', '-t', 'measure'], options);

  const first = await run();
  expect(first.exitCode).toBe(0);
  expect(first.all.match(/creating environment packaged \(npm\): ready in/g)).toHaveLength(2);
  expect(readdirSync(join(cache, 'environments')).filter((name) => !name.endsWith('.lock'))).toEqual([
    expect.stringMatching(/^packaged-sour-[0-9a-f]{12}-node$/),
    expect.stringMatching(/^packaged-sweet-[0-9a-f]{12}-node$/),
  ]);
  expect(finished('tastes')).toHaveLength(4);

  server.close();
  rmSync(cache, { recursive: true });
  expect((await run()).exitCode).toBe(0);
  // Nor by reuse from the records.
  rmSync(join(root, '.nx'), { recursive: true });
  expect((await run()).exitCode).toBe(0);
  expect(readdirSync(home)).not.toContain('cache');

  // Another lock measures its own variant again, and only that.
  await edit('workers/packaged/sour/package-lock.json', '"requires":true', '"requires":false');
  const plan = await command(['tastes:plan'], options);
  expect(plan.all).toContain('2 to measure, 2 of 4 done');
  expect(plan.all).toContain('locked dependencies');
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openChecks } from '../../../../plugins/nx-study/src/check/open.ts';
import { diagnosisOf } from '../../../../plugins/nx-study/src/commands/doctor/diagnosis.ts';
import { previewStudy } from '../../../../plugins/nx-study/src/commands/plan/preview.ts';
import { loadStudy } from '../../../../plugins/nx-study/src/study/load.ts';
import { readWorkers } from '../../../../plugins/nx-study/src/worker/read.ts';
import { treeOf } from '../../../helpers/tree.ts';

/** Builds a model of as many parameters as the module beside it says; above 1,000 it fails. */
const DOCTOR = `
import { readFileSync } from 'node:fs';
const { configuration, modules } = JSON.parse(readFileSync(0, 'utf8'));
const saved = Number(/\\d+/.exec(readFileSync(modules.model[1], 'utf8'))[0]) * configuration.config.times;
const size = { parameters: saved, observations: 10, saved, scalars: 1 };
const bad = { item: 'model', state: 'fails', message: modules.model[0] + ', line 3: too many', next: 'Correct it.' };
const good = { item: 'model', state: 'ok', message: 'builds' };
console.log(JSON.stringify(saved > 1000 ? { items: [bad] } : { items: [good], size }));`;

const settings = {
  model: { type: 'string', format: 'python-file' },
  config: { type: 'object' },
  ...Object.fromEntries(['chains', 'tune', 'draws'].map((name) => [name, { type: 'integer', default: 100 }])),
};
const worker = {
  protocol: 1,
  kind: 'posterior',
  description: 'Samples',
  commands: { measure: ['sh', 'src/measure.sh'] },
  doctor: { command: ['{node}', '{worker}/doctor.mjs'], settings: ['model', 'config'], sizes: true },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['src/**/*', '!src/look.mjs'],
};

/** A workspace with a study of models of these multiples of two parameters. */
async function workspace(times: number[]) {
  const root = await treeOf({
    'workers/w/worker.json': JSON.stringify(worker),
    'workers/w/config.schema.json': JSON.stringify({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: settings,
    }),
    'workers/w/src/measure.sh': 'exit 0',
    'workers/w/src/look.mjs': 'export const corrected = 0;',
    'workers/w/doctor.mjs': DOCTOR,
    'studies/s/model.py': 'import part',
    'studies/s/part.py': 'SIZE = 2',
    'studies/s/study.yaml': JSON.stringify({
      worker: 'w',
      base: { model: 'model.py', chains: 4 },
      sweep: { 'config.times': times },
    }),
  });
  vi.stubEnv('NX_STUDY_CACHE_DIR', join(root, 'cache'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const planned = async () => {
    const workers = await readWorkers(root);
    const { plan } = await loadStudy({ workspaceRoot: root, file: 'studies/s/study.yaml', workers });
    return { plan, workers };
  };
  const doctor = async () => {
    const { plan, workers } = await planned();
    return (await diagnosisOf(root, plan, workers)).items;
  };
  const plan = async () => {
    const { plan, workers } = await planned();
    return previewStudy(root, plan, workers);
  };
  return { root, doctor, plan, workers: async () => (await planned()).workers };
}

test('doctor builds each model once; plan and runs then know memory, disk and time', async () => {
  const { root, doctor, plan, workers } = await workspace([1, 3]);
  const before = (await plan()).preview;
  expect(before).toMatchObject({ disk_bytes: null, measuring_s: null });
  expect(before.rows.map(({ memory_unchecked: reason }) => reason)).toEqual([
    expect.stringContaining('nx run s:doctor'),
    expect.stringContaining('nx run s:doctor'),
  ]);
  const items = await doctor();
  expect(items.find(({ item }) => item === 'model')).toMatchObject({ state: 'ok', message: 'builds' });
  expect(items.find(({ item }) => item === 'memory')).toMatchObject({ state: 'ok' });
  const { preview, tasks } = await plan();
  // 4 chains × 100 draws × 2 and 6 numbers × 8 bytes.
  expect(preview.rows.map(({ disk_bytes }) => disk_bytes)).toEqual([6400, 19_200]);
  expect(preview.rows.map(({ estimate, memory }) => [estimate?.basis, memory !== null])).toEqual([
    ['rule', true],
    ['rule', true],
  ]);
  // As a run asks before it starts one.
  const checked = await openChecks(root)(tasks[1]!, (await workers()).get('w')!);
  expect(checked).toEqual({ state: 'fine', size: { parameters: 6, observations: 10, saved: 6, scalars: 1 } });
});

test('a size counts until the model, a module of it, or its settings change, and whatever the sampler draws', async () => {
  const { root, doctor, plan } = await workspace([1]);
  await doctor();
  const study = (more: object) =>
    writeFileSync(
      join(root, 'studies/s/study.yaml'),
      JSON.stringify({ worker: 'w', base: { model: 'model.py', config: { times: 1 }, chains: 4, ...more } }),
    );
  study({ draws: 1000 });
  expect((await plan()).preview.disk_bytes).toBe(64_000);
  study({ config: { times: 2 } });
  expect((await plan()).preview.disk_bytes).toBeNull();
  study({});
  expect((await plan()).preview.disk_bytes).toBe(6400);
  writeFileSync(join(root, 'studies/s/part.py'), 'SIZE = 3  # one more\n');
  expect((await plan()).preview.disk_bytes).toBeNull();
});

test.each([
  ['the command itself', 'workers/w/doctor.mjs', `${DOCTOR} // corrected`],
  ['a module of it that no measurement runs', 'workers/w/src/look.mjs', 'export const corrected = 1;'],
  ['code that measures', 'workers/w/src/measure.sh', 'exit 1'],
])('a size counts until %s is corrected, and tests and texts may change', async (_of, file, text) => {
  const { root, doctor, plan } = await workspace([1]);
  await doctor();
  writeFileSync(join(root, 'workers/w/README.md'), 'It builds models.');
  expect((await plan()).preview.disk_bytes).toBe(6400);
  writeFileSync(join(root, file), text);
  expect((await plan()).preview.disk_bytes).toBeNull();
  await doctor();
  expect((await plan()).preview.disk_bytes).toBe(6400);
});

test('a size of a model that is edited while it is built is not kept', async () => {
  const { root, doctor, plan } = await workspace([1]);
  const edit = "import { writeFileSync } from 'node:fs'; writeFileSync(modules.model[1], 'SIZE = 33');";
  writeFileSync(join(root, 'workers/w/doctor.mjs'), `${DOCTOR}\n${edit}`);
  await doctor();
  expect((await plan()).preview.disk_bytes).toBeNull();
});

test('a model that fails to build is named with its place, and leaves no size', async () => {
  const { doctor, plan } = await workspace([1, 600]);
  const items = await doctor();
  const [, large] = (await plan()).preview.rows;
  expect(items.filter(({ item }) => item === 'model')).toMatchObject([
    { state: 'ok' },
    { state: 'fails', message: 'studies/s/model.py, line 3: too many', measurements: [large!.id] },
  ]);
  expect(large).toMatchObject({ disk_bytes: null, memory: null });
  // Nobody is sent to doctor by doctor.
  expect(items.filter(({ item }) => item === 'memory').map(({ state }) => state)).toEqual(['ok']);
});

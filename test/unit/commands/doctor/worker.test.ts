import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  driverItems,
  environmentItem,
  modelItems,
  secretItems,
} from '../../../../plugins/nx-study/src/commands/doctor/supplies.ts';
import { importItems, toldByWorker } from '../../../../plugins/nx-study/src/commands/doctor/worker.ts';
import type { PreparedEnvironment } from '../../../../plugins/nx-study/src/environment/prepared.ts';
import { manifestSchema } from '../../../../plugins/nx-study/src/worker/manifest.ts';
import type { Worker } from '../../../../plugins/nx-study/src/worker/manifest.ts';
import { treeOf } from '../../../helpers/tree.ts';
import { aTask } from '../../measure/task.ts';

const workerOf = (changes: object): Worker => ({
  name: 'w',
  root: 'workers/w',
  manifest: manifestSchema.parse({
    protocol: 1,
    kind: 'values',
    description: 'd',
    commands: { measure: ['{node}', '{worker}/measure.mjs', '{run}'] },
    environment: { type: 'system' },
    config: 'config.schema.json',
    measuring: ['measure.mjs'],
    ...changes,
  }),
  configSchema: {},
});

const here = (changes: Partial<PreparedEnvironment>): PreparedEnvironment => ({
  python: null,
  modules: null,
  interpreter: null,
  cacheDir: '/tmp',
  container: null,
  versions: {},
  ...changes,
});

const none = { assets: new Map(), issues: [] };

test('packages are imported in the environment; what fails says why', async () => {
  const root = await treeOf({
    'node_modules/good/package.json': '{"name": "good", "version": "1.2.3", "main": "main.js"}',
    'node_modules/good/main.js': 'console.log("a line of its own"); module.exports = 1;',
    'node_modules/bad/package.json': '{"name": "bad", "version": "1.0.0", "main": "main.js"}',
    'node_modules/bad/main.js': 'throw new Error("no libcuda.so");',
  });
  const worker = workerOf({ doctor: { imports: ['good', 'bad', 'missing'] } });
  const environment = here({ modules: join(root, 'node_modules') });
  const items = await importItems({ workspaceRoot: root, worker, environment });
  expect(items.map(({ state }) => state)).toEqual(['ok', 'fails', 'fails']);
  expect(items[0]!.message).toBe('w: good 1.2.3 can be imported');
  expect(items[1]!.message).toContain('no libcuda.so');
  expect(items[2]!.message).toContain("Cannot find module 'missing'");
});

test('in Python as well, with its own lines on stdout', async () => {
  const root = await treeOf({
    'noisy.py': 'print("hello"); __version__ = "7"',
    'broken.py': 'raise OSError("no driver")',
  });
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  const worker = workerOf({ doctor: { imports: ['noisy', 'broken'] }, env: { PYTHONPATH: root } });
  const items = await importItems({ workspaceRoot: root, worker, environment: here({ python }) });
  expect(items.map(({ state, message }) => [state, message])).toEqual([
    ['ok', 'w: noisy 7 can be imported'],
    ['fails', "w: broken can't be imported: OSError: no driver"],
  ]);
});

test('a PyTorch without a usable GPU fails where CUDA is asked for', async () => {
  const torch = `
class version: cuda = "12.8"
class cuda:
    is_available = staticmethod(lambda: False)
    device_count = staticmethod(lambda: 1)`;
  const root = await treeOf({ 'torch.py': torch });
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  const worker = workerOf({ doctor: { imports: ['torch'] }, env: { PYTHONPATH: root } });
  const place = { workspaceRoot: root, worker, environment: here({ python }) };
  const message = expect.stringContaining('it is built for CUDA 12.8, and finds 0 usable GPUs');
  expect(await importItems(place, 'cuda')).toMatchObject([{ state: 'fails', message }]);
  expect(await importItems(place, 'cpu')).toMatchObject([{ state: 'ok', message }]);
});

test('an environment that is not made, and a container, are not asked', async () => {
  const worker = workerOf({ doctor: { imports: ['good'], command: ['{node}', 'doctor.mjs'] } });
  const place = { workspaceRoot: '/', worker, environment: null };
  expect(await importItems(place)).toMatchObject([{ item: 'engine', state: 'unknown' }]);
  expect(await toldByWorker(place, aTask({}), none)).toMatchObject({
    items: [{ item: 'w', state: 'unknown' }],
    size: null,
  });
});

test("a worker's own command gets the settings that it names, and its secrets", async () => {
  const script = `
import { readFileSync } from 'node:fs';
const { configuration } = JSON.parse(readFileSync(0, 'utf8'));
const message = Object.keys(configuration).join() + ' ' + process.env.DOCTOR_TEST_KEY;
console.log(JSON.stringify({ items: [{ item: 'server', state: 'warning', message }] }));`;
  const root = await treeOf({ 'workers/w/doctor.mjs': script, 'workers/w/silent.mjs': 'process.exit(3)' });
  const task = aTask({ configuration: { url: 'u', other: 1, key_env: 'DOCTOR_TEST_KEY' } });
  const asked = (file: string) =>
    toldByWorker(
      {
        workspaceRoot: root,
        worker: workerOf({
          doctor: { command: ['{node}', `{worker}/${file}`], settings: ['url'] },
          secrets: ['key_env'],
        }),
        environment: here({}),
      },
      task,
      none,
    );
  process.env['DOCTOR_TEST_KEY'] = 'k';
  try {
    const items = [{ item: 'server', state: 'warning', message: 'url k', next: null }];
    expect(await asked('doctor.mjs')).toEqual({ items, size: null });
    expect(await asked('silent.mjs')).toMatchObject({ items: [{ item: 'w', state: 'unknown' }], size: null });
    expect(secretItems(workerOf({ secrets: ['key_env'] }), task)).toMatchObject([{ state: 'ok' }]);
  } finally {
    delete process.env['DOCTOR_TEST_KEY'];
  }
  expect(secretItems(workerOf({ secrets: ['key_env'] }), task)).toMatchObject([
    { item: 'variables', state: 'fails', message: 'the variable DOCTOR_TEST_KEY, which the study names, is not set' },
  ]);
});

test('an environment: of this system, still to be made, impossible', async () => {
  const root = await treeOf({ 'workers/w/package-lock.json': '{}', 'workers/w/package.json': '{"name":"never-made"}' });
  const of = (environment: object) =>
    environmentItem(root, workerOf({ environment }), { variant: null, configuration: {} });
  expect((await of({ type: 'system' })).item.state).toBe('ok');
  expect(await of({ type: 'npm', lock: 'package-lock.json' })).toMatchObject({
    item: { state: 'warning', message: 'the environment of w is not made yet' },
    environment: null,
  });
  expect((await of({ type: 'npm', lock: 'missing/package-lock.json' })).item.state).toBe('fails');
  expect((await of({ type: 'container', image: 'no-such-image-here:1' })).item.state).toBe('fails');
});

test('the variant cuda needs a GPU', () => {
  const of = (variant: string | null, gpus: Parameters<typeof driverItems>[2]) =>
    driverItems(workerOf({}), { variant, configuration: {} }, gpus);
  const gpu = { vendor: 'nvidia' as const, model: 'H200', driver: '570.1' };
  expect(of('cpu', [])).toEqual([]);
  expect(of('cuda', [])).toMatchObject([{ state: 'fails' }]);
  expect(of('cuda', [gpu])).toMatchObject([{ state: 'ok', message: 'NVIDIA driver 570.1: H200' }]);
  expect(of('cuda', [{ ...gpu, driver: null }])).toMatchObject([{ state: 'unknown' }]);
});

test('models: here, to be fetched, gone', async () => {
  const root = await treeOf({ 'model.gguf': '12345' });
  const asset = { name: 'far', bytes: 5e9, sha256: '0'.repeat(64), fileName: 'f.gguf', files: null };
  const manifest = { assets: new Map([['far', asset]]), issues: [] } as unknown as Parameters<typeof modelItems>[0];
  const of = (model: string) => modelItems(manifest, aTask({ configuration: { model }, assets: ['model'] }));
  expect(await of(join(root, 'model.gguf'))).toMatchObject([{ state: 'ok', message: expect.stringContaining('6 B') }]);
  expect(await of('far')).toMatchObject([{ state: 'warning', message: expect.stringContaining('5.00 GB') }]);
  expect(await of(join(root, 'gone.gguf'))).toMatchObject([{ state: 'fails' }]);
});

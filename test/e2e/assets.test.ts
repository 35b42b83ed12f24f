import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveFiles } from '../helpers/file-server.ts';
import { waitFor } from '../helpers/starts.ts';
import { hits } from '../helpers/nx-output.ts';
import { createWorkspace } from '../helpers/workspace.ts';
import type { Workspace } from '../helpers/workspace.ts';

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const result = (workspace: Workspace, study: string) =>
  workspace
    .finished(study)
    .map(({ id, digest }) =>
      readFileSync(join(workspace.root, 'results', study, id, digest.slice(0, 12), 'result.json'), 'utf8'),
    )
    .map((text) => (JSON.parse(text) as { payload: { measured_count: number } }).payload.measured_count);

const withCache = ({ home }: Workspace, name = 'cache') => ({ env: { NX_STUDY_CACHE_DIR: join(home, name) } });

test('a named asset is fetched once, resumed after a kill, and not missed where all is measured', async () => {
  const model = randomBytes(200_000);
  const server = await serveFiles({ '/tiny.gguf': model });
  const assets = `tiny:
  description: a model
  licence: MIT
  source: {url: "${server.url}/tiny.gguf"}
  bytes: 200000
  sha256: ${sha256(model)}
`;
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { letters: 'worker: scripted\nbase: {model: tiny}\nsweep: {value: [1, 2]}\n' },
    files: { 'studies/assets.yaml': assets },
  });
  const { measure, command, startNx, root, home, edit } = workspace;
  const cached = withCache(workspace);
  const folder = join(home, 'cache/assets', sha256(model));
  const part = join(folder, 'tiny.gguf.part');
  const plan = await command(['letters:plan'], cached);
  expect(plan.all).toContain('asset tiny: not on this machine yet, 200 kB to fetch before it is measured');
  expect(server.requests).toEqual([]);

  server.set({ pieces: 20_000 });
  const first = startNx(['run-many', '-t', 'measure'], cached);
  await waitFor('a part of the asset', () => existsSync(part) && statSync(part).size > 0);
  first.kill('SIGKILL');
  await first;
  server.set({});
  const second = await measure([], cached);
  expect(second).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2'] });
  expect(second.all).toContain(`fetching asset tiny (200 kB, MIT) from ${server.url}/tiny.gguf`);
  expect(server.requests).toHaveLength(2);
  expect(server.requests[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(readdirSync(folder)).toEqual(['tiny.gguf']);
  expect(result(workspace, 'letters')).toEqual([200_001, 200_002]);
  const request = workspace.finished('letters')[0]!;
  const place = join(root, 'results/letters', request.id, request.digest.slice(0, 12), 'request.json');
  expect(JSON.parse(readFileSync(place, 'utf8'))).toMatchObject({
    configuration: { model: join(folder, 'tiny.gguf') },
    assets: {
      model: { name: 'tiny', path: join(folder, 'tiny.gguf'), sha256: sha256(model), bytes: 200_000, licence: 'MIT' },
    },
    assets_dir: join(home, 'cache/assets'),
  });

  // Neither the network nor the cache folder is missed: from Nx's cache, then from the records alone.
  server.close();
  rmSync(join(home, 'cache'), { recursive: true });
  const third = await measure([], cached);
  expect(third).toMatchObject({ exitCode: 0, started: [] });
  expect(hits(third.all)).toBe(2);
  rmSync(join(root, '.nx'), { recursive: true });
  expect(await measure([], cached)).toMatchObject({ exitCode: 0, started: [] });
  expect(existsSync(folder)).toBe(false);

  // Other contents behind the name are another measurement, and what can't be fetched is told.
  await edit('studies/assets.yaml', sha256(model), 'a'.repeat(64));
  const fourth = await measure([], cached);
  expect(fourth).toMatchObject({ exitCode: 1, started: [] });
  expect(fourth.all).toMatch(/the asset tiny could not be fetched from .*Check the network/);
  expect(workspace.failed('letters').map(({ failure }) => failure!.type)).toEqual(['environment', 'environment']);
});

test('an absolute path is hashed once, never by the graph; its contents are the identity', async () => {
  const workspace = await createWorkspace({
    workers: ['scripted'],
    studies: { letters: 'worker: scripted\n' },
  });
  const { measure, nx, command, home, write, starts } = workspace;
  const models = join(home, 'models');
  const cached = withCache(workspace);
  const hashes = join(home, 'cache/assets/hashes.json');
  mkdirSync(models);
  writeFileSync(join(models, 'one.bin'), 'one model');
  await write(
    'studies/letters/study.yaml',
    `worker: scripted\nbase: {model: ${models}/one.bin}\nsweep: {value: [1, 2]}\n`,
  );
  const plan = await command(['letters:plan'], cached);
  expect(plan.all).toContain(`asset ${models}/one.bin: 9 B to hash before it is measured, once`);
  await nx(['show', 'projects'], cached);
  expect(existsSync(hashes)).toBe(false);

  const first = await measure([], cached);
  expect(first).toMatchObject({ exitCode: 0, started: ['value-1', 'value-2'] });
  expect(first.all.match(/hashing .*one\.bin \(9 B\), once/g)).toHaveLength(1);
  expect(existsSync(hashes)).toBe(true);
  expect(result(workspace, 'letters')).toEqual([10, 11]);
  const [record] = workspace.finished('letters');
  expect(record!.identity.configuration).toMatchObject({ model: { sha256: sha256(Buffer.from('one model')) } });
  const second = await measure([], cached);
  expect(second).toMatchObject({ exitCode: 0, started: [] });
  const third = await measure([], cached);
  expect(hits(third.all)).toBe(2);

  // Moved: the same contents, hashed and reused.
  renameSync(join(models, 'one.bin'), join(models, 'moved.bin'));
  await workspace.edit('studies/letters/study.yaml', 'one.bin', 'moved.bin');
  const moved = await measure([], cached);
  expect(moved).toMatchObject({ exitCode: 0, started: [] });
  expect(moved.all).toContain('reused from results/letters/');

  writeFileSync(join(models, 'moved.bin'), 'two model');
  expect((await measure([], cached)).started).toEqual(['value-1', 'value-2']);

  // Gone: the study says so, and where.
  renameSync(join(models, 'moved.bin'), join(models, 'gone.bin'));
  const gone = await measure([], cached);
  expect(gone.exitCode).toBe(1);
  expect(gone.all).toMatch(/study\.yaml:2:15 .*\n.*there is no .*moved\.bin on this machine/);
  expect(starts()).toHaveLength(4);
});

test("Nx's daemon, which sees no file outside of the workspace, restores no result of other contents", async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: 'worker: scripted\n' } });
  const { measure, nx, home, write } = workspace;
  const model = join(home, 'model.bin');
  const watched = { env: { ...withCache(workspace).env, NX_DAEMON: 'true', CI: 'false' } };
  const started = async () => (await measure([], watched)).started;
  writeFileSync(model, 'one');
  try {
    await write('studies/letters/study.yaml', `worker: scripted\nbase: {model: ${model}}\nsweep: {value: [1]}\n`);
    expect(await started()).toEqual(['value-1']);
    await nx(['reset', '--only-daemon'], watched);
    expect(await started()).toEqual([]);
    expect(await started()).toEqual([]);
    writeFileSync(model, 'two');
    expect(await started()).toEqual(['value-1']);
    writeFileSync(model, 'one');
    expect(await started()).toEqual([]);
  } finally {
    await nx(['daemon', '--stop'], watched);
  }
});

test('a model that changes while it is measured makes the result void', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: 'worker: scripted\n' } });
  const { startNx, home, write, starts, failed, finished } = workspace;
  const model = join(home, 'model.bin');
  writeFileSync(model, 'one');
  await write('studies/letters/study.yaml', `worker: scripted\nbase: {model: ${model}, sleep_s: 2}\n`);
  const run = startNx(['run-many', '-t', 'measure'], withCache(workspace));
  await waitFor('a start', () => starts().length === 1);
  writeFileSync(model, 'two');
  const { all, exitCode } = await run;
  expect(exitCode).toBe(1);
  expect(all).toContain('contents of model');
  expect(failed('letters').map(({ failure }) => failure!.type)).toEqual(['changed-during-run']);
  expect(finished('letters')).toEqual([]);
});

test('what leaves contents as they are during a measurement ends neither it nor those after it', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: 'worker: scripted\n' } });
  const { startNx, home, root, write, script, starts, failed, finished } = workspace;
  const model = join(home, 'model.bin');
  writeFileSync(model, 'one');
  await write('studies/letters/study.yaml', `worker: scripted\nbase: {model: ${model}}\nsweep: {value: [1, 2, 3]}\n`);
  const names = ['value-1', 'value-2', 'value-3'];
  script(Object.fromEntries(names.map((name) => [name, { hold: 'measuring' }])));
  const during = async (count: number, act: () => void) => {
    await waitFor(`start ${count}`, () => starts().length === count);
    act();
    script(Object.fromEntries(names.slice(count).map((name) => [name, { hold: 'measuring' }])));
  };
  const run = startNx(['run-many', '-t', 'measure'], withCache(workspace));
  await during(1, () => (linkSync(model, `${model}.link`), rmSync(`${model}.link`)));
  await during(2, () => chmodSync(model, 0o600));
  await during(3, () => {
    const code = join(root, 'workers/scripted/measure.mjs');
    for (const path of [model, code]) {
      cpSync(path, `${path}.copy`, { preserveTimestamps: true });
      renameSync(`${path}.copy`, path);
    }
  });
  const { all, exitCode } = await run;
  expect(exitCode).toBe(0);
  expect(failed('letters')).toEqual([]);
  expect(all.match(/hashing .*model\.bin \(3 B\) again, for its time stamps, links or contents changed/g)).toHaveLength(
    3,
  );
  const findings = finished('letters').map((record) =>
    record.findings.filter(({ code }) => code === 'files-rewritten'),
  );
  expect(findings).toEqual([
    [],
    [],
    [
      {
        code: 'files-rewritten',
        message: expect.stringMatching(/^model, workers\/scripted\/measure\.mjs were written/),
      },
    ],
  ]);
  expect((await workspace.measure([], withCache(workspace))).started).toEqual([]);
});

test('a byte of a model that changes while it is measured is found, though its size and time are put back', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: 'worker: scripted\n' } });
  const { startNx, home, write, script, starts, failed } = workspace;
  const model = join(home, 'model.bin');
  writeFileSync(model, 'one');
  await write('studies/letters/study.yaml', `worker: scripted\nbase: {model: ${model}}\nsweep: {value: [1]}\n`);
  script({ 'value-1': { hold: 'measuring' } });
  const run = startNx(['run-many', '-t', 'measure'], withCache(workspace));
  await waitFor('a start', () => starts().length === 1);
  const { atime, mtime } = statSync(model);
  writeFileSync(model, 'onf');
  utimesSync(model, atime, mtime);
  script({});
  expect((await run).all).toContain('contents of model changed while it was measured');
  expect(failed('letters').map(({ failure }) => failure!.type)).toEqual(['changed-during-run']);
});

test('a worker in a container is unsupported where there is none, before anything else, once', async () => {
  const workspace = await createWorkspace({ workers: ['scripted'], studies: { letters: 'worker: scripted\n' } });
  const { measure, edit, failed, home } = workspace;
  await edit(
    'workers/scripted/worker.json',
    '{ "type": "system" }',
    '{ "type": "container", "image": "nx-study.invalid/none:0", "requires": { "accelerator": "nvidia" } }',
  );
  const first = await measure([], withCache(workspace));
  expect(first).toMatchObject({ exitCode: 1, started: [] });
  expect(first.all).toMatch(/runs in a container, and this machine lacks:/);
  expect(failed('letters').map(({ failure }) => failure!.type)).toEqual(['unsupported']);
  expect(failed('letters')[0]!.failure!.message).toContain('the image nx-study.invalid/none:0');
  expect(existsSync(join(home, 'lock'))).toBe(false);
  expect(existsSync(join(home, 'cache/environments'))).toBe(false);
  const second = await measure([], withCache(workspace));
  expect(second.all).toContain('not tried again');
  expect(failed('letters')).toHaveLength(1);
});

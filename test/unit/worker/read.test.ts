import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readWorker, readWorkers } from '../../../plugins/nx-study/src/worker/read.ts';
import { errorOf, loadIn, makeWorkspace } from '../study/workspace.ts';

const manifest = {
  protocol: 1,
  kind: 'values',
  description: 'A worker',
  commands: { measure: ['sh', 'measure.sh'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['measure.sh'],
};
const schema = { type: 'object', additionalProperties: false, properties: {} };
const files = (name: string, own: object = {}, config: unknown = schema) => ({
  [`workers/${name}/worker.json`]: JSON.stringify({ ...manifest, ...own }),
  [`workers/${name}/config.schema.json`]: typeof config === 'string' ? config : JSON.stringify(config),
});
const reasonOf = async (contents: Record<string, string>, name = 'own') =>
  (await readWorkers(await makeWorkspace(contents))).broken.get(name);

test('all workers of a workspace are read, with defaults', async () => {
  const workers = await readWorkers(
    await makeWorkspace({ 'workers/README.md': 'no worker', 'workers/kits/sh/kit.sh': '' }),
  );
  expect([...workers.keys()]).toEqual(['llama-cpp', 'sampler', 'transformers', 'vllm']);
  expect(workers.get('sampler')).toMatchObject({
    name: 'sampler',
    root: 'workers/sampler',
    manifest: { platform: 'any', env: {}, passEnvironment: [], deriving: [] },
    configSchema: { type: 'object' },
  });
  expect(workers.broken.size).toBe(0);
});

test('a workspace without workers has none', async () => {
  const root = await makeWorkspace();
  await rm(join(root, 'workers'), { recursive: true });
  expect((await readWorkers(root)).size).toBe(0);
});

test('a broken worker says what is wrong, and leaves the others alone', async () => {
  const root = await makeWorkspace({ ...files('own', { protocol: 2, comands: {} }), ...files('fine') });
  const workers = await readWorkers(root);
  expect(workers.has('fine')).toBe(true);
  expect(workers.broken.get('own')).toMatch(
    /^workers\/own\/worker\.json is not a valid worker manifest: protocol: .*; Unrecognized key: "comands"/,
  );
  await expect(readWorker(root, 'own')).rejects.toThrow('workers/own/worker.json is not a valid worker manifest');
});

test('a check reads settings that there are, and knows only what is there without the environment', async () => {
  const config = { ...schema, properties: { votes: {} } };
  const check = { command: ['{python}', '{worker}/check.py'], settings: ['votes'] };
  expect(await reasonOf(files('own', { check }, config))).toBeUndefined();
  expect(await reasonOf(files('own', { check: { ...check, settings: ['vote'] } }, config))).toBe(
    'workers/own/worker.json has its check read `vote`, which is no setting in workers/own/config.schema.json',
  );
  for (const placeholder of ['{run}', '{cache}', '{modules}', '{pyton}'])
    expect(await reasonOf(files('own', { check: { ...check, command: ['{node}', placeholder] } }, config))).toContain(
      'check.command: a check runs without the environment, and knows only {python}, {node}, {tsx}, {worker} and {kits}',
    );
});

test("a lock of the study's own comes from a setting that is a data file", async () => {
  const environment = { type: 'uv', python: '3', lock: 'a.lock', own: 'lock' };
  const config = (lock: object) => ({ ...schema, properties: { lock } });
  const reason = (lock: object) => reasonOf(files('own', { environment }, config(lock)));
  expect(await reason({ type: ['string', 'null'], format: 'data-file' })).toBe(undefined);
  expect(await reason({ oneOf: [{ type: 'null' }, { type: 'string', format: 'data-file' }] })).toBe(undefined);
  for (const other of [{ type: 'string' }, { type: 'string', format: 'asset' }])
    expect(await reason(other)).toMatch(
      /a lock of the study's own from `lock`, which is no setting with "format": "data-file"/,
    );
  expect(await reasonOf(files('own', { environment }))).toMatch(/from `lock`, which is no setting/);
});

test('secrets are refused for a container, which they would not reach', async () => {
  const environment = { type: 'container', image: 'example.org/engine:1' };
  expect(await reasonOf(files('own', { environment }))).toBeUndefined();
  expect(await reasonOf(files('own', { environment, secrets: ['key_env'] }))).toMatch(
    /manifest: secrets: the variables that it names reach no worker in a container/,
  );
});

test('a container has an image, or a file to build it from in the folder of the worker', async () => {
  const reason = (environment: object) =>
    reasonOf(files('own', { environment: { type: 'container', ...environment } }));
  expect(await reason({ build: { file: 'Containerfile', context: ['src/**', '!src/*.md'] } })).toBeUndefined();
  for (const neither of [{}, { image: 'a:1', build: { file: 'Containerfile' } }])
    expect(await reason(neither)).toMatch(/environment: it needs either `image` or `build`/);
  for (const context of ['../other/**', '{workspace}/src/**', '/etc/passwd'])
    expect(await reason({ build: { file: 'Containerfile', context: [context] } })).toMatch(
      /environment\.build\.context\.0: a (path|pattern)/,
    );
  expect(await reason({ image: 'a:1', network: 'bridge' })).toMatch(/environment\.network/);
});

test('files that are missing, no JSON, or no closed schema are named', async () => {
  expect(await reasonOf({ 'workers/own/worker.json': '{' })).toMatch(/^workers\/own\/worker\.json is not valid JSON: /);
  expect(await reasonOf(files('own', { config: 'none.json' }))).toBe("workers/own/none.json doesn't exist");
  expect(await reasonOf(files('own', {}, '[]'))).toMatch(
    /config\.schema\.json is not a usable JSON Schema .*: it is not a JSON object/,
  );
  expect(await reasonOf(files('own', {}, { type: 'object', properties: {} }))).toMatch(
    /must describe an object and refuse unknown settings/,
  );
  expect(await reasonOf(files('own', { config: '../../../secret.json' }))).toBe('../secret.json leaves the workspace');
});

test('a folder whose name could not be a scope is no worker', async () => {
  expect(await reasonOf(files('My.Worker'), 'My.Worker')).toMatch(/names have a–z/);
});

test('a link that leaves the workspace is not followed', async () => {
  const root = await makeWorkspace(files('own'));
  const outside = join(tmpdir(), `nx-study-outside-${process.pid}.json`);
  await writeFile(outside, JSON.stringify(schema));
  await rm(join(root, 'workers/own/config.schema.json'));
  await symlink(outside, join(root, 'workers/own/config.schema.json'));
  const workers = await readWorkers(root);
  await rm(outside);
  expect(workers.broken.get('own')).toBe('workers/own/config.schema.json leaves the workspace');
});

test('a study that uses a broken worker says why, and one that does not is planned', async () => {
  const study = (worker: string) => `worker: ${worker}\nbase: {model: tiny}\n`;
  const root = await makeWorkspace({
    ...files('own', { kind: 'none' }),
    'studies/a/study.yaml': study('own'),
    'studies/b/study.yaml': study('vllm'),
  });
  const error = await errorOf(loadIn(root, 'a'));
  expect(error.message).toMatch(
    /a\/study\.yaml:1:9 {2}worker\n {4}the worker `own` can't be used: workers\/own\/worker\.json is not a valid/,
  );
  expect((await loadIn(root, 'b')).plan.measurements).toHaveLength(1);
});

test('a schema that does not compile is told where the worker is used', async () => {
  const root = await makeWorkspace({
    ...files('own', {}, { ...schema, properties: { a: { type: 'nothing' } } }),
    'studies/a/study.yaml': 'worker: own\n',
  });
  await mkdir(join(root, 'workers/empty'));
  expect((await errorOf(loadIn(root, 'a'))).message).toMatch(
    /the worker `own` can't be used: .* is not a usable JSON Schema/,
  );
});

test('a key that is there twice, and a number that no double holds, break a worker: which value was meant is not known', async () => {
  const twice = `${JSON.stringify(manifest).slice(0, -1)}, "kind": "posterior"}`;
  const broken = { ...files('own'), 'workers/own/worker.json': twice };
  expect(await reasonOf(broken)).toContain('worker.json is not valid JSON: `kind` is there twice');
  const schemaOf = (limit: string) =>
    `{"type": "object", "additionalProperties": false, "properties": {"a": {"maximum": ${limit}}}}`;
  expect(await reasonOf(files('own', {}, schemaOf('9007199254740993')))).toContain(
    'is not valid JSON: `properties.a.maximum`: 9007199254740993 is not a number that can be kept',
  );
  expect(await reasonOf(files('own', {}, schemaOf('9007199254740992')))).toBeUndefined();
});

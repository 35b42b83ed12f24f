import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { planFile } from '../../../plugins/nx-study/src/plan/planfile.ts';
import { temporaryFolder } from '../machine/helpers.ts';
import { errorOf, loadIn } from '../study/workspace.ts';
import { entry, someBytes, write } from './workspace.ts';
import type { StudyIssue } from '../../../plugins/nx-study/src/yaml/texts.ts';

beforeEach(() => void vi.stubEnv('NX_STUDY_CACHE_DIR', temporaryFolder()));
afterEach(() => void vi.unstubAllEnvs());

const content = someBytes(100);
const tiny = entry(content, { url: 'https://example.org/tiny.gguf' });

const reader = {
  'workers/reader/worker.json': JSON.stringify({
    protocol: 1,
    kind: 'values',
    description: 'reads a model',
    commands: { measure: ['true'] },
    environment: { type: 'system' },
    config: 'config.schema.json',
    measuring: ['worker.json'],
  }),
  'workers/reader/config.schema.json': JSON.stringify({
    type: 'object',
    additionalProperties: false,
    properties: {
      model: {
        default: 'tiny',
        anyOf: [
          { type: 'string', format: 'asset' },
          { type: 'object', additionalProperties: false, properties: { synthetic: { type: 'object' } } },
        ],
      },
      adapters: { type: 'array', items: { type: 'string', format: 'asset' } },
      by_name: { type: 'object', additionalProperties: { type: 'string', format: 'asset' } },
    },
  }),
};

function workspace(study: string, assets: string = stringify({ tiny }), files: Record<string, string> = {}): string {
  const root = temporaryFolder();
  const all = { ...reader, 'studies/assets.yaml': assets, 'studies/s/study.yaml': study, ...files };
  for (const [file, text] of Object.entries(all)) write(join(root, file), text);
  return root;
}

const load = (study: string, assets?: string) => loadIn(workspace(study, assets), 's');
const issuesOf = async (study: string, assets?: string) => (await errorOf(load(study, assets))).issues;
const brief = ({ file, line, column, message, hint }: StudyIssue) =>
  `${file}:${line}:${column} ${message}${hint ? ` → ${hint}` : ''}`;

test('notes where a configuration names assets, also by default and in lists', async () => {
  const models = join(temporaryFolder(), 'model.bin');
  write(models, 'x');
  const { plan, assets } = await load(
    stringify({ worker: 'reader', experiments: [{}, { model: { synthetic: {} }, adapters: ['tiny', models] }] }),
  );
  expect(plan.experiments.map(({ assets: paths }) => paths)).toEqual([['model'], ['adapters.0', 'adapters.1']]);
  expect(assets.get('tiny')).toMatchObject({ bytes: 100, fileName: 'tiny.gguf', files: null });
});

test('study.lock has the hash behind a name, and nothing of a path', async () => {
  const path = join(temporaryFolder(), 'model.bin');
  write(path, 'x');
  const { plan, assets } = await load(stringify({ worker: 'reader', sweep: { model: ['tiny', path] } }));
  const { measurements } = JSON.parse(planFile(plan, assets)) as { measurements: Record<string, object> };
  const [named, absolute] = plan.measurements.map(({ id }) => measurements[id]);
  expect(named).toHaveProperty('assets', { model: assets.get('tiny')!.sha256 });
  expect(absolute).not.toHaveProperty('assets');
});

test('a study that names no asset is planned without a look at studies/assets.yaml', async () => {
  const { plan } = await load('worker: reader\nbase: {model: {synthetic: {}}}\n', 'broken: [');
  expect(plan.experiments).toHaveLength(1);
});

test('an unknown name is told with its place and the near one', async () => {
  const [issue] = await issuesOf('worker: reader\nsweep:\n  model: [tiny, tiney]\n');
  expect(brief(issue!)).toBe(
    'studies/s/study.yaml:3:17 there is no asset `tiney` in studies/assets.yaml → Did you mean `tiny`?',
  );
  const [far] = await issuesOf('worker: reader\nbase: {model: llama-70b}\n');
  expect(far!.hint).toBe('It may be `tiny`.');
  const [none] = await issuesOf('worker: reader\nbase: {model: llama-70b}\n', '{}');
  expect(none!.message).toBe('there is no asset `llama-70b`: studies/assets.yaml has none');
});

describe('paths', () => {
  test.each([
    ['../models/x.gguf', /neither a name nor an absolute path/],
    ['./x', /neither a name nor an absolute path/],
    ['models/x.gguf', /neither a name.*Hugging Face model needs an entry/],
    ['~/models/x', /neither a name nor an absolute path/],
    ['C:\\models', /neither a name nor an absolute path/],
    ['Tiny', /neither a name nor an absolute path/],
    ['/models/../etc/passwd', /more plainly → Write \/etc\/passwd/],
    ['/models/x/', /more plainly → Write \/models\/x,/],
    ['/nowhere/at/all', /there is no \/nowhere\/at\/all on this machine/],
  ])('%s', async (value, text) => {
    const [issue] = await issuesOf(`worker: reader\nbase:\n  model: ${JSON.stringify(value)}\n`);
    expect(brief(issue!)).toMatch(text);
    expect(issue).toMatchObject({ line: 3, path: 'base.model' });
  });

  test('inside the workspace, also through a link', async () => {
    const root = workspace('worker: reader\n', undefined, { 'models/x.gguf': 'x' });
    const link = join(temporaryFolder(), 'link');
    symlinkSync(join(root, 'models'), link);
    for (const path of [join(root, 'models/x.gguf'), join(link, 'x.gguf'), root]) {
      write(join(root, 'studies/s/study.yaml'), `worker: reader\nbase: {model: ${path}}\n`);
      const [issue] = (await errorOf(loadIn(root, 's'))).issues;
      expect(issue!.message).toBe(`the asset ${path} lies inside the workspace`);
    }
  });

  test('a later part of a model, whose other parts would not count', async () => {
    const folder = temporaryFolder();
    const [first, second] = [1, 2].map((part) => join(folder, `m-0000${part}-of-00002.gguf`));
    write(second!, 'x');
    const root = workspace(`worker: reader\nbase: {model: ${second}}\n`);
    const [issue] = (await errorOf(loadIn(root, 's'))).issues;
    expect(issue!.message).toBe(`${second} is a later part of a model in several files`);
    expect(issue!.hint).toBe(`Name its first part, which stands for all: ${first}.`);
  });

  test('an empty folder', async () => {
    const folder = join(temporaryFolder(), 'empty');
    mkdirSync(folder);
    const [issue] = await issuesOf(`worker: reader\nbase: {model: ${folder}}\n`);
    expect(issue!.message).toBe(`${folder} holds no file`);
  });

  test('below a key with a dot', async () => {
    const [issue] = await issuesOf('worker: reader\nbase: {by_name: {}}\nexperiments:\n  - {by_name: {"a.b": tiny}}\n');
    expect(issue!.message).toBe("an asset can't stand below the key `a.b`, which has a dot");
  });
});

describe('studies/assets.yaml', () => {
  const issues = async (assets: string) => (await issuesOf('worker: reader\n', assets)).map(brief);
  const source = (text: string) =>
    `tiny:\n  description: d\n  licence: MIT\n  bytes: 5\n  sha256: ${'a'.repeat(64)}\n  source: ${text}\n`;

  test.each([
    ['a list', '[]', /^studies\/assets\.yaml:null:null the file must be a map of names to assets/],
    ['broken YAML', 'tiny: [', /^studies\/assets\.yaml:\d+:\d+ not valid YAML/],
    [
      'an unknown key',
      source('{url: "https://a/b"}\n  license: MIT'),
      /:7:3 unknown key `license` → Did you mean `licence`/,
    ],
    ['no source', source('{}'), /:6:11 name one source/],
    ['two sources', source('{url: "https://a/b", npm: {package: a, version: "1", file: b}}'), /:6:11 name one source/],
    ['a short hash', source('{url: "https://a/b"}').replace('a'.repeat(64), 'abc'), /:5:11 this must be a SHA-256/],
    [
      'no size',
      source('{url: "https://a/b"}').replace('  bytes: 5\n', ''),
      /:2:3 `bytes` and `sha256` of the file are missing/,
    ],
    ['an address that leads out of the cache', source('{url: "https://a/b%2F.."}'), /:6:17 this must be the http/],
    ['an address that is none', source('{url: "https://a/%zz"}'), /:6:17 this must be the http/],
    [
      'one part of a model',
      source('{url: "https://a/m-00001-of-00002.gguf?x=1"}'),
      /:2:3 this is one part of a model: list all of its parts/,
    ],
    [
      'a later part of a model',
      source('{url: "https://a/m-00002-of-00002.gguf"}'),
      /:2:3 this is one part of a model: list all of its parts/,
    ],
    ['a local address', source('{url: "file:///etc/passwd"}'), /:6:17 this must be the http\(s\) address/],
    [
      'a branch',
      source('{huggingface: {repo: a/b, commit: main, file: c}}'),
      /this must be a full commit.*a branch moves/,
    ],
    ['a version range', source('{pypi: {package: a, version: ">=1", file: b}}'), /one exact version/],
    [
      'a version that YAML takes for a number',
      source('{pypi: {package: a, version: 1.0, file: b}}'),
      /must be text, but is a number → Put it in quotes/,
    ],
    [
      'an option for pip',
      source('{pypi: {package: "--index-url=http://x", version: "1", file: b}}'),
      /the name of a package/,
    ],
    [
      'a file outside',
      source('{npm: {package: a, version: "1", file: ../x}}'),
      /relative path, with \/ between folders and without \.\./,
    ],
    ['an absolute file', source('{npm: {package: a, version: "1", file: /etc/x}}'), /relative path/],
    ['a file with backslashes', source('{npm: {package: a, version: "1", file: "a\\\\..\\\\b"}}'), /relative path/],
    ['__proto__', '__proto__: {}\n', /the key `__proto__` is reserved/],
    ['a path as a name', '../x: {}\n', /"\.\.\/x" can't be an asset's name/],
    [
      'both file and files',
      source(
        `{huggingface: {repo: a/b, commit: ${'a'.repeat(40)}, file: c, files: [{path: d, bytes: 1, sha256: ${'a'.repeat(64)}}]}}`,
      ),
      /either `file`, or a list/,
    ],
  ])('%s', async (_name, text, problem) => {
    expect((await issues(text)).join('\n')).toMatch(problem);
  });

  test('files of a folder: each with its hash, none twice, none outside', async () => {
    const file = (path: string) => `{path: ${JSON.stringify(path)}, bytes: 1, sha256: ${'a'.repeat(64)}}`;
    const folder = (...paths: string[]) =>
      `tiny:\n  description: d\n  licence: MIT\n  source: {huggingface: {repo: a/b, commit: ${'a'.repeat(40)}, files: [${paths.map(file).join(', ')}]}}\n`;
    expect((await issues(folder('a/../../b'))).join()).toContain('relative path');
    expect((await issues(folder('A', 'a'))).join()).toContain('listed twice');
    expect((await issues(folder('.cache/a'))).join()).toContain('hidden files are no part of an asset');
    expect((await issues(`${folder('a')}  bytes: 5\n`)).join()).toContain('the entry itself has none');
    const { assets } = await load('worker: reader\n', folder('a', 'b'));
    expect(assets.get('tiny')).toMatchObject({ bytes: 2, fileName: 'tiny' });
  });

  test('a link that leaves the workspace', async () => {
    const root = workspace('worker: reader\n');
    const outside = join(temporaryFolder(), 'assets.yaml');
    write(outside, stringify({ tiny }));
    rmSync(join(root, 'studies/assets.yaml'));
    symlinkSync(outside, join(root, 'studies/assets.yaml'));
    const [issue] = (await errorOf(loadIn(root, 's'))).issues;
    expect(brief(issue!)).toContain('studies/assets.yaml:null:null the file is a link that leaves the workspace');
  });
});

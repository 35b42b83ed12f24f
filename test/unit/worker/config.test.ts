import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import { configChecker } from '../../../plugins/nx-study/src/worker/config.ts';
import { readWorkers, WorkerError } from '../../../plugins/nx-study/src/worker/read.ts';
import type { Worker } from '../../../plugins/nx-study/src/worker/manifest.ts';

const workers = await readWorkers(join(import.meta.dirname, '../../fixtures/shapes'));
const check = (worker: string, written: JsonObject) => configChecker(workers.get(worker)!)(written);
const messages = (worker: string, written: JsonObject) => check(worker, written).problems.map(({ message }) => message);
const votes = { votes: 'v.csv' };

/** A worker with the given properties in its configuration. */
const worker = (properties: JsonObject, more: JsonObject = {}): Worker => ({
  ...workers.get('sampler')!,
  configSchema: { type: 'object', additionalProperties: false, properties, ...more },
});
const problemsOf = (properties: JsonObject, written: JsonObject, more: JsonObject = {}) =>
  configChecker(worker(properties, more))(written).problems.map(({ message }) => message);

describe('defaults', () => {
  test('are filled in, also inside maps, lists and alternatives, and the written configuration stays', () => {
    const written = Object.freeze({ votes: 'v.csv', extra: [{ file: 'a' }], sample: Object.freeze({ rollcalls: 60 }) });
    const { configuration, problems } = check('sampler', written);
    expect(problems).toEqual([]);
    expect(configuration).toMatchObject({
      sample: { rollcalls: 60, seed: 1 },
      extra: [{ file: 'a', weight: 1 }],
      chains: 4,
    });
    expect(written.sample).toEqual({ rollcalls: 60 });
  });

  test('inside an alternative that a constant tells apart', () => {
    const branch = (kind: string, scale: number) => ({
      type: 'object',
      required: ['kind'],
      additionalProperties: false,
      properties: { kind: { const: kind }, scale: { type: 'number', default: scale } },
    });
    const checker = configChecker(worker({ prior: { oneOf: [branch('a', 1), branch('b', 2)] } }));
    expect(checker({ prior: { kind: 'b' } }).configuration).toEqual({ prior: { kind: 'b', scale: 2 } });
  });

  test('of one configuration are not shared with the next', () => {
    const first = check('sampler', votes).configuration;
    (first.sample as JsonObject).seed = 99;
    expect(check('sampler', votes).configuration.sample).toEqual({ rollcalls: null, seed: 1 });
  });
});

describe('data files', () => {
  test('are found wherever the schema has them', () => {
    expect(check('sampler', { votes: 'v.csv', extra: [{ file: 'a' }, { file: 'b' }] }).dataFiles).toEqual([
      ['votes'],
      ['extra', '0', 'file'],
      ['extra', '1', 'file'],
    ]);
    expect(check('transformers', { model: 'tiny' }).dataFiles).toEqual([]);
  });

  test('are also the Python files, which are told apart, and an absent one is none', () => {
    const python = { type: ['string', 'null'], format: 'python-file', default: null };
    const properties = { model: python, other: python, lock: { type: ['string', 'null'], format: 'data-file' } };
    const { dataFiles, pythonFiles, problems } = configChecker(worker(properties))({ model: 'm.py', lock: null });
    expect({ dataFiles, pythonFiles, problems }).toEqual({
      dataFiles: [['model']],
      pythonFiles: [['model']],
      problems: [],
    });
  });

  test('are found in the alternative that was chosen, below keys with odd characters, and through references', () => {
    const file = { $ref: '#/$defs/file' };
    const source = (kind: string, path: JsonObject) => ({
      type: 'object',
      required: ['kind', 'path'],
      additionalProperties: false,
      properties: { kind: { const: kind }, path },
    });
    const properties = {
      source: { oneOf: [source('file', file), source('builtin', { type: 'string' })] },
      'a/b~c': file,
      many: { type: 'object', additionalProperties: file },
    };
    const checker = configChecker(worker(properties, { $defs: { file: { type: 'string', format: 'data-file' } } }));
    const written = { source: { kind: 'file', path: 'x' }, 'a/b~c': 'y', many: { one: 'z' } };
    expect(checker(written).dataFiles).toEqual([['source', 'path'], ['a/b~c'], ['many', 'one']]);
    expect(checker({ source: { kind: 'builtin', path: 'x' } }).dataFiles).toEqual([]);
  });
});

describe('a problem is told in words', () => {
  test.each<[worker: string, written: JsonObject, expected: string[]]>([
    ['sampler', { votes: 'v', chain: 2 }, ['the worker `sampler` has no setting `chain`']],
    ['sampler', { votes: 'v', sample: { seeds: 1 } }, ['the worker `sampler` has no setting `sample.seeds`']],
    ['sampler', {}, ['`votes` is missing: the worker `sampler` needs it']],
    ['sampler', { votes: 'v', chains: '4' }, ['`chains` must be a whole number, but is "4"']],
    ['sampler', { votes: 'v', chains: 2.5 }, ['`chains` must be a whole number, but is 2.5']],
    [
      'sampler',
      { votes: 'v', sample: { rollcalls: 'all' } },
      ['`sample.rollcalls` must be a whole number or null, but is "all"'],
    ],
    ['sampler', { votes: 'v', chains: 0 }, ['`chains` must be 1 or more, but is 0']],
    ['sampler', { votes: 'v', target_accept: 1 }, ['`target_accept` must be less than 1, but is 1']],
    ['sampler', { votes: 'v', polarity: 'partei' }, ['`polarity` must be `none` or `party`, but is "partei"']],
    [
      'sampler',
      { votes: 'v', extra: [{ file: 'a' }, {}] },
      ['`extra.1.file` is missing: the worker `sampler` needs it'],
    ],
    [
      'sampler',
      { votes: 'v', chains: 0, draws: 0 },
      ['`draws` must be 1 or more, but is 0', '`chains` must be 1 or more, but is 0'],
    ],
  ])('%s %j', (name, written, expected) => {
    expect(messages(name, written).toSorted()).toEqual(expected.toSorted());
  });
});

describe('alternatives', () => {
  const prior = (value: JsonObject[string]) => messages('sampler', { votes: 'v', beta_prior: value });

  test('that a constant tells apart: only the chosen one is explained', () => {
    expect(prior({ distribution: 'normal', mu: 0 })).toEqual([
      '`beta_prior.sigma` is missing, which goes with `distribution: normal`',
    ]);
    expect(prior({ distribution: 'halfnormal', mu: 0, sigma: 1 })).toEqual([
      "`beta_prior.mu` doesn't go with `distribution: halfnormal`",
    ]);
    expect(prior({ distribution: 'normal', mu: 0, sigma: -1 })).toEqual([
      '`beta_prior.sigma` must be more than 0, but is -1',
    ]);
    expect(prior({ distribution: 'cauchy' })).toEqual([
      '`beta_prior.distribution` must be `normal`, `lognormal` or `halfnormal`, but is "cauchy"',
    ]);
    expect(prior({ mu: 0, sigma: 1 })).toEqual(['`beta_prior.distribution` is missing']);
    expect(prior({ distribution: 3 })).toEqual([
      '`beta_prior.distribution` must be `normal`, `lognormal` or `halfnormal`, but is 3',
    ]);
    expect(prior('normal')).toEqual(['`beta_prior` must be a map, but is "normal"']);
  });

  test('of different kinds: the one of the right kind is explained', () => {
    const thin = (value: JsonObject[string]) => messages('sampler', { votes: 'v', thin: value });
    expect(thin(0)).toEqual(['`thin` must be 1 or more, but is 0']);
    expect(thin('sometimes')).toEqual(['`thin` must be a whole number, or "auto", or null, but is "sometimes"']);
    expect(thin('auto')).toEqual([]);
    expect(messages('transformers', { model: 'm', quantization: { bits: 3 } })).toEqual([
      '`quantization.bits` must be `4` or `8`, but is 3',
    ]);
  });

  test('inside a list: each item is explained for itself', () => {
    const item = { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] };
    expect(problemsOf({ list: { type: 'array', items: item } }, { list: [1, 0, null, 'x'] })).toEqual([
      '`list.1` must be 1 or more, but is 0',
      '`list.3` must be a whole number, or null, but is "x"',
    ]);
  });
});

describe('hints', () => {
  const hints = (name: string, written: JsonObject) => check(name, written).problems.map(({ hint }) => hint);

  test('name what was probably meant', () => {
    expect(hints('sampler', { votes: 'v', chians: 2 })).toEqual(['Did you mean `chains`?']);
    expect(hints('sampler', { votes: 'v', target: 0.8 })).toEqual(['Did you mean `target_accept`?']);
    expect(hints('transformers', { model: 'm', precision: 'FP16' })).toEqual(['Did you mean `fp16`?']);
    expect(hints('transformers', { model: 'm', compile: 'off' })).toEqual(['Write false; in YAML 1.2 `off` is text.']);
    expect(hints('transformers', { model: 'm', batch: '8' })).toEqual(['Remove the quotes.']);
    expect(hints('transformers', { model: 'm', batch: '1_024' })).toEqual(['Write digits without separators.']);
    expect(hints('sampler', {})).toEqual(['A CSV file of votes']);
  });
});

test('a schema that is none makes a WorkerError with the file and the reason', () => {
  const broken = (properties: JsonObject) => () => configChecker(worker(properties));
  expect(broken({ a: { type: 'strang' } })).toThrow(WorkerError);
  expect(broken({ a: { $ref: '#/$defs/none' } })).toThrow(
    /workers\/sampler\/config\.schema\.json is not a usable JSON Schema/,
  );
  expect(broken({ a: { type: 'string', minimun: 1 } })).toThrow(/unknown keyword: "minimun"/);
});

test('a schema may refer to itself, and may have its own annotations', () => {
  const tree = {
    type: 'object',
    additionalProperties: false,
    properties: { left: { $ref: '#/$defs/tree' }, size: { type: 'integer', 'x-unit': 'B' } },
  };
  expect(
    problemsOf({ tree: { $ref: '#/$defs/tree' } }, { tree: { left: { left: { size: 'x' } } } }, { $defs: { tree } }),
  ).toEqual(['`tree.left.left.size` must be a whole number, but is "x"']);
});

test('the checker of equal schemas is compiled once', () => {
  expect(configChecker(worker({ a: { type: 'string' } }))).toBe(configChecker(worker({ a: { type: 'string' } })));
});

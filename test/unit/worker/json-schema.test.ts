import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerSchema, questionSchema } from '../../../plugins/nx-study/src/check/answer.ts';
import { derivedSchema, RECORD_VERSION } from '../../../plugins/nx-study/src/record/schema.ts';
import { eventSchema } from '../../../plugins/nx-study/src/worker/events.ts';
import { jsonSchemaOf } from '../../../plugins/nx-study/src/worker/json-schema.ts';
import { manifestSchema, PROTOCOL } from '../../../plugins/nx-study/src/worker/manifest.ts';
import { requestSchema } from '../../../plugins/nx-study/src/worker/request.ts';
import { resultSchema } from '../../../plugins/nx-study/src/worker/result.ts';
import { problemsOf, schemaFolder, schemas } from '../../helpers/schemas.ts';
import { kits, request } from '../kits/workers.ts';

describe('the published schemas', () => {
  it('belong to the package, and carry the version of the protocol or of records', () => {
    const { resolve } = createRequire(import.meta.url);
    const manifest = JSON.parse(readFileSync(join(schemaFolder, '../package.json'), 'utf8')) as { files: string[] };
    expect(manifest.files).toContain('schemas');
    for (const [name, { $id }] of schemas) {
      expect(resolve(`nx-study/schemas/${name}.schema.json`)).toMatch(/schemas\/[a-z.-]+\.json$/);
      const version = ['record', 'derived'].includes(name) ? `record:${RECORD_VERSION}` : `protocol:${PROTOCOL}`;
      expect($id).toBe(`urn:nx-study:${version}:${name.replace('.', ':')}`);
    }
  });

  it.each(['request', 'result', 'worker', 'check-input', 'check-answer'])('explain each key of %s', (name) => {
    const properties = Object.entries(schemas.get(name)!.properties!).filter(([key]) => key !== '$schema');
    expect(properties.length).toBeGreaterThan(0);
    expect(properties.filter(([, property]) => !('description' in property))).toEqual([]);
  });
});

const hash = 'a'.repeat(64);
const result = { protocol: 1, kind: 'values', payload: { load_s: null, reasons: { load_s: 'no clock' } } };
const worker = {
  protocol: 1,
  kind: 'values',
  description: 'Counts',
  commands: { measure: ['{node}', '{worker}/count.mjs', '{run}'] },
  environment: { type: 'system' },
  config: 'config.schema.json',
  measuring: ['count.mjs'],
};
const asset = { name: null, path: '/model', sha256: hash, bytes: 1, licence: null };
const derived = {
  deriving: hash,
  derived_at: '2026-11-29T07:00:00.000Z',
  outcome: 'derived',
  payload: {},
  message: null,
  source: hash,
  checksum: hash,
};

const documents: [name: string, schema: z.ZodType, valid: object[], invalid: object[]][] = [
  [
    'request',
    requestSchema,
    [request(), request({ time_limit_s: 1.5, assets: { model: asset } })],
    [
      request({ protocol: 2 }),
      request({ seed: 2 ** 32 }),
      request({ seed: 0.5 }),
      request({ allowance: {} }),
      request({ assets: { model: { ...asset, licence: 1 } } }),
      request({ configuration: [] }),
    ],
  ],
  [
    'event',
    eventSchema,
    [
      { t: 1.5, event: 'phase', phase: 'sampling' },
      { t: 1, event: 'progress', done: 1, total: null, unit: 'draws', detail: { deep: [1, { x: null }] } },
      { t: 1, event: 'warning', code: 'w', message: 'x'.repeat(10_000), further: 'is ignored' },
      { t: 1, event: 'heartbeat' },
      { t: 1, event: 'failure', type: 'oom', message: '' },
      { t: 1, event: 'failure', type: 'crash', message: 'no', traceback: null },
    ],
    [
      { event: 'heartbeat' },
      { t: '1', event: 'heartbeat' },
      { t: 1, event: 'beat' },
      { t: 1, event: 'phase', phase: '' },
      { t: 1, event: 'progress', done: 1, unit: 'draws' },
      { t: 1, event: 'failure', type: 'timeout', message: '' },
    ],
  ],
  [
    'result',
    resultSchema,
    [result, { ...result, partial: true, files: [{ path: 'files/draws.nc', sha256: hash }] }],
    [
      { ...result, protocol: 2 },
      { ...result, payload: null },
      { ...result, further: 1 },
      { ...result, files: [{ path: 'draws.nc', sha256: 'A'.repeat(64) }] },
      ...['../draws.nc', 'deep/draws.nc', 'files/deep/draws.nc', '..', 'files/..', 'record.json', 'files'].map(
        (path) => ({ ...result, files: [{ path, sha256: hash }] }),
      ),
    ],
  ],
  [
    'worker',
    manifestSchema,
    [
      worker,
      { ...worker, environment: { type: 'uv', python: '>=3.12', lock: 'requirements.lock' } },
      { ...worker, environment: { type: 'npm', variants: { by: 'device', locks: { cpu: 'cpu/package-lock.json' } } } },
    ],
    [
      { ...worker, kind: 'other' },
      { ...worker, measuring: [] },
      { ...worker, environment: { type: 'uv', python: '>=3.12' } },
      { ...worker, environment: { type: 'uv', python: '>=3.12', lock: '../requirements.lock' } },
      {
        ...worker,
        environment: { type: 'uv', python: '3', lock: 'a', variants: { by: 'device', locks: { cpu: 'b' } } },
      },
      { ...worker, environment: { type: 'npm', variants: { by: 'device', locks: {} } } },
      { ...worker, env: { '1': 'x' } },
    ],
  ],
  ['check-input', questionSchema, [{ protocol: 1, configuration: {} }], [{ protocol: 1 }]],
  [
    'check-answer',
    answerSchema,
    [{ problems: [] }, { problems: [{ path: 'votes', message: 'gone', line: 3, column: null }] }],
    [{}, { problems: [{ path: 'votes', message: '' }] }, { problems: [{ path: 'votes', message: 'x', line: 1.5 }] }],
  ],
  [
    'derived',
    derivedSchema,
    [derived],
    [
      { ...derived, outcome: 'done' },
      { ...derived, derived_at: 'today' },
    ],
  ],
];

it.each(documents)('the schema of %s accepts and refuses as nx-study does', (name, schema, valid, invalid) => {
  const accepted = (documents: object[]) => documents.filter((document) => schema.safeParse(document).success);
  const fitting = (documents: object[]) => documents.filter((document) => problemsOf(name, document).length === 0);
  expect(accepted(valid)).toEqual(valid);
  expect(fitting(valid)).toEqual(valid);
  expect(invalid.length).toBeGreaterThan(0);
  expect([accepted(invalid), fitting(invalid)]).toEqual([[], []]);
});

it.each(['endpoint', 'ideal-point', 'llama-cpp', 'sglang', 'tensorrt-llm', 'transformers', 'vllm'])(
  'the worker.json of %s is as its schema has it',
  (name) => {
    expect(problemsOf('worker', JSON.parse(readFileSync(join(kits, '..', name, 'worker.json'), 'utf8')))).toEqual([]);
  },
);

it('a schema that contains itself is refused, and any JSON value is one without rules', () => {
  interface Tree {
    below: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.strictObject({ below: z.array(tree) }));
  const contract = { id: 'urn:x', title: 'X', io: 'input' } as const;
  expect(() => jsonSchemaOf({ ...contract, schema: z.array(tree) })).toThrow(/urn:x: the definition \w+ is no JSON/);
  expect(jsonSchemaOf({ ...contract, schema: z.strictObject({ value: z.json() }) })).toEqual({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:x',
    title: 'X',
    type: 'object',
    properties: { value: {} },
    required: ['value'],
    additionalProperties: false,
  });
});

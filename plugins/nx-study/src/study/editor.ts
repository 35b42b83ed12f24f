import { z } from 'zod';
import { isJsonObject } from '../base/json.ts';
import type { Worker } from '../worker/manifest.ts';
import { prepareSchema } from '../worker/prepare.ts';
import { studySchema } from '../plan/study.ts';

type Schema = Record<string, unknown>;

/** The JSON Schema (draft 7) of study files in a workspace with these workers, for editors: it completes settings, and checks them. */
export function editorSchema(workers: Worker[], assets: string[] = []): Schema {
  const grammar = z.toJSONSchema(studySchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' }) as Schema;
  const names = workers.map(({ name }) => name);
  const properties = grammar.properties as Record<string, Schema>;
  const single = workers.map(({ name }) => ({
    if: { required: ['worker'], properties: { worker: { const: name } } },
    // oxlint-disable-next-line unicorn/no-thenable
    then: { properties: settingsOf(name) },
  }));
  // oxlint-disable-next-line unicorn/no-thenable
  const several = { if: { required: ['workers'] }, then: { properties: settingsOf('all') } };
  return {
    ...grammar,
    title: 'A study',
    properties: {
      ...properties,
      worker: { ...properties.worker, enum: names },
      workers: { ...properties.workers, items: { enum: names } },
    },
    allOf: [...single, several],
    definitions: Object.fromEntries([
      ...workers.map((worker) => [worker.name, partial(worker)]),
      [ASSET, assetSchema(assets)],
      ...workers.flatMap((worker) => definitions(worker.name, [worker])),
      ...definitions('all', workers),
    ]),
  };
}

const settingsOf = (name: string): Schema => ({
  base: { $ref: `#/definitions/${name}.settings` },
  sweep: { $ref: `#/definitions/${name}.axes` },
  zip: { items: { $ref: `#/definitions/${name}.axes` } },
  variants: { additionalProperties: { additionalProperties: { $ref: `#/definitions/${name}.settings` } } },
  exclude: { items: { $ref: `#/definitions/${name}.selector` } },
  expect: { properties: { failed: { items: { $ref: `#/definitions/${name}.selector` } } } },
  report: { properties: { baseline: { $ref: `#/definitions/${name}.selector` } } },
  experiments: { items: { $ref: `#/definitions/${name}.experiment` } },
});

function definitions(name: string, workers: Worker[]): [string, Schema][] {
  const settings = union(workers.map((worker) => top(worker)));
  const axes = union(workers.map((worker) => paths(worker)));
  const scoped = workers.map((worker) => [worker.name, closed(union([top(worker)]))]);
  const scopedAxes = workers.flatMap((worker) =>
    paths(worker).map(([path, schema]) => [`${worker.name}.${path}`, schema]),
  );
  const all = { ...settings, ...Object.fromEntries(scoped) };
  const chosen = { worker: {}, variants: {}, label: {} };
  return [
    [`${name}.settings`, closed(all)],
    [`${name}.selector`, closed({ ...all, ...chosen })],
    [`${name}.experiment`, closed({ ...all, ...chosen, expect: {} })],
    [`${name}.axes`, closed(mapValues({ ...axes, ...Object.fromEntries(scopedAxes) }, listOf))],
  ];
}

// No worker's name has a dot.
const ASSET = 'asset.value';

const assetSchema = (names: string[]): Schema => ({
  description: 'The name of an entry in assets.yaml, or an absolute path outside the workspace',
  anyOf: [...(names.length > 0 ? [{ enum: names }] : []), { type: 'string', pattern: '^/' }],
});

// A dotted key may lead anywhere; what it leads to is checked when the study is planned.
const closed = (properties: Schema): Schema => ({
  type: 'object',
  properties,
  patternProperties: { '\\.': {} },
  additionalProperties: false,
});

const listOf = (items: unknown): Schema => ({ type: 'array', minItems: 1, items });

function union(parts: [string, Schema][][]): Record<string, Schema> {
  const found = new Map<string, Schema[]>();
  for (const [key, schema] of parts.flat()) found.set(key, [...(found.get(key) ?? []), schema]);
  return Object.fromEntries(
    [...found].map(([key, schemas]) => [key, schemas.length === 1 ? schemas[0]! : { anyOf: schemas }]),
  );
}

/** The settings of a worker, each of them optional at every level: a study may set any part of them. */
const partial = (worker: Worker): Schema => relax(prepareSchema(worker.configSchema));

/** References to a worker's settings. */
const top = (worker: Worker): [string, Schema][] => {
  const first = Object.keys(worker.configSchema.properties ?? {});
  return paths(worker).filter(([path]) => first.includes(path));
};

/** References to a worker's settings and to what is inside them, by dotted path. */
function paths({ name, configSchema }: Worker): [string, Schema][] {
  const below = (schema: unknown, path: string, reference: string): [string, Schema][] =>
    isJsonObject(schema) && isJsonObject(schema.properties)
      ? Object.entries(schema.properties).flatMap(([key, inner]): [string, Schema][] => {
          const $ref = `${reference}/properties/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          return [[`${path}${key}`, { $ref }], ...below(inner, `${path}${key}.`, $ref)];
        })
      : [];
  return below(prepareSchema(configSchema), '', `#/definitions/${name}`);
}

const KEPT = new Set([
  'title',
  'description',
  'default',
  'examples',
  'type',
  'enum',
  'const',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'uniqueItems',
]);

function relax(schema: unknown): Schema {
  if (!isJsonObject(schema) || '$ref' in schema) return {};
  const { properties, items, additionalProperties, oneOf, anyOf, allOf } = schema as Schema;
  const branches = (oneOf ?? anyOf) as unknown[] | undefined;
  const asset = schema.format === 'asset' ? [{ $ref: `#/definitions/${ASSET}` }] : [];
  const together = [...(Array.isArray(allOf) ? allOf.map((part) => relax(part)) : []), ...asset];
  return {
    ...Object.fromEntries(Object.entries(schema).filter(([key]) => KEPT.has(key))),
    ...(isJsonObject(properties) ? { properties: mapValues(properties, relax) } : {}),
    ...(items === undefined ? {} : { items: relax(items) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: isJsonObject(additionalProperties) ? relax(additionalProperties) : additionalProperties,
        }),
    ...(branches ? { anyOf: branches.map((branch) => relax(branch)) } : {}),
    ...(together.length > 0 ? { allOf: together } : {}),
  };
}

const mapValues = (map: object, change: (value: unknown) => Schema): Record<string, Schema> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));

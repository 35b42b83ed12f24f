import { z } from 'zod';

/** A document of the protocol that is published as JSON Schema. */
export interface Contract {
  /** Names it with its version: a URN. */
  id: string;
  title: string;
  /** `input`: others write it and may leave out what has a default. `output`: nx-study writes it, with all keys. */
  io: 'input' | 'output';
  schema: z.ZodType;
}

/**
 * The JSON Schema (draft 2020-12) of a document.
 * @throws Error for a schema that contains itself: none of the protocol's does, but for "any JSON value", which is `{}`.
 */
export function jsonSchemaOf({ id, title, io, schema }: Contract): object {
  const { $schema, $defs, ...shape } = z.toJSONSchema(schema, { io, override: withoutNoise });
  for (const [name, definition] of Object.entries($defs ?? {}))
    if (!isAnyJson(definition, name)) throw new Error(`${id}: the definition ${name} is no JSON value`);
  const text = JSON.stringify({ $schema, $id: id, title, ...shape });
  return JSON.parse(text, (_key, value: unknown) => (isReference(value) ? {} : value)) as object;
}

/** Leaves out that names are text, and that whole numbers are those which a double can hold. */
function withoutNoise({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (JSON.stringify(jsonSchema.propertyNames) === '{"type":"string"}') delete jsonSchema.propertyNames;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}

const anyJson = JSON.stringify(z.toJSONSchema(z.array(z.json()), { override: withoutNoise }).$defs?.['__schema0']);

const isAnyJson = (definition: object, name: string): boolean =>
  JSON.stringify(definition).replaceAll(name, '__schema0') === anyJson;

const isReference = (value: unknown): boolean => typeof value === 'object' && value !== null && '$ref' in value;

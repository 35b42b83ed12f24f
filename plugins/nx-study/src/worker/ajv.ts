import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchemaObject, ValidateFunction } from 'ajv/dist/2020.js';
import { DRAFT, fitsDraft } from './draft.ts';

const OPTIONS = {
  allErrors: true,
  verbose: true,
  discriminator: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
  logger: false,
} as const;

/** The validator of workers' schemas (JSON Schema, draft 2020-12). What it does not know in a schema is an error: it may be misspelt. */
export const newAjv = ({ useDefaults }: { useDefaults: boolean }): Ajv2020 =>
  new Ajv2020({ ...OPTIONS, useDefaults, validateSchema: false });

/** @throws Error (Ajv's) for what is no JSON Schema. */
export function compileWith(ajv: Ajv2020, schema: AnySchemaObject): ValidateFunction {
  const { $schema: draft = DRAFT } = schema;
  // Ajv takes longer for the schema of schemas than for a worker's: it compiles it only to say what is wrong.
  if (draft !== DRAFT || !fitsDraft(schema)) void new Ajv2020(OPTIONS).validateSchema(schema, true);
  return ajv.compile(schema);
}

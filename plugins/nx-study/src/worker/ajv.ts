import { Ajv2020 } from 'ajv/dist/2020.js';
import type { AnySchemaObject, ValidateFunction } from 'ajv/dist/2020.js';

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

// To compile the schema of schemas takes longer than a worker's schema: once for all of them.
const ofSchemas = new Ajv2020(OPTIONS);

/** The validator of workers' schemas (JSON Schema, draft 2020-12). What it does not know in a schema is an error: it may be misspelt. */
export const newAjv = ({ useDefaults }: { useDefaults: boolean }): Ajv2020 =>
  new Ajv2020({ ...OPTIONS, useDefaults, validateSchema: false });

/** @throws Error (Ajv's) for what is no JSON Schema. */
export function compileWith(ajv: Ajv2020, schema: AnySchemaObject): ValidateFunction {
  void ofSchemas.validateSchema(schema, true);
  return ajv.compile(schema);
}

import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';

/** The JSON Schema that every schema of its draft fits. */
export const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

let compiled: ValidateFunction | undefined;

/** Whether something is a JSON Schema, draft 2020-12. In the built plugin this is the code that Ajv makes of `DRAFT`: see tools/build.mjs. */
export function fitsDraft(schema: unknown): boolean {
  compiled ??= new Ajv2020({ strict: false, logger: false }).getSchema(DRAFT)!;
  return compiled(schema);
}

import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from '../base/json.ts';
import { memoized } from '../base/memoized.ts';
import { compileWith, newAjv } from './ajv.ts';
import { explainConfig } from './explain.ts';
import { prepareSchema } from './prepare.ts';
import type { ConfigProblem } from './problem.ts';

/** Tells how a part of a configuration, which stands at this path, breaks a schema; none where it fits. Changes nothing, and fills in no defaults. */
export type PartChecker = (part: Json, path: readonly string[], worker: string) => ConfigProblem[];

/**
 * Makes checkers of parts of configurations, one for each distinct schema.
 * @throws Error (Ajv's) for what is no JSON Schema, draft 2020-12.
 */
export const openParts = (): ((schema: JsonObject) => PartChecker) =>
  memoized(
    (schema) => {
      const validate = compileWith(newAjv({ useDefaults: false }), prepareSchema(schema));
      return (part, path, worker) => (validate(part) ? [] : explainConfig(errorsAt(validate, path), worker));
    },
    (schema) => JSON.stringify(schema),
  );

function errorsAt({ errors }: ValidateFunction, path: readonly string[]): ErrorObject[] {
  const place = path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return (errors ?? []).map((error) => ({ ...error, instancePath: `${place}${error.instancePath}` }));
}

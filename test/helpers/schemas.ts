import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv/dist/2020.js';

export const schemaFolder = join(import.meta.dirname, '../../plugins/nx-study/schemas');

/** The published schemas, by the name of their file without `.schema.json`. */
export const schemas = new Map(
  readdirSync(schemaFolder).map((file) => [
    file.replace(/\.schema\.json$/, ''),
    JSON.parse(readFileSync(join(schemaFolder, file), 'utf8')) as PublishedSchema,
  ]),
);

export interface PublishedSchema {
  $id: string;
  title: string;
  properties?: Record<string, object>;
}

const ajv = new Ajv2020({
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  allErrors: true,
  formats: { 'date-time': true },
});
for (const schema of schemas.values()) ajv.addSchema(schema);

/** How a document differs from a published schema; empty when it doesn't. */
export function problemsOf(name: string, document: unknown): string[] {
  const validate = ajv.getSchema(schemas.get(name)!.$id)!;
  return validate(document) === true ? [] : (validate.errors ?? []).map((error) => text(error));
}

const text = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath}: ${message} ${JSON.stringify(params)}`;

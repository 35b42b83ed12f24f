import { isJsonObject } from '../base/json.ts';

type Schema = Record<string, unknown>;

/** The keywords that stand beside these formats in a prepared schema, so that validation notes where such a value is. */
export const NOTED_FORMATS = {
  'data-file': 'nxStudyDataFile',
  'python-file': 'nxStudyPythonFile',
  asset: 'nxStudyAsset',
} as const;

const ONE = new Set([
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
]);
const MAPS = new Set(['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas']);
const LISTS = new Set(['oneOf', 'anyOf', 'allOf', 'prefixItems']);
const ANNOTATIONS = new Set(['title', 'description', 'default', 'examples', 'deprecated', '$comment']);

/**
 * A worker's schema in the form that gives precise errors: references written out (but recursive ones), alternatives
 * told apart by a constant such as `distribution: normal` marked with a discriminator, data files and assets marked.
 */
export function prepareSchema(root: Schema): Schema {
  return prepare(root, root, []);
}

function prepare(schema: unknown, root: Schema, resolving: string[]): Schema {
  if (!isJsonObject(schema)) return schema as Schema;
  const { $ref: reference, ...own } = schema as Schema;
  if (typeof reference === 'string' && reference.startsWith('#/')) {
    const found = pointer(root, reference);
    // A schema that contains itself can't be written out, and one that isn't there is Ajv's to refuse.
    if (resolving.includes(reference) || found === undefined) return schema;
    return together(prepare(found, root, [...resolving, reference]), prepareOwn(own, root, resolving));
  }
  return prepareOwn(schema, root, resolving);
}

function prepareOwn(schema: Schema, root: Schema, resolving: string[]): Schema {
  const inner = (value: unknown) => prepare(value, root, resolving);
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-')) continue;
    if (ONE.has(key)) result[key] = inner(value);
    else if (LISTS.has(key) && Array.isArray(value)) result[key] = value.map((item) => inner(item));
    else if (MAPS.has(key) && isJsonObject(value))
      result[key] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inner(item)]));
    else result[key] = value;
  }
  for (const [format, keyword] of Object.entries(NOTED_FORMATS)) if (result.format === format) result[keyword] = true;
  return discriminated(result);
}

function together(target: Schema, own: Schema): Schema {
  const rules = Object.keys(own).some((key) => !ANNOTATIONS.has(key));
  return rules ? { ...own, allOf: [target, ...((own.allOf as unknown[]) ?? [])] } : { ...target, ...own };
}

function discriminated(schema: Schema): Schema {
  const { oneOf, anyOf, ...rest } = schema;
  const branches = (oneOf ?? anyOf) as Schema[] | undefined;
  if (!Array.isArray(branches) || (oneOf && anyOf) || 'discriminator' in schema) return schema;
  const propertyName = tagOf(branches);
  return propertyName ? { type: 'object', ...rest, oneOf: branches, discriminator: { propertyName } } : schema;
}

/** The property that is required and has its own constant texts in every branch. */
function tagOf(branches: Schema[]): string | undefined {
  const first = branches[0];
  if (branches.length < 2 || !isJsonObject(first?.properties)) return undefined;
  return Object.keys(first.properties).find((name) => {
    const values = branches.flatMap((branch) => constants(branch, name) ?? [undefined]);
    return values.every((value) => typeof value === 'string') && new Set(values).size === values.length;
  });
}

function constants(branch: Schema, name: string): unknown[] | null {
  const property = isJsonObject(branch.properties) ? branch.properties[name] : undefined;
  const required = Array.isArray(branch.required) && branch.required.includes(name);
  if (!required || !isJsonObject(property)) return null;
  if ('const' in property) return [property.const];
  return Array.isArray(property.enum) ? property.enum : null;
}

function pointer(root: Schema, reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, key) => (isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), root);
}

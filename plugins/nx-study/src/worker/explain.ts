import type { ErrorObject } from 'ajv/dist/2020.js';
import { isJsonObject } from '../base/json.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { show as showJson } from '../base/words.ts';
import { configTexts } from './texts.ts';
import type { ConfigProblem } from './problem.ts';

// Nobody reads more, and explaining takes time for each of many combinations.
const MOST_ERRORS = 100;

/** Turns Ajv's errors into problems in words: of alternatives, only those of the one that the author meant. */
export function explainConfig(all: ErrorObject[], worker: string): ConfigProblem[] {
  const errors = all.slice(0, MOST_ERRORS);
  const problems: ConfigProblem[] = [];
  const told = new Set<ErrorObject>();
  const composites = errors.filter(isComposite).toSorted((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const composite of composites) {
    if (told.has(composite)) continue;
    const inside = errors.filter((error) => isInside(error, composite));
    for (const error of [composite, ...inside]) told.add(error);
    problems.push(...explainComposite(composite, inside, worker));
  }
  const simple = errors.filter((error) => !told.has(error) && !SAID_BY_OTHERS.has(error.keyword));
  return [...problems, ...simple.map((error) => explainOne(error, worker))];
}

// Beside each of them stands an error that says more.
const SAID_BY_OTHERS = new Set(['if', 'propertyNames']);

const isComposite = ({ keyword }: ErrorObject) => keyword === 'oneOf' || keyword === 'anyOf';

const isInside = (error: ErrorObject, composite: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${composite.schemaPath}/`) &&
  (error.instancePath === composite.instancePath || error.instancePath.startsWith(`${composite.instancePath}/`));

/** Explains the alternative that was meant: the only one of the right kind, or the one whose constants fit. */
function explainComposite(composite: ErrorObject, inside: ErrorObject[], worker: string): ConfigProblem[] {
  const branches = (composite.schema as JsonObject[]).map((schema, index) => ({
    schema,
    errors: inside.filter(({ schemaPath }) => schemaPath.startsWith(`${composite.schemaPath}/${index}/`)),
  }));
  const fitting = branches.filter(({ errors }) => !errors.some((error) => isWrongKind(error, composite)));
  const meant =
    fitting.length > 1 ? fitting.filter(({ errors }) => !errors.some(({ keyword }) => keyword === 'const')) : fitting;
  if (meant.length === 1 && meant[0]!.errors.length > 0) return explainConfig(meant[0]!.errors, worker);
  const path = keysOf(composite);
  const value = composite.data as Json;
  const described = branches.map(({ schema }) => describe(schema));
  return [{ path, value, ...configTexts.noBranch(path.join('.'), described, value) }];
}

const isWrongKind = ({ keyword, instancePath }: ErrorObject, composite: ErrorObject): boolean =>
  instancePath === composite.instancePath && ['type', 'const', 'enum'].includes(keyword);

function describe(schema: JsonObject): string {
  if (typeof schema.title === 'string') return schema.title;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  return kinds(schema.type);
}

interface Params {
  additionalProperty?: string;
  unevaluatedProperty?: string;
  missingProperty: string;
  tag: string;
  tagValue?: Json;
  type: string | string[];
  allowedValues: Json[];
  allowedValue: Json;
}

function explainOne(error: ErrorObject, worker: string): ConfigProblem {
  const keys = keysOf(error);
  const path = keys.join('.');
  const value = error.data as Json;
  const parent = keys.length > 0 ? `${path}.` : '';
  const schema = (error.parentSchema ?? {}) as JsonObject;
  const params = error.params as unknown as Params;
  const problem = { path: keys, value };
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = params.additionalProperty ?? params.unevaluatedProperty!;
      const known = isJsonObject(schema.properties) ? Object.keys(schema.properties) : [];
      const choice = choiceOf(schema);
      const text = choice
        ? configTexts.unknownHere(key, parent, known, choice)
        : configTexts.unknown(key, parent, known, worker);
      const found = (error.data as JsonObject)[key]!;
      return { path: [...keys, key], value: found, key: true, always: keys.length === 0, ...text };
    }
    case 'required':
    case 'dependentRequired': {
      const missing = `${parent}${params.missingProperty}`;
      const choice = choiceOf(schema);
      const text = choice
        ? configTexts.missingHere(missing, choice)
        : configTexts.missing(missing, worker, meaningOf(schema, params.missingProperty));
      return { path: keys, missing: true, ...text };
    }
    case 'discriminator': {
      const { tag, tagValue: found } = params;
      const options = tagValues(schema, tag);
      if (found === undefined)
        return { path: keys, missing: true, ...configTexts.missingTag(`${parent}${tag}`, options) };
      return { path: [...keys, tag], value: found, ...configTexts.among(`${parent}${tag}`, options, found) };
    }
    case 'type':
      return { ...problem, ...configTexts.kind(path, kinds(params.type), value) };
    case 'enum':
      return { ...problem, ...configTexts.among(path, params.allowedValues, value) };
    case 'const':
      return { ...problem, ...configTexts.among(path, [params.allowedValue], value) };
    case 'pattern':
      return { ...problem, ...configTexts.form(path, descriptionOf(schema), String(error.schema), value) };
    case 'not':
      return { ...problem, ...forbidden(error, path) };
    default: {
      const limit = RANGES[error.keyword]?.(error.schema);
      const text = limit
        ? configTexts.range(path, limit, value)
        : configTexts.other(path, error.message ?? 'is not valid', value);
      return { ...problem, ...text };
    }
  }
}

const descriptionOf = ({ description }: JsonObject): string | null =>
  typeof description === 'string' ? description : null;

/** What a schema forbids, with the reason that it gives: a value, or a key of a map. */
function forbidden({ propertyName, parentSchema, data }: ErrorObject, path: string) {
  const meaning = descriptionOf(parentSchema ?? {});
  if (propertyName === undefined) return configTexts.notHere(path, meaning, data as Json);
  return configTexts.keyNotHere(path === '' ? propertyName : `${path}.${propertyName}`, meaning);
}

const RANGES: Record<string, (limit: unknown) => string> = {
  minimum: (limit) => `${show(limit)} or more`,
  maximum: (limit) => `${show(limit)} or less`,
  exclusiveMinimum: (limit) => `more than ${show(limit)}`,
  exclusiveMaximum: (limit) => `less than ${show(limit)}`,
  multipleOf: (factor) => `a multiple of ${show(factor)}`,
  minLength: (length) => (length === 1 ? 'text that is not empty' : `text of at least ${show(length)} characters`),
  maxLength: (length) => `text of at most ${show(length)} characters`,
  minItems: (count) => `a list of at least ${show(count)}`,
  maxItems: (count) => `a list of at most ${show(count)}`,
  uniqueItems: () => 'a list without repeated values',
};

const show = (limit: unknown): string => (typeof limit === 'string' ? limit : showJson(limit as Json));

const KINDS: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'null',
};

const kinds = (type: unknown): string =>
  [type ?? 'value']
    .flat()
    .map((one) => KINDS[show(one)] ?? show(one))
    .join(' or ');

/** The constant that tells an alternative apart, as `distribution: normal`. */
function choiceOf(schema: JsonObject): string | null {
  if (!isJsonObject(schema.properties)) return null;
  for (const [name, property] of Object.entries(schema.properties))
    if (isJsonObject(property) && typeof property.const === 'string') return `\`${name}: ${property.const}\``;
  return null;
}

function tagValues(schema: JsonObject, tag: string): Json[] {
  const branches = Array.isArray(schema.oneOf) ? schema.oneOf : [];
  return branches.flatMap((branch) => {
    const property = isJsonObject(branch) && isJsonObject(branch.properties) ? branch.properties[tag] : null;
    if (!isJsonObject(property)) return [];
    return 'const' in property ? [property.const!] : ((property.enum as Json[] | undefined) ?? []);
  });
}

function meaningOf(schema: JsonObject, key: string): string | null {
  const property = isJsonObject(schema.properties) ? schema.properties[key] : null;
  return isJsonObject(property) && typeof property.description === 'string' ? property.description : null;
}

const keysOf = ({ instancePath }: ErrorObject): string[] =>
  instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

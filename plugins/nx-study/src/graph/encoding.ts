import type { Json, JsonObject } from '../base/json.ts';

// Nx replaces these in all strings of a target's options, and ends every command where {workspaceRoot} isn't at the beginning.
const TOKEN = /\{(?=(?:workspaceRoot|projectRoot|projectName)\})/g;
const ENCODED = /^[{["]/;

/**
 * Options as Nx hands them on unharmed: a value in which a token of Nx stands becomes its JSON text, with the token's
 * brace escaped. All other values stay as they are, readable and with the hash that they had.
 */
export const encodeOptions = (options: object): JsonObject => mapValues(options, encode);

/** The options that were given to `encodeOptions`. */
export const decodeOptions = (encoded: object): JsonObject => mapValues(encoded, decode);

/** A value that Nx changes nothing in. */
export function encode(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  const text = JSON.stringify(value);
  // Outside of strings, JSON has no brace before a letter; inside of them, an escape stands for the same brace.
  const escaped = text.replace(TOKEN, '\\u007b');
  const mustEncode = escaped !== text || (typeof value === 'string' && ENCODED.test(value));
  return mustEncode ? escaped : value;
}

/** The value that was given to `encode`. */
export const decode = (value: Json): Json =>
  typeof value === 'string' && ENCODED.test(value) ? (JSON.parse(value) as Json) : value;

const mapValues = (values: object, change: (value: Json) => Json): JsonObject =>
  Object.fromEntries(Object.entries(values).map(([key, value]: [string, Json]) => [key, change(value)]));

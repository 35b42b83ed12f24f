import { stringify } from 'yaml';
import type { ScalarTag } from 'yaml';
import type { JsonObject } from '../../../base/json.ts';

/**
 * YAML that readers of YAML 1.1 such as PyYAML read as the same values: texts are quoted, so that none turns into a time or
 * a boolean, and numbers have a point before their exponent, without which they would be texts.
 */
export const portableYaml = (value: JsonObject): string =>
  stringify(value, {
    version: '1.1',
    aliasDuplicateObjects: false,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    customTags: (tags) => [exponential, ...tags],
  }).replaceAll(NOT_PRINTABLE, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Characters that YAML has only as escapes, and the library writes as they are. */
const NOT_PRINTABLE = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g;

const WITHOUT_POINT = /^(-?\d+)e/;

const exponential: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  identify: (value) => typeof value === 'number' && WITHOUT_POINT.test(String(value)),
  default: true,
  // Among tags that fit a value, the library takes those with a test.
  test: /^-?\d+\.0e[-+]\d+$/,
  resolve: Number,
  stringify: ({ value }) => String(value).replace(WITHOUT_POINT, '$1.0e'),
};

import { canonicalJson } from '../../base/canonical.ts';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { ConfigChecker } from '../../worker/config.ts';
import { changesBetween } from './differences.ts';

/**
 * Settings with the same configuration as the target's, without those that a base does not set and the worker's defaults
 * give as well.
 */
export function neededOf(base: JsonObject, target: JsonObject, check: ConfigChecker): JsonObject {
  const whole = canonicalJson(check(target).configuration);
  return changesBetween(base, target)
    .filter(({ before }) => before === undefined)
    .reduce((kept, { path }) => {
      const fewer = without(kept, path);
      const { configuration, problems } = check(fewer);
      return problems.length === 0 && canonicalJson(configuration) === whole ? fewer : kept;
    }, target);
}

function without(settings: JsonObject, [key, ...rest]: readonly string[]): JsonObject {
  const { [key!]: inner, ...others } = settings;
  return rest.length > 0 && isJsonObject(inner) ? { ...others, [key!]: without(inner, rest) } : others;
}

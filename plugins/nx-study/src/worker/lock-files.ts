import { posix } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { Environment } from './manifest.ts';

/** The lock that a configuration names in place of those of the worker, relative to the workspace; null where it names none. */
export function ownLock(environment: Environment, configuration: JsonObject): string | null {
  if (environment.type !== 'uv' || environment.own === undefined) return null;
  const lock = configuration[environment.own];
  return typeof lock === 'string' ? lock : null;
}

/** Variant (null where there is only one) → the files that it is made from, relative to the worker's folder. */
export function lockFiles(environment: Environment): Map<string | null, string[]> {
  if (environment.type === 'system' || environment.type === 'container') return new Map();
  const { type, lock, variants } = environment;
  const files = (path: string) => (type === 'npm' ? [path, posix.join(posix.dirname(path), 'package.json')] : [path]);
  if (lock !== undefined) return new Map([[null, files(lock)]]);
  return new Map(Object.entries(variants!.locks).map(([variant, path]) => [variant, files(path)]));
}

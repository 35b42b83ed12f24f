import { posix } from 'node:path';
import type { Environment } from './manifest.ts';

/** Variant (null where there is only one) → the files that it is made from, relative to the worker's folder. */
export function lockFiles(environment: Environment): Map<string | null, string[]> {
  if (environment.type === 'system' || environment.type === 'container') return new Map();
  const { type, lock, variants } = environment;
  const files = (path: string) => (type === 'npm' ? [path, posix.join(posix.dirname(path), 'package.json')] : [path]);
  if (lock !== undefined) return new Map([[null, files(lock)]]);
  return new Map(Object.entries(variants!.locks).map(([variant, path]) => [variant, files(path)]));
}

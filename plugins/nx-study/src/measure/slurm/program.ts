import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The built program that measures the task of a job on its node. */
export function nodeProgram(): string {
  const root = dirname(createRequire(import.meta.url).resolve('nx-study/package.json'));
  return join(root, 'dist/measure/node.js');
}

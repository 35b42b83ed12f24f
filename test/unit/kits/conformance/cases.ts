import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { kits } from '../workers.ts';

/** The conformance cases in a file, under a key. */
export const cases = <T>(file: string, key = 'cases'): (T & { name: string })[] =>
  (JSON.parse(readFileSync(join(kits, 'conformance', file), 'utf8')) as Record<string, (T & { name: string })[]>)[key]!;

/** Sums differ in their last bits. */
export const near = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 10));

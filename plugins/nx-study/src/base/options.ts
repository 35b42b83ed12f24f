import { readFileSync } from 'node:fs';
import { optionTexts } from './texts.ts';

/** Options that Nx itself uses, and passes on all the same. */
export const OF_NX = new Set(['color', 'verbose']);

/**
 * Refuses options that a command's schema doesn't have: Nx passes misspelt ones on.
 * @throws Error that names them, and the nearest one that there is.
 */
export function refuseUnknownOptions(options: object, schema: URL): void {
  const { properties } = JSON.parse(readFileSync(schema, 'utf8')) as { properties: object };
  const known = Object.keys(properties);
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (name === '_') return [optionTexts.positional([value].flat().map(String))];
    return known.includes(name) || OF_NX.has(name) ? [] : [optionTexts.unknown(name, known)];
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

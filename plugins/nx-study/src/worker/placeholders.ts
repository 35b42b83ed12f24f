/** The placeholders `{name}` of a worker's commands and environment variables; the documentation explains each. */
export const PLACEHOLDERS = [
  'run',
  'out',
  'worker',
  'kits',
  'workspace',
  'python',
  'node',
  'tsx',
  'modules',
  'cache',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** A text with its placeholders filled in; one that has no value here stays as it is written. */
export const fillPlaceholders = (text: string, values: Partial<Record<Placeholder, string>>): string =>
  text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name as Placeholder] ?? whole);

/** The names in braces in a text, without `${name}` of a shell. */
export const namesInBraces = (text: string): string[] =>
  [...text.matchAll(/(?<!\$)\{([A-Za-z_]+)\}/g)].map(([, name]) => name!);

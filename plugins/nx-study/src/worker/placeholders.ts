/** What `{name}` stands for in a worker's commands and environment variables; workers/README.md says it in words. */
export const PLACEHOLDERS = ['run', 'out', 'worker', 'kits', 'python', 'node', 'tsx', 'modules', 'cache'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** A text with its placeholders filled in; one that has no value here stays as it is written. */
export const fillPlaceholders = (text: string, values: Partial<Record<Placeholder, string>>): string =>
  text.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name as Placeholder] ?? whole);

/** The names in braces that a text holds, `${name}` of a shell left out. */
export const namesInBraces = (text: string): string[] =>
  [...text.matchAll(/(?<!\$)\{([A-Za-z_]+)\}/g)].map(([, name]) => name!);

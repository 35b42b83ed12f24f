import type { z } from 'zod';

/** Characters of a name in tables and in the headers of CSV files. */
const MOST_CHARACTERS = 120;
const SHOWN = 40;

/** Refuses names of metrics and variables that are too long for a table: over 120 characters. */
export function refuseLongNames(names: readonly string[], context: z.RefinementCtx): void {
  for (const name of names)
    if (name.length > MOST_CHARACTERS) {
      const message = `a name has ${MOST_CHARACTERS} characters at most; ${JSON.stringify(`${name.slice(0, SHOWN)}…`)} has ${name.length.toLocaleString('en')}`;
      context.addIssue({ code: 'custom', message });
    }
}

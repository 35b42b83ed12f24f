/** Sentences of figures and tables that more than one of them says. */
export const NO_VALUE = 'no value';
export const NO_INTERVAL = 'no interval';

/** Stands where a figure would be. */
export const nothingToDraw = (subject: string): string => `Nothing to draw: no value for ${subject}.`;

/** Names what a figure leaves out, with the reason for each. */
export function notDrawn(left: readonly { name: string; reason: string }[]): string[] {
  if (left.length === 0) return [];
  const shown = left.slice(0, MOST_NAMED).map(({ name, reason }) => `${name} (${reason})`);
  const more = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more, which the table names` : '';
  return [`Not drawn: ${shown.join(', ')}${more}.`];
}

const MOST_NAMED = 6;

const count = (value: number): string => value.toLocaleString('en-US');

/** Below a table that would make a page too large. */
export const onlyFirst = (shown: number, all: number, file: string): string =>
  `Only the first ${count(shown)} of ${count(all)} rows are shown; ${file} beside this page has all.`;

/** Below a drawing that would make a page too large. */
export const thinned = (shown: number, all: number, file: string): string =>
  `Drawn are ${count(shown)} of ${count(all)} runs, evenly over their order; ${file} beside this page has all.`;

export const NOT_FINITE = 'not a finite number';
export const TOO_LARGE = 'too large to draw';
export const NOT_POSITIVE = 'not positive, and the axis is logarithmic';
export const NEGATIVE = 'negative, and bars are stacked';
export const NOT_GIVEN = 'no value, and no reason is recorded';

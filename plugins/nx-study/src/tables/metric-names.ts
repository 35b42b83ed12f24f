import { visibleText } from './csv-text.ts';
import type { Row } from '../state/rows.ts';

/** The end of the name of a column that says why another one has no value. */
export const REASON = '_reason';

const RESERVED = /^(varied|configuration|phase|version|machine|metric)\./;

/**
 * The column of each metric. A worker names its metrics as it likes, and no two columns may have one name.
 * @param taken - names of columns that are no metrics.
 */
export function metricNames(rows: readonly Row[], taken: ReadonlySet<string>): (metric: string) => string {
  const used = new Set(taken);
  const columns = new Map<string, string>();
  for (const { name } of rows.flatMap(({ metrics }) => metrics)) {
    if (columns.has(name)) continue;
    const shown = visibleText(name);
    let column = RESERVED.test(shown) ? `metric.${shown}` : shown;
    while (used.has(column) || used.has(`${column}${REASON}`)) column = `metric.${column}`;
    used.add(column).add(`${column}${REASON}`);
    columns.set(name, column);
  }
  return (metric) => columns.get(metric)!;
}

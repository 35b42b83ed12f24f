import { visibleText } from './csv-text.ts';
import type { Row } from '../state/rows.ts';

/** The end of the name of a column that says why another one has no value. */
export const REASON = '_reason';

/** The same of columns beside a metric that is the mean of a posterior; beside a median under the prior the two of them for its ends. */
const POSTERIOR_ENDS = ['_sd', '_low', '_high', '_mcse'] as const;
export type PosteriorEnd = (typeof POSTERIOR_ENDS)[number];

const ENDS = ['', REASON];

const RESERVED = /^(varied|configuration|phase|version|machine|metric)\./;

/**
 * The column of each metric. A worker names its metrics as it likes, and no two columns may have one name.
 * @param taken - names of columns that are no metrics.
 */
export function metricNames(rows: readonly Row[], taken: ReadonlySet<string>): (metric: string) => string {
  const used = new Set(taken);
  const columns = new Map<string, string>();
  const hasDraws = new Set(
    rows.flatMap(({ metrics }) =>
      metrics.filter(({ posterior, prior }) => (posterior ?? prior) !== undefined).map(({ name }) => name),
    ),
  );
  for (const { name } of rows.flatMap(({ metrics }) => metrics)) {
    if (columns.has(name)) continue;
    const shown = visibleText(name);
    let column = RESERVED.test(shown) ? `metric.${shown}` : shown;
    const ends = hasDraws.has(name) ? [...ENDS, ...POSTERIOR_ENDS] : ENDS;
    while (ends.some((end) => used.has(`${column}${end}`))) column = `metric.${column}`;
    for (const end of ends) used.add(`${column}${end}`);
    columns.set(name, column);
  }
  return (metric) => columns.get(metric)!;
}

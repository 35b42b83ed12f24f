import { isAbsent } from '../../base/known.ts';
import type { Comparisons } from '../../comparisons/compare.ts';
import type { Row } from '../../state/rows.ts';
import { againstText } from '../../comparisons/format.ts';
import { isRepeated } from './experiments.ts';

/** How a measurement compares with the baseline by a metric, as text; empty where it isn't compared. */
export type Differences = (row: Row, metric: string, divisor: number) => string;

/** Nothing where a table of experiments has the comparisons. */
export function differencesOf(comparisons: Comparisons): Differences {
  if (isRepeated(comparisons)) return () => '';
  const found = new Map<Row, Map<string, (divisor: number) => string>>();
  for (const { metric, entries } of comparisons.metrics)
    for (const { alternative, against } of entries) {
      if (isAbsent(against)) continue;
      const of = found.get(alternative.rows[0]!) ?? new Map<string, (divisor: number) => string>();
      found.set(
        alternative.rows[0]!,
        of.set(metric.name, (divisor) => againstText(against, divisor)),
      );
    }
  return (row, metric, divisor) => found.get(row)?.get(metric)?.(divisor) ?? '';
}

import { isAbsent } from '../base/known.ts';
import { plain } from '../base/layout.ts';
import type { Entry, MetricComparison } from './compare.ts';
import { comparisonTexts as texts } from './texts.ts';

/** What an interval over repetitions is where the numbers are computed from draws; none where no such interval is shown. */
export function monteCarloNote(metrics: readonly MetricComparison[]): string[] {
  const labels = metrics
    .filter(({ metric, entries }) => metric.ofDraws && entries.some(hasInterval))
    .map(({ metric }) => plain(metric.label));
  return labels.length === 0 ? [] : [texts.monteCarlo(labels)];
}

const hasInterval = ({ summary, against }: Entry): boolean =>
  [summary, against].some((one) => !isAbsent(one) && !isAbsent(one.interval));

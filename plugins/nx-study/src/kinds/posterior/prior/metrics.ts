import { isAbsent } from '../../../base/known.ts';
import type { Absent } from '../../../base/known.ts';
import type { Finding } from '../../../record/schema.ts';
import { orReason } from '../../evidence.ts';
import { toMetric } from '../../kind.ts';
import type { Metric, MetricPrior } from '../../kind.ts';
import type { Derived } from '../schema.ts';
import { priorTexts as texts } from './texts.ts';
import type { PriorEstimate } from './schema.ts';

const DRAWS = 'prior_draws';
/** Before the name of each quantity: one of the prior never has the name of one of a posterior. */
const PREFIX = 'prior.';
const ENDS = [0.05, 0.95] as const;
const MASS = 0.9;

/** Whether the numbers of a measurement are of draws from the prior, so that it has no posterior. */
export const isOfPrior = (metrics: readonly Metric[]): boolean => metrics.some(({ name }) => name === DRAWS);

/** The quantities of interest under the prior, the main ones first, and how many draws there are; none for a posterior. */
export function priorMetrics(derived: Derived | Absent): Metric[] {
  if (isAbsent(derived) || derived.prior === undefined) return [];
  const { estimates, draws } = derived.prior;
  const all = Object.entries(estimates).map(([name, estimate]) => metricOf(name, estimate, derived.reasons));
  return [
    ...all.filter(({ main }) => main),
    toMetric(
      { name: DRAWS, label: 'prior draws', unit: '', main: true, better: null, description: texts.draws },
      draws,
    ),
    ...all.filter(({ main }) => !main),
  ];
}

/** So that nobody takes its numbers for those of a posterior. */
export const priorFindings = (derived: Derived | Absent): Finding[] =>
  isAbsent(derived) || derived.prior === undefined ? [] : [{ code: 'from-prior', message: texts.finding }];

function metricOf(name: string, estimate: PriorEstimate, reasons: Derived['reasons']): Metric {
  const { label, unit, main, description, value } = estimate;
  const metric = toMetric(
    {
      name: `${PREFIX}${name}`,
      label: texts.label(label),
      unit,
      main,
      better: null,
      description: texts.description(description),
      compared: 'of one basis',
    },
    orReason(value, reasons, `prior.estimates.${name}.value`),
  );
  const prior = metric.value === null ? null : rangeOf(estimate);
  return prior ? { ...metric, prior } : metric;
}

/** The middle of the draws; null where they are not known. */
export function rangeOf({
  probabilities,
  quantiles,
}: Pick<PriorEstimate, 'probabilities' | 'quantiles'>): MetricPrior | null {
  const [low, high] = ENDS.map((end) => quantiles?.[probabilities.indexOf(end)]);
  return low === undefined || high === undefined ? null : { low, high, mass: MASS };
}

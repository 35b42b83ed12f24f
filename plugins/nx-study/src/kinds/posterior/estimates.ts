import { isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { orReason } from '../evidence.ts';
import { toMetric } from '../kind.ts';
import type { Metric, MetricPosterior } from '../kind.ts';
import type { Derived, Estimate } from './schema.ts';

const MASS = 0.9;

/**
 * The quantities of interest as metrics, in the worker's order; the value is the posterior mean.
 * @param taken - names of other metrics; an estimate of the same name is called `estimate.<name>`.
 */
export function estimateMetrics(derived: Derived | Absent, taken: ReadonlySet<string>): Metric[] {
  if (isAbsent(derived)) return [];
  return Object.entries(derived.estimates ?? {}).map(([name, estimate]) => {
    const { label, unit, main, description } = estimate;
    const metric = toMetric(
      {
        name: taken.has(name) ? `estimate.${name}` : name,
        label,
        unit,
        main,
        better: null,
        description,
        compared: 'of one basis',
      },
      orReason(estimate.mean, derived.reasons, `estimates.${name}.mean`),
    );
    const posterior = metric.value === null ? null : posteriorOf(estimate);
    if (posterior) return { ...metric, posterior };
    return metric.value === null || estimate.mcse_mean === null ? metric : { ...metric, mcse: estimate.mcse_mean };
  });
}

function posteriorOf({ sd, eti90, mcse_mean }: Estimate): MetricPosterior | null {
  if (sd === null || eti90 === null) return null;
  const [low, high] = eti90;
  return { sd, low, high, mass: MASS, mcse: mcse_mean };
}

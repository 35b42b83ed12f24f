import type { Row } from '../state/rows.ts';
import { settingsOf } from '../tables/measurements.ts';
import type { Gate, Measurement, Metric } from './types.ts';

/** A row of the report as users see it. */
export function measurementOf(row: Row): Measurement {
  const { id, experiment, label, worker, part, repetition, seed, baseline, state, reason } = row;
  const { stored, metrics, verdict, gates, findings } = row;
  const { configuration, varied } = settingsOf(row);
  const known = metrics.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  return {
    id,
    experiment,
    label,
    worker,
    workload: part.name,
    repetition,
    seed,
    baseline,
    configuration,
    varied,
    state,
    reason,
    metrics: metrics.map(metricOf),
    // Whoever plots them must not have to know of states.
    values: state === 'measured' ? Object.fromEntries(known) : {},
    verdict,
    gates: gates.map(gateOf),
    findings,
    record: stored?.record ?? null,
    directory: stored?.directory ?? null,
  };
}

const metricOf = (metric: Row['metrics'][number]): Metric => {
  const { name, label, value, unit, reason, main, better, description, posterior = null, prior = null } = metric;
  return { name, label, value, unit, reason, main, better, description, posterior, prior };
};

const gateOf = ({ name, metric, passes, threshold, relaxed, verdict }: Row['gates'][number]): Gate => ({
  name,
  metric,
  passes,
  threshold,
  relaxed,
  verdict,
});

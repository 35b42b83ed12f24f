import type { Gate, Metric } from '../kind.ts';

const LATENCIES = ['ttft', 'tpot', 'e2e', 'ttft_due', 'e2e_due'];
const PERCENTILES = [90, 95, 99];

const ofStudy = {
  threshold: null,
  judges: 'target',
  source: 'the study: what is fast enough is for its author to say',
} as const;

/**
 * Limits that a study may set. None has a default. Percentiles, and shares of requests, are judged by one-sided 95 % bounds:
 * few requests leave a gate undecided. Among the times that bound a percentile, a request that failed is slower than any other.
 */
export const gates: readonly Gate[] = [
  ...LATENCIES.flatMap((name) => [`${name}_s`, ...PERCENTILES.map((p) => `${name}_p${p}_s`)]).map((name) => ({
    ...ofStudy,
    name,
    metric: name,
    metricOf: (metrics: readonly Metric[]) => judgedMetric(name, hasSchedule(metrics)),
    passes: 'below' as const,
  })),
  { ...ofStudy, name: 'error_percent', metric: 'error_percent', passes: 'below' },
  { ...ofStudy, name: 'slo_attainment', metric: 'slo_attainment', passes: 'above' },
];

/**
 * The metric that a gate judges. Where arrivals have a schedule, latencies count from when a request was due, as for `report.slo`:
 * from sending, they would leave out what a request waited before it was sent. Users who wait for answers send a request when it is due.
 */
export const judgedMetric = (gate: string, isScheduled: boolean): string =>
  isScheduled ? gate.replace(/^(ttft|e2e)_(?!due_)/, '$1_due_') : gate.replace('_due_', '_');

/** Whether these are of an open loop: there the main latencies are those from the schedule. */
const hasSchedule = (metrics: readonly Metric[]): boolean =>
  metrics.some(({ name, main }) => name === 'e2e_due_s' && main);

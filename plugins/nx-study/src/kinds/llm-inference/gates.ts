import type { Gate } from '../kind.ts';

const LATENCIES = ['ttft', 'tpot', 'e2e', 'ttft_due', 'e2e_due'];
const PERCENTILES = [90, 95, 99];

const ofStudy = {
  threshold: null,
  judges: 'target',
  source: 'the study: what is fast enough is for its author to say',
} as const;

/**
 * Limits that a study may set. None has a default. Percentiles, and shares of requests, are judged by one-sided 95 % bounds:
 * few requests leave a gate undecided.
 */
export const gates: readonly Gate[] = [
  ...LATENCIES.flatMap((name) => [`${name}_s`, ...PERCENTILES.map((p) => `${name}_p${p}_s`)]).map((name) => ({
    ...ofStudy,
    name,
    metric: name,
    passes: 'below' as const,
  })),
  { ...ofStudy, name: 'error_percent', metric: 'error_percent', passes: 'below' },
  { ...ofStudy, name: 'slo_attainment', metric: 'slo_attainment', passes: 'above' },
];

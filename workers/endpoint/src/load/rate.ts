import type { Workload } from '../client.ts';

/** Mean arrivals a second; null in a closed loop, and for a trace whose requests are all due at once. */
export function rateOf({ load, trace }: Pick<Workload, 'load' | 'trace'>): number | null {
  if (load.mode === 'closed') return null;
  if (load.mode === 'open') return load.rate_per_s;
  const span_s = (trace.at(-1)!.at_s - trace[0]!.at_s) / (load.speed ?? 1);
  return span_s > 0 ? (trace.length - 1) / span_s : null;
}

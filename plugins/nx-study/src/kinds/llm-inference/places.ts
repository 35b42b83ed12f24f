import type { Payload } from './schema.ts';

type Measured = Pick<Payload, 'workloads' | 'skipped'>;

/** Where each measured workload stands in the configuration, among those that were left out. */
export function placesOf({ workloads: measured, skipped }: Measured): number[] {
  const left = new Set(skipped.map(({ index }) => index));
  return [...Array(measured.length + left.size).keys()].filter((index) => !left.has(index));
}

/** How many workloads were left out for the overload by this one. */
export function skippedAfter({ skipped, workloads }: Measured, index: number): number {
  const place = placesOf({ skipped, workloads })[index]!;
  return skipped.filter(({ after }) => after === place).length;
}

/**
 * Takes a sample, and returns when to take the next one: every so many seconds, or later after one that took long, so that
 * samples take no more than `share` of a core. On machines with thousands of processes or hundreds of CPUs they take long.
 */
export function nextTime(sample: () => void, now_s: number, { every_s, share }: Pace): number {
  const before = process.cpuUsage();
  sample();
  const { user, system } = process.cpuUsage(before);
  const cost_s = (user + system) / 1e6;
  return now_s + Math.max(every_s, cost_s / share);
}

/** Supervision as a whole may take half a percent of a core. */
export interface Pace {
  every_s: number;
  share: number;
}

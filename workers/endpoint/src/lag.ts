/** How late this process was at its own appointments: what the client adds to the times it notes. */
export interface Lag {
  /** Mean, 99th percentile and maximum over the appointments; null without any. */
  mean_s: number | null;
  p99_s: number | null;
  max_s: number | null;
  appointments: number;
  /** CPU time of this process per second. */
  cpu_share: number;
}

const PERIOD_MS = 20;

/** Watches until the returned function is called. */
export function watchLag(): () => Lag {
  const late: number[] = [];
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let due = begin + PERIOD_MS;
  let timer = setTimeout(tick, PERIOD_MS);
  function tick(): void {
    const now = performance.now();
    late.push(Math.max(0, now - due) / 1000);
    due = now + PERIOD_MS;
    timer = setTimeout(tick, PERIOD_MS);
  }
  return () => {
    clearTimeout(timer);
    const { user, system } = process.cpuUsage(cpu);
    const elapsed_s = (performance.now() - begin) / 1000;
    const sorted = late.toSorted((a, b) => a - b);
    return {
      mean_s: sorted.length === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      p99_s: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null,
      max_s: sorted.at(-1) ?? null,
      appointments: sorted.length,
      cpu_share: (user + system) / 1e6 / elapsed_s,
    };
  };
}

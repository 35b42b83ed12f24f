/** How late a thread was at its own appointments: what the client adds to the times it notes. */
export interface Lag {
  /** Mean, 99th percentile and maximum over the appointments; null without any. */
  mean_s: number | null;
  p99_s: number | null;
  max_s: number | null;
  appointments: number;
  /** Share of the time in which the thread waited for nothing: it worked, or others had its core. */
  busy_share: number;
}

/** That of the client: of its worst thread. */
export interface ClientLag extends Lag {
  /** CPU time of the whole process per second. */
  cpu_share: number;
  /** How many threads sent and read; where these were several, the main one kept the schedule beside them. */
  threads: number;
  /** Of each thread, where there were several: the main one first. */
  each: Lag[];
}

const PERIOD_MS = 20;

/** Watches this thread until the returned function is called. */
export function watchLag(): () => Lag {
  const late: number[] = [];
  const before = performance.eventLoopUtilization();
  let due = performance.now() + PERIOD_MS;
  let timer = setTimeout(tick, PERIOD_MS);
  function tick(): void {
    const now = performance.now();
    late.push(Math.max(0, now - due) / 1000);
    due = now + PERIOD_MS;
    timer = setTimeout(tick, PERIOD_MS);
  }
  return () => {
    clearTimeout(timer);
    const sorted = late.toSorted((a, b) => a - b);
    return {
      mean_s: sorted.length === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      p99_s: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null,
      max_s: sorted.at(-1) ?? null,
      appointments: sorted.length,
      busy_share: performance.eventLoopUtilization(before).utilization,
    };
  };
}

/** Watches the CPU time of this process until the returned function is called: its seconds per second. */
export function watchCpu(): () => number {
  const begin_ms = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / (performance.now() - begin_ms);
  };
}

/** The worst of each number: means and percentiles of all threads together would hide a late one among many. */
export function worstOf(main: Lag, others: readonly Lag[], cpu_share: number): ClientLag {
  const all = [main, ...others];
  const worst = (pick: (lag: Lag) => number | null): number | null =>
    all.map(pick).reduce((most, value) => (most === null || (value !== null && value > most) ? value : most));
  return {
    mean_s: worst(({ mean_s }) => mean_s),
    p99_s: worst(({ p99_s }) => p99_s),
    max_s: worst(({ max_s }) => max_s),
    appointments: Math.min(...all.map(({ appointments }) => appointments)),
    busy_share: worst(({ busy_share }) => busy_share)!,
    cpu_share,
    threads: Math.max(1, others.length),
    each: others.length === 0 ? [] : all,
  };
}

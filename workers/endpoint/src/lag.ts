import { coreTimeOf, ownPart } from './core-time.ts';

/** How late a thread was at its own appointments: what the client adds to the times it notes. */
export interface Lag {
  /** Mean, 99th percentile and maximum over the appointments; null without any. */
  mean_s: number | null;
  p99_s: number | null;
  max_s: number | null;
  appointments: number;
  /** The 99th percentile of what the thread's own work has of these delays; others had its core for the rest. */
  own_p99_s: number | null;
  /** Share of the time in which the thread waited for nothing: it worked, or others had its core. */
  busy_share: number;
  /** CPU time of the thread per second: what of this share it worked, and no more than it. */
  own_share: number;
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

// Each thread has this module for itself.
const coreTime = coreTimeOf();

/** Watches this thread until the returned function is called. */
export function watchLag(): () => Lag {
  const late: number[] = [];
  const own: number[] = [];
  const begin_ms = performance.now();
  const before = performance.eventLoopUtilization();
  const first = coreTime();
  let last = first;
  let due = begin_ms + PERIOD_MS;
  let timer = setTimeout(tick, PERIOD_MS);
  function tick(): void {
    const now = performance.now();
    const late_s = Math.max(0, now - due) / 1000;
    const so_far = coreTime();
    late.push(late_s);
    own.push(
      ownPart(late_s, {
        worked_s: so_far.worked_s - last.worked_s,
        waited_s: so_far.waited_s - last.waited_s,
      }),
    );
    last = so_far;
    due = now + PERIOD_MS;
    timer = setTimeout(tick, PERIOD_MS);
  }
  return () => {
    clearTimeout(timer);
    const sorted = late.toSorted((a, b) => a - b);
    const busy_share = performance.eventLoopUtilization(before).utilization;
    const worked_share = (1000 * (coreTime().worked_s - first.worked_s)) / (performance.now() - begin_ms);
    return {
      mean_s: sorted.length === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      p99_s: p99(sorted),
      max_s: sorted.at(-1) ?? null,
      appointments: sorted.length,
      own_p99_s: p99(own.toSorted((a, b) => a - b)),
      busy_share,
      // Where the system tells the CPU time of the whole process alone, other threads' is in it.
      own_share: Math.min(busy_share, worked_share),
    };
  };
}

const p99 = (sorted: readonly number[]): number | null => sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null;

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
    own_p99_s: worst(({ own_p99_s }) => own_p99_s),
    busy_share: worst(({ busy_share }) => busy_share)!,
    own_share: worst(({ own_share }) => own_share)!,
    cpu_share,
    threads: Math.max(1, others.length),
    each: others.length === 0 ? [] : all,
  };
}

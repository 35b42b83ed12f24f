import type { Gap } from '../plan/types.ts';
import { sum } from '../base/sum.ts';

export interface Gaps {
  /** At least this long between measurements, s. */
  gaps_s: number;
  /** At most this long, where they end by temperature; null where they don't, or have no bound. */
  gaps_most_s: number | null;
}

/** Between measurements; what lies before the first one is not known. */
export function gapsOf(tasks: { cycle: number }[], gap: Gap): Gaps {
  const least = tasks.slice(1).map(({ cycle }, index) => (cycle === tasks[index]!.cycle ? gap.min_s : gap.cycle_s));
  return {
    gaps_s: sum(least),
    gaps_most_s: gap.until === null || gap.max_s === null ? null : least.length * gap.max_s,
  };
}

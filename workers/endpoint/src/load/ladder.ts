import type { Workload } from '../client.ts';

/** A workload that was not measured. */
export interface Skipped {
  /** Its place in the configuration. */
  index: number;
  prompt_tokens: number;
  new_tokens: number;
  rate_per_s: number;
  reason: string;
}

/** Skips workloads whose server would be overloaded for certain, as it is by a load that is no higher. */
export function skipsAfter() {
  const overloaded: Open[] = [];
  const all: Skipped[] = [];
  return {
    all,
    overloaded(workload: Workload): void {
      if (isOpen(workload)) overloaded.push(workload);
    },
    /** Whether it is skipped, which is noted. */
    skips(workload: Workload): boolean {
      const lower = isOpen(workload) ? overloaded.find((one) => isNoLower(workload, one)) : undefined;
      if (lower === undefined || !isOpen(workload)) return false;
      const { index, prompt_tokens, new_tokens, load } = workload;
      const reason = `the server was overloaded by ${lower.load.rate_per_s} requests/s`;
      all.push({ index, prompt_tokens, new_tokens, rate_per_s: load.rate_per_s, reason });
      return true;
    },
  };
}

type Open = Workload & { load: Extract<Workload['load'], { mode: 'open' }> };

const isOpen = (workload: Workload): workload is Open => workload.load.mode === 'open';

const isNoLower = (one: Open, other: Open): boolean =>
  one.load.rate_per_s >= other.load.rate_per_s &&
  one.prompt_tokens >= other.prompt_tokens &&
  one.new_tokens >= other.new_tokens &&
  (one.load.max_in_flight ?? Infinity) === (other.load.max_in_flight ?? Infinity);

import type { Workload } from '../client.ts';
import { describedLoad } from '../described.ts';
import type { Draw, LengthSource } from '../lengths.ts';

/** A workload that was not measured, with what defines its load. */
export interface Skipped extends ReturnType<typeof describedLoad> {
  /** Its place in the configuration. */
  index: number;
  /** That of the load which overloaded the server. */
  after: number;
  reason: string;
}

/** Skips workloads whose server would be overloaded for certain, as it is by a load that is no higher. `inputs`: of embeddings. */
export function skipsAfter(inputs: number | null) {
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
      if (lower === undefined) return false;
      const reason = `the server was overloaded by ${lower.load.rate_per_s} requests/s`;
      all.push({ index: workload.index, after: lower.index, ...describedLoad(workload, inputs), reason });
      return true;
    },
  };
}

type Open = Workload & { load: Extract<Workload['load'], { mode: 'open' }> };

const isOpen = (workload: Workload): workload is Open => workload.load.mode === 'open';

/** Each length of one against the same draw of the other, which has the same seed. */
const areNoShorter = (one: LengthSource, other: LengthSource): boolean =>
  Array.from({ length: COMPARED }, (_, index): Draw => ({ part: 'measured', index })).every(
    (draw) => one.of(draw) >= other.of(draw),
  );

const COMPARED = 200;

const POISSON_CV = 1;

/** Also no steadier: bursts may overload a server that carries the same rate in even steps. */
const isNoLower = (one: Open, other: Open): boolean =>
  one.load.rate_per_s >= other.load.rate_per_s &&
  (one.load.arrival_cv ?? POISSON_CV) >= (other.load.arrival_cv ?? POISSON_CV) &&
  areNoShorter(one.lengths.prompt_tokens, other.lengths.prompt_tokens) &&
  areNoShorter(one.lengths.new_tokens, other.lengths.new_tokens) &&
  (one.load.max_in_flight ?? Infinity) === (other.load.max_in_flight ?? Infinity);

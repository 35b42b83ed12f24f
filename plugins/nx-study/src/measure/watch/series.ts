import type { Telemetry } from '../../record/telemetry.ts';
import type { Readings } from './host-sensors.ts';

/** Statistics of quantities that are read again and again. */
export interface Series {
  /** Returns the readings as a line has them: null where there is none. */
  add(elapsed_s: number, readings: Readings): Record<string, number | null>;
  summary(): Omit<Telemetry, 'file'>;
}

export function seriesOf(): Series {
  const sums = new Map<string, { n: number; sum: number; min: number; max: number }>();
  const reasons = new Map<string, string>();
  const at: { first_s: number; last_s: number } = { first_s: 0, last_s: 0 };
  let samples = 0;
  return {
    add(elapsed_s, readings) {
      if (samples === 0) at.first_s = elapsed_s;
      at.last_s = elapsed_s;
      samples += 1;
      const line: Record<string, number | null> = {};
      for (const [name, { value, reason }] of Object.entries(readings)) {
        line[name] = value === null ? null : rounded(value);
        if (value === null) reasons.set(name, reason);
        else sums.set(name, added(sums.get(name), value));
      }
      return line;
    },
    summary: () => ({
      samples,
      period_s: samples < 2 ? null : (at.last_s - at.first_s) / (samples - 1),
      quantities: Object.fromEntries(
        [...sums].map(([name, { n, sum, min, max }]) => [name, { n, mean: sum / n, min, max }]),
      ),
      missing: Object.fromEntries([...reasons].filter(([name]) => !isSampled(name, sums))),
    }),
  };
}

function added(before: { n: number; sum: number; min: number; max: number } | undefined, value: number) {
  if (before === undefined) return { n: 1, sum: value, min: value, max: value };
  const { n, sum, min, max } = before;
  return { n: n + 1, sum: sum + value, min: Math.min(min, value), max: Math.max(max, value) };
}

/** `gpu` stands for all quantities of all GPUs, which have no name before the first reading. */
const isSampled = (name: string, sums: ReadonlyMap<string, unknown>): boolean =>
  sums.has(name) || (name === 'gpu' && [...sums.keys()].some((one) => /^gpu\d/.test(one)));

const rounded = (value: number): number => Number(value.toPrecision(10));

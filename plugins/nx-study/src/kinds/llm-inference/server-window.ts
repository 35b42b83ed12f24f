import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { loadedSpan } from './rates.ts';
import type { ServedWorkload } from './schema.ts';
import type { Reading, ServerMetrics, Told } from './telemetry.ts';

/** What a server told within the window in which the asked load was kept. */
export interface InWindow {
  metrics: ServerMetrics;
  /** In order; at least two. */
  readings: Reading[];
}

/** @param noWindow - why there is no window; `noMetrics`: why the server told nothing. */
export function readingsInWindow(
  workload: ServedWorkload,
  { noWindow, noMetrics }: { noWindow: string; noMetrics: string },
): InWindow | Absent {
  const { server_metrics: metrics } = workload;
  if (metrics === undefined) return absent('its worker did not watch the server');
  if (metrics === null) return absent(noMetrics);
  const span = loadedSpan(workload, noWindow);
  if (isAbsent(span)) return span;
  const readings = metrics.readings.filter(({ at_s, took_s }) => at_s >= span.from_s && at_s + took_s <= span.to_s);
  if (readings.length < 2)
    return absent(
      `the server answered ${readings.length} times within the window of ${(span.to_s - span.from_s).toPrecision(3)} s: two answers are needed. Measure longer, or ask more often (telemetry.period_s)`,
    );
  return { metrics, readings };
}

/** A growth that the digits of a server's numbers leave open by more than this share is not known: chosen. */
const COARSE = 0.01;

/** The growth of a counter, as `growthOf`; absent, too, where the server writes too few digits to tell it. */
export function exactGrowthOf(inside: InWindow, name: Told): number | Absent {
  const growth = growthOf(inside, name);
  if (isAbsent(growth)) return growth;
  const { metrics, readings } = inside;
  const step = stepOf(metrics, readings.at(-1)!.values[name]!);
  if (step <= 1 || step <= COARSE * growth) return growth;
  return absent(
    `${metrics.engine} writes ${metrics.digits} digits, so this counter rises by steps of ${step}, but it rose by ${growth} only: start the server anew, or measure longer`,
  );
}

/** The smallest difference that shows between numbers of that size; 0 where all digits are written. */
export const stepOf = ({ digits }: ServerMetrics, value: number): number =>
  digits === null ? 0 : 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) + 1 - digits);

/** How much a counter grew between the first and the last reading; absent where it fell, or isn't told. */
export function growthOf({ metrics, readings }: InWindow, name: Told): number | Absent {
  const [first, last] = [readings[0]!.values[name], readings.at(-1)!.values[name]];
  if (first === undefined || last === undefined) return notTold(metrics);
  const fallen = readings.slice(1).flatMap((reading) => reading.fallen);
  // An unusual server may answer by turns for several.
  const names = new Set(metrics.names[name]?.split(' + '));
  const own = fallen.find((one) => names.has(one));
  return own === undefined
    ? last - first
    : absent(`${own} fell meanwhile: the server began anew, or another one answered`);
}

/** The values of a gauge, one for each reading that has it; absent without any. */
export function gaugesOf({ metrics, readings }: InWindow, name: Told): number[] | Absent {
  const values = readings.flatMap((reading) => reading.values[name] ?? []);
  return values.length > 0 ? values : notTold(metrics);
}

const notTold = ({ engine, source }: ServerMetrics): Absent => absent(`${engine} does not tell it at ${source}`);

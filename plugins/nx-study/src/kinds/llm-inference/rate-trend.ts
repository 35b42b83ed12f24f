import { isAbsent } from '../../base/known.ts';
import { median } from '../../base/quantile.ts';
import { loadedSpan, workWithin } from './rates.ts';
import type { ServedWorkload } from './schema.ts';
import { requestDurations, requestsOf } from './served.ts';
import { trendOf } from './trend.ts';
import type { Trend } from './trend.ts';
import { sum } from '../../base/sum.ts';

const STRETCHES = 10;
/** A part must be so many usual requests long: the rate of a shorter one depends on where it begins and ends. Chosen. */
const FEWEST_DURATIONS = 2;

/**
 * How the rate at which a closed loop is served changes over the window in which the asked load was kept, by ten equal parts of it
 * (`trendOf`). Where lengths differ, durations scatter too much to show what the rate shows. In an open loop the rate is that of the
 * arrivals, so long as the server keeps up.
 * @returns null where parts are too short, or work is uncounted.
 */
export function rateTrend(workload: ServedWorkload): Trend | null {
  if (workload.mode !== 'closed-loop') return null;
  const span = loadedSpan(workload, '');
  const durations = requestDurations(workload);
  if (isAbsent(span) || durations.length === 0) return null;
  const part_s = (span.to_s - span.from_s) / STRETCHES;
  if (part_s < FEWEST_DURATIONS * median(durations)) return null;
  const requests = requestsOf({ ...workload, requests: [...workload.settling, ...workload.requests] }).successful;
  const rates = Array.from({ length: STRETCHES }, (_, index) => {
    const from_s = span.from_s + index * part_s;
    const work = requests.map((request) => workWithin(request, { from_s, to_s: from_s + part_s }));
    return work.includes(null) ? null : sum(work.map((one) => one!)) / part_s;
  });
  return rates.includes(null) ? null : trendOf(rates.map((one) => one!));
}

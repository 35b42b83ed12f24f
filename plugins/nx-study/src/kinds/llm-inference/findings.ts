import { inferenceFindings as texts } from './texts.ts';
import { median } from '../../base/quantile.ts';
import { reasonOf } from '../evidence.ts';
import type { Finding } from '../../record/schema.ts';
import { isBelowIdle } from './energy.ts';
import { foreignLoad } from './foreign-load.ts';
import type { Payload, MeasuredWorkload, ServedWorkload } from './schema.ts';
import { skippedAfter } from './places.ts';
import { rateTrend } from './rate-trend.ts';
import { requestFindings } from './request-findings.ts';
import { requestDurations } from './served.ts';
import { deviations } from './settings.ts';
import { overloadFindings } from './overload.ts';
import { outliersOf } from './statistics.ts';
import type { Trend } from './trend.ts';

/** Findings about a workload. @param durations - of its calls, in order, s. */
export function findingsOf(payload: Payload, index: number, trend: Trend, durations: readonly number[]): Finding[] {
  const { load, model, settings, warnings, workloads } = payload;
  const workload = workloads[index]!;
  const { warmup } = workload;
  return [
    ...warnings.map(({ code, message }) => ({ code, message })),
    ...when(model.weights === 'random', texts.syntheticWeights),
    ...when(workloads.length > 1, texts.sharedProcess),
    ...deviations(settings).map(({ name, asked, effective }) => texts.settingDiffers(name, asked, effective)),
    ...when(settings.asked.start === 'cold' && load.cold !== true, texts.coldUnverified),
    ...when(warmup.converged === false, texts.notConverged(warmup.cv, warmup.target_cv)),
    ...when(workload.stopped_by === 'max_s', texts.capped),
    ...(workload.mode === 'offline' ? driftFindings(trend, durations) : unsteadyFindings(workload, trend, durations)),
    ...when(isBelowIdle(workload.energy), texts.energyBelowIdle),
    ...(workload.mode === 'offline' ? [] : requestFindings(workload)),
    ...(workload.mode === 'offline' ? [] : foreignLoad(workload, 'without a reason')),
    ...(workload.mode === 'offline' ? [] : restartFindings(workload)),
    ...(workload.mode === 'open-loop' ? overloadFindings(workload, skippedAfter(payload, index)) : []),
    ...windowFindings(workload, reasonOf(payload.reasons, `workloads.${index}.window`)),
  ];
}

const when = (holds: boolean, finding: Finding): Finding[] => (holds ? [finding] : []);

function driftFindings({ shape, drift }: Trend, durations: readonly number[], text = texts.drift): Finding[] {
  if (shape === 'drift-up' || shape === 'drift-down') return [text(100 * drift!, durations.length)];
  // With fewer than 3 calls an outlier may be chance. Where there is a trend, that is the finding.
  if (durations.length < 3 || !outliersOf(durations).includes(0)) return [];
  const center = median(durations);
  return when(durations[0]! > center, texts.slowFirst(durations[0]!, center));
}

/** Counters count since a server's start. Without any of its own it may begin anew unseen. */
function restartFindings({ server_metrics }: ServedWorkload): Finding[] {
  const fallen = (server_metrics?.readings ?? []).map((reading) => reading.fallen).filter(({ length }) => length > 0);
  return fallen.length === 0 ? [] : [texts.countersFell(fallen.length, fallen[0]![0]!)];
}

/** A drift of durations says what the rate does, too. */
function unsteadyFindings(workload: ServedWorkload, trend: Trend, durations: readonly number[]): Finding[] {
  const ofDurations = driftFindings(trend, durations, texts.servedDrift);
  if (ofDurations.some(({ code }) => code === 'drift')) return ofDurations;
  const rate = rateTrend(workload);
  const isDrift = rate !== null && rate.shape.startsWith('drift') && rate.p! < RATE_SIGNIFICANCE;
  return [...ofDurations, ...when(isDrift, texts.unsteadyRate(100 * (rate?.drift ?? 0)))];
}

/** A rate is tested beside the durations, so more strictly. */
const RATE_SIGNIFICANCE = 0.01;

/** A window must be this many durations of a request long; a shorter one depends on where it begins and ends. Chosen. */
const FEWEST_DURATIONS = 3;

/** So many requests must be due within the window of an open loop; a rate of fewer is chance. Chosen. */
const FEWEST_ARRIVALS = 3;

function windowFindings(workload: MeasuredWorkload, noWindow: string | null): Finding[] {
  if (workload.mode === 'offline' || workload.window === undefined) return [];
  const durations = requestDurations(workload);
  if (durations.length === 0) return [];
  if (workload.window === null) return [texts.noWindow(noWindow ?? 'without a reason')];
  const { from_s, to_s } = workload.window;
  const window_s = to_s - from_s;
  const duration_s = median(durations);
  if (window_s < FEWEST_DURATIONS * duration_s) return [texts.windowShort(window_s, duration_s, FEWEST_DURATIONS)];
  if (workload.mode === 'closed-loop') return [];
  const due = workload.requests.filter(({ scheduled_s }) => scheduled_s !== null && scheduled_s > from_s).length;
  return when(due < FEWEST_ARRIVALS, texts.windowFew(due, window_s, FEWEST_ARRIVALS));
}

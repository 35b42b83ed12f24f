import { inferenceFindings as texts } from '../../errors/inference.ts';
import { median } from '../../quantile.ts';
import type { Finding } from '../../record/schema.ts';
import { isBelowIdle } from './energy.ts';
import type { Payload, Workload } from './schema.ts';
import { requestsOf } from './served.ts';
import { deviations } from './settings.ts';
import { outliersOf } from './statistics.ts';
import type { Trend } from './trend.ts';

/** What a reader must know before using the numbers of a workload. `durations`: of its calls, in order. */
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
    ...driftFindings(trend, durations),
    ...when(isBelowIdle(workload.energy), texts.energyBelowIdle),
    ...incompleteFindings(workload),
  ];
}

const when = (holds: boolean, finding: Finding): Finding[] => (holds ? [finding] : []);

function driftFindings({ verdict, drift }: Trend, durations: readonly number[]): Finding[] {
  if (verdict === 'drift-up' || verdict === 'drift-down') return [texts.drift(100 * drift!, durations.length)];
  // With few calls an outlier may be chance; a trend says it better.
  if (durations.length < 3 || !outliersOf(durations).includes(0)) return [];
  const center = median(durations);
  return when(durations[0]! > center, texts.slowFirst(durations[0]!, center));
}

// Failed requests are a warning of the worker, which knows why they failed.
function incompleteFindings(workload: Workload): Finding[] {
  if (workload.mode === 'offline') return [];
  const { incomplete } = requestsOf(workload);
  return when(incomplete.length > 0, texts.incompleteRequests(incomplete.length, workload.requests.length));
}

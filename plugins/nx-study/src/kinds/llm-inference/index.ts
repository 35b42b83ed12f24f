import { payloadOf } from '../evidence.ts';
import { isAbsent } from '../../base/known.ts';
import { NOT_JUDGED } from '../kind.ts';
import type { Evidence, Judging, Kind, Workload } from '../kind.ts';
import { factsOf, workloadNames } from './facts.ts';
import { findingsOf } from './findings.ts';
import { gates } from './gates.ts';
import { metricsOf } from './metrics.ts';
import { estimateMemory } from './memory-estimate.ts';
import { knownBefore } from './known-before.ts';
import { callDurations } from './offline.ts';
import { describeModel } from './model-note.ts';
import { maxDuration_s } from './max-duration.ts';
import { requestDurations } from './served.ts';
import { samplesOf } from './samples.ts';
import { serverChanges } from './servers.ts';
import { OBJECTIVES } from './times.ts';
import { trendOf } from './trend.ts';
import { payloadSchema } from './payload.ts';
import { placesOf } from './places.ts';
import { asksForAsMuch } from './work-asked.ts';

/** Speed, memory and energy of a language model on an engine; each workload of the process has a row. */
export const llmInference: Kind = {
  name: 'llm-inference',
  payload: payloadSchema,
  derived: null,
  workloads,
  samples: samplesOf,
  across: serverChanges,
  gates,
  objectives: OBJECTIVES,
  estimateMemory,
  describeModel,
  knownBefore,
  maxDuration_s,
  asksForAsMuch,
};

function workloads(evidence: Evidence, judging: Judging = NOT_JUDGED): Workload[] {
  const payload = payloadOf(evidence, payloadSchema);
  // That its result can't be read is a finding of every kind.
  if (isAbsent(payload)) return [{ name: null, metrics: [], facts: [], findings: [] }];
  const names = workloadNames(payload.workloads);
  const places = placesOf(payload);
  return payload.workloads.map((workload, index) => {
    const durations = workload.mode === 'offline' ? callDurations(workload) : requestDurations(workload);
    const trend = trendOf(durations);
    return {
      name: names[index]!,
      place: places[index]!,
      metrics: metricsOf(payload, index, { trend, judging, circumstances: evidence.record }),
      facts: factsOf(payload, index, trend),
      findings: findingsOf(payload, index, trend, durations),
    };
  });
}

import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { payloadOf } from '../evidence.ts';
import type { Evidence } from '../kind.ts';
import { workloadNames } from './facts.ts';
import { offlineSeries } from './offline.ts';
import { payloadSchema } from './payload.ts';
import { servedSeries } from './served.ts';

/**
 * The gaps between consecutive tokens of a workload, in s: those of which `itl_s` is the median. They are far too many to be
 * samples; Absent, with the metric's reason, where the result doesn't tell when each token was there.
 */
export function tokenGapsOf(evidence: Evidence, workload: string | null): number[] | Absent {
  const payload = payloadOf(evidence, payloadSchema);
  if (isAbsent(payload)) return payload;
  const index = workloadNames(payload.workloads).indexOf(workload ?? '');
  const found = payload.workloads[index];
  if (found === undefined) return absent('the result has no such workload');
  const series =
    found.mode === 'offline' ? offlineSeries(found, payload.reasons, `workloads.${index}`) : servedSeries(found);
  return series.find(({ name }) => name === 'itl')?.values ?? absent('its worker gives no such number');
}

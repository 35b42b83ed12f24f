import type { ServedRequest, ServedWorkload } from './schema.ts';
import type { Range } from './series.ts';
import { requestsOf, streamsOf } from './served.ts';
import { boundsPerToken } from './tokens.ts';

/** Limits in s for each single request: `report.slo` of a study. */
export const OBJECTIVES = ['ttft_s', 'tpot_s', 'e2e_s'] as const;
export type Objective = (typeof OBJECTIVES)[number];

/**
 * What is known of a time of a request. None: there is no such time, as that per token of an answer with one. Unknown: nobody can
 * tell it. Failed: the request did not end as asked.
 */
export type Time = Range | 'none' | 'unknown' | 'failed';

/**
 * The times of a workload's requests, as they are judged: where arrivals have a schedule, they count from it, so that a late
 * client hides no waiting. An answer that came at once, though others were streamed, was held up.
 */
export function timesIn(workload: ServedWorkload): (name: Objective, request: ServedRequest) => Time {
  const { successful } = requestsOf({ ...workload, requests: [...workload.requests, ...workload.settling] });
  const { streams, isStreamed } = streamsOf(workload, successful);
  const [succeeded, streamed] = [new Set(successful), new Set(isStreamed ? streams : [])];
  return (name, request) => {
    if (!succeeded.has(request)) return 'failed';
    const { start_s, scheduled_s, chunk_times_s, end_s } = request;
    const wait_s = scheduled_s === null ? 0 : start_s - scheduled_s;
    if (name === 'e2e_s') return exactly(wait_s + end_s!);
    if (workload.embeddings !== undefined) return 'none';
    if (name === 'ttft_s') return isStreamed ? exactly(wait_s + chunk_times_s[0]!) : 'unknown';
    return perToken(request, streamed.has(request));
  };
}

const exactly = (time_s: number): Range => ({ least: time_s, most: time_s });

function perToken(request: ServedRequest, isStream: boolean): Time {
  const { new_tokens, first_chunk_tokens } = request;
  if (new_tokens !== null && new_tokens < 2) return 'none';
  if (!isStream) return 'unknown';
  return boundsPerToken(request) ?? (new_tokens !== null && new_tokens === first_chunk_tokens ? 'none' : 'unknown');
}

/**
 * Times that bound the quantiles of a series, for its gates: of all measured requests. One that failed or is incomplete is slower than
 * any other, an unknown time may be any, and a request without such a time has no place among them. In an open loop latencies from
 * sending are judged by none.
 * @returns undefined for a series that has no gates.
 */
export function rankedTimes(workload: ServedWorkload, series: string): (() => Range[]) | undefined {
  const objective = JUDGED[workload.mode][series];
  return objective === undefined ? undefined : () => timesOf(workload, objective);
}

const JUDGED: Record<ServedWorkload['mode'], Readonly<Partial<Record<string, Objective>>>> = {
  'closed-loop': { ttft: 'ttft_s', tpot: 'tpot_s', e2e: 'e2e_s' },
  'open-loop': { ttft_due: 'ttft_s', tpot: 'tpot_s', e2e_due: 'e2e_s' },
};

function timesOf(workload: ServedWorkload, objective: Objective): Range[] {
  const timeOf = timesIn(workload);
  return workload.requests.flatMap((request): Range[] => {
    const time = timeOf(objective, request);
    if (time === 'none') return [];
    if (time === 'failed') return [exactly(Infinity)];
    return [time === 'unknown' ? { least: 0, most: Infinity } : time];
  });
}

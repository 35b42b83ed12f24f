import { absent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import type { Series } from './series.ts';

/** Values of the successful requests, or why there are none. */
type Pick = (values: (request: ServedRequest) => number[], none: string) => number[] | Absent;

const PERCENTILES = [90, 99];

/**
 * Latencies from the time at which the schedule wanted a request to start. Latencies from sending leave out the time
 * that a request waited because the client was late: the latencies that it should have seen, but didn't, are missing among them
 * (coordinated omission).
 */
export function dueSeries({ mode, embeddings }: ServedWorkload, all: Pick, streamed: Pick): Series[] {
  const since = (pick: Pick, end: (request: ServedRequest) => number | undefined): number[] | Absent => {
    if (mode === 'closed-loop') return absent('a closed loop has no schedule');
    return pick((request) => {
      const after_s = end(request);
      if (request.scheduled_s === null || after_s === undefined) return [];
      return [request.start_s + after_s - request.scheduled_s];
    }, 'no request has a scheduled time');
  };
  const main = mode === 'open-loop';
  return [
    {
      name: 'ttft_due',
      unit: 's',
      label: 'TTFT, due',
      main: main && embeddings === undefined,
      beside: PERCENTILES,
      description: 'time from when a request was due to its first chunk, the delay of its start included',
      values: since(streamed, ({ chunk_times_s }) => chunk_times_s[0]),
    },
    {
      name: 'e2e_due',
      unit: 's',
      label: 'e2e, due',
      main,
      beside: PERCENTILES,
      description: `time from when a request was due to ${embeddings === undefined ? 'its last token' : 'the end of its response'}, the delay of its start included`,
      values: since(all, ({ end_s }) => end_s!),
    },
  ];
}

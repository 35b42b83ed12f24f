import { isAbsent } from '../../base/known.ts';
import { payloadOf } from '../evidence.ts';
import type { Evidence, Quantity, Sample } from '../kind.ts';
import { workloadNames } from './facts.ts';
import { callDurations, perTokenAfterFirst as perTokenOfSequence } from './offline.ts';
import { payloadSchema } from './payload.ts';
import type { MeasuredWorkload, OfflineWorkload, ServedRequest, ServedWorkload } from './schema.ts';
import { serverSamples } from './server-samples.ts';
import { requestsOf, streamsOf } from './served.ts';
import { perTokenAfterFirst } from './tokens.ts';
import { sum } from '../../base/sum.ts';

/**
 * Calls, sequences, prefill passes, requests and warm-up calls, and what servers told of themselves. Their latencies are those that the metrics are quantiles of;
 * one that a metric leaves out, as of a stream that was held back, is missing here, too.
 */
export function samplesOf(evidence: Evidence): Sample[] {
  const payload = payloadOf(evidence, payloadSchema);
  if (isAbsent(payload)) return [];
  const names = workloadNames(payload.workloads);
  return payload.workloads.flatMap((workload, index) =>
    [...warmUp(workload), ...(workload.mode === 'offline' ? offlineSamples(workload) : servedSamples(workload))].map(
      (sample) => ({ ...sample, workload: names[index]! }),
    ),
  );
}

type Unplaced = Omit<Sample, 'workload'>;

const sampleOf = (sample: string, index: number, quantities: Quantity[], more: Partial<Unplaced> = {}): Unplaced => ({
  sample,
  index,
  item: null,
  attributes: {},
  status: null,
  quantities,
  ...more,
});

const seconds = (name: string, value: number | null | undefined): Quantity[] =>
  value === null || value === undefined ? [] : [{ name: `${name}_s`, unit: 's', value }];
const tokens = (name: string, value: number | null): Quantity[] =>
  value === null ? [] : [{ name: `${name}_tokens`, unit: 'tokens', value }];

const warmUp = ({ warmup }: MeasuredWorkload): Unplaced[] =>
  warmup.samples_s.map((elapsed_s, index) => sampleOf('warm-up', index, seconds('e2e', elapsed_s)));

function offlineSamples(workload: OfflineWorkload): Unplaced[] {
  const durations = callDurations(workload);
  const calls = workload.generate.map(({ start_s, prompt_tokens, new_tokens }, index) =>
    sampleOf('iteration', index, [
      ...seconds('start', start_s),
      ...seconds('e2e', durations[index]),
      ...tokens('prompt', sum(prompt_tokens)),
      ...tokens('new', sum(new_tokens)),
    ]),
  );
  const sequences = workload.generate.flatMap(({ token_times_s }, index) =>
    token_times_s.map((times, sequence) =>
      sampleOf(
        'sequence',
        index,
        [...seconds('ttft', times[0]), ...perTokenOfSequence(times).flatMap((value) => seconds('tpot', value))],
        { item: String(sequence) },
      ),
    ),
  );
  const passes = workload.prefill.map(({ start_s, elapsed_s, prompt_tokens }, index) =>
    sampleOf('prefill', index, [
      ...seconds('start', start_s),
      ...seconds('prefill', elapsed_s),
      ...tokens('prompt', sum(prompt_tokens)),
    ]),
  );
  return [...calls, ...sequences, ...passes];
}

function servedSamples(workload: ServedWorkload): Unplaced[] {
  const { successful } = requestsOf(workload);
  const { streams, isStreamed } = streamsOf(workload, successful);
  const [succeeded, streamed] = [new Set(successful), new Set(isStreamed ? streams : [])];
  const requests = workload.requests.map((request, index) =>
    sampleOf(
      'request',
      index,
      quantitiesOf(request, {
        isSuccess: succeeded.has(request),
        hasFirst: isStreamed && succeeded.has(request),
        isStream: streamed.has(request),
      }),
      {
        status: statusOf(request, succeeded.has(request)),
      },
    ),
  );
  return [...requests, ...serverSamples(workload).map((one, index) => sampleOf(one.sample, index, one.quantities))];
}

interface Known {
  isSuccess: boolean;
  hasFirst: boolean;
  isStream: boolean;
}

function quantitiesOf(request: ServedRequest, { isSuccess, hasFirst, isStream }: Known): Quantity[] {
  return [
    ...seconds('scheduled', request.scheduled_s),
    ...seconds('start', request.start_s),
    ...(hasFirst ? seconds('ttft', request.chunk_times_s[0]) : []),
    ...(isStream ? perTokenAfterFirst(request).flatMap((value) => seconds('tpot', value)) : []),
    ...(isSuccess ? seconds('e2e', request.end_s) : []),
    ...(request.turn === undefined ? [] : [{ name: 'turn', unit: '', value: request.turn }]),
    ...tokens('prompt', request.prompt_tokens),
    ...tokens('new', request.new_tokens),
  ];
}

function statusOf({ error, incomplete, finish_reason }: ServedRequest, isSuccess: boolean): string {
  if (isSuccess) return 'successful';
  if (error !== null) return `error: ${error.type}`;
  return `incomplete: ${incomplete?.type ?? finish_reason ?? 'no text'}`;
}

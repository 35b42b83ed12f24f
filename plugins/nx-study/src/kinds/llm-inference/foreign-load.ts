import { isAbsent } from '../../base/known.ts';
import type { Finding } from '../../record/schema.ts';
import { tokensOfChunks } from './rates.ts';
import type { Span } from './rates.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { growthOf, readingsInWindow, stepOf } from './server-window.ts';
import type { InWindow } from './server-window.ts';
import { highest } from './statistics.ts';
import type { Reading } from './telemetry.ts';
import { inferenceFindings as texts } from './texts.ts';
import { askedTokens } from './tokens.ts';
import { sum } from '../../base/sum.ts';

/** Differences of counting up to this share are no other's load: chosen. */
const ALIKE = 0.01;
/** A server's counters and the chunks that arrive here differ in time by no more than that, beside the client's own delays, s: chosen. */
const APART_S = 0.1;
/** So many readings, and more than half of all, must have more requests than are ours: chosen. */
const FEWEST_READINGS = 3;

/**
 * Whether others used the server within the window: it generated more tokens than our requests can have had between two readings,
 * or more requests were in it than were ours. Each is compared with the most that can be ours, so that no finding comes of late or
 * coarse counting: a small load of others stays unseen.
 */
export function foreignLoad(workload: ServedWorkload, noWindow: string): Finding[] {
  const found = readingsInWindow(workload, { noWindow, noMetrics: '' });
  if (isAbsent(found)) return [];
  return [...moreTokens(workload, found), ...moreRequests(workload, found)].slice(0, 1);
}

function moreTokens(workload: ServedWorkload, inside: InWindow): Finding[] {
  const { readings, metrics } = inside;
  const generated = growthOf(inside, 'generated_tokens');
  if (isAbsent(generated)) return [];
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const apart_s = APART_S + (workload.client?.max_s ?? 0);
  const span = { from_s: first.at_s - apart_s, to_s: last.at_s + last.took_s + apart_s };
  const requests = [...workload.settling, ...workload.requests];
  // Some servers count each token at once, some those of a request when it ends.
  const most = Math.max(
    sum(requests.map((request) => mostTokensWithin(request, span, workload))),
    sum(requests.map((request) => tokensOfEnded(request, span, workload))),
  );
  const step = stepOf(metrics, last.values.generated_tokens!);
  if (generated - step <= (1 + ALIKE) * most) return [];
  return [texts.foreignTokens(generated, most, last.at_s - first.at_s)];
}

/** All of each chunk that may have been made within the span; where an answer broke off, or nobody counted it, all that it asked for. */
function mostTokensWithin(request: ServedRequest, { from_s, to_s }: Span, workload: ServedWorkload): number {
  const { error, new_tokens, start_s, chunk_times_s } = request;
  if (error !== null || new_tokens === null || chunk_times_s.length === 0)
    return start_s < to_s && endOf(request) > from_s ? askedTokens(request, workload) : 0;
  const { first, later } = tokensOfChunks(request);
  return sum(
    chunk_times_s.map((time_s, index) => {
      const since_s = start_s + (index === 0 ? 0 : chunk_times_s[index - 1]!);
      return start_s + time_s >= from_s && since_s <= to_s ? (index === 0 ? first : later) : 0;
    }),
  );
}

function tokensOfEnded(request: ServedRequest, span: Span, workload: ServedWorkload): number {
  const { error, end_s, start_s, new_tokens } = request;
  const tokens = error === null ? (new_tokens ?? askedTokens(request, workload)) : askedTokens(request, workload);
  // It may count them with the last token, or when the answer is over.
  const first_s = end_s === null ? start_s : start_s + end_s;
  return first_s <= span.to_s && endOf(request) >= span.from_s ? tokens : 0;
}

/** When its answer was over; never, where that isn't known. */
const endOf = ({ start_s, done_s, end_s, error }: ServedRequest): number =>
  error === null ? start_s + (done_s ?? end_s ?? Infinity) : Infinity;

/** A server may take each text of a request for embeddings as a request of its own. */
function moreRequests(workload: ServedWorkload, { readings, metrics }: InWindow): Finding[] {
  const requests = [...workload.settling, ...workload.requests];
  // A server may go on with a request for a while that was given up here.
  if (requests.some(({ error }) => error !== null)) return [];
  const inputs = workload.embeddings?.inputs ?? 1;
  const seen = readings.flatMap((reading) => {
    const { running, waiting } = reading.values;
    if (running === undefined || waiting === undefined) return [];
    return [{ there: running + waiting, ours: inputs * mostUnderWay(requests, reading, metrics.stale_s) }];
  });
  const more = seen.filter(({ there, ours }) => there > ours);
  if (more.length < FEWEST_READINGS || more.length <= seen.length / 2) return [];
  return [texts.foreignRequests(more.length, seen.length, highest(more.map(({ there, ours }) => there - ours)))];
}

/** The most requests of ours that the server can have meant: its value may be some time old. */
function mostUnderWay(requests: readonly ServedRequest[], { at_s, took_s }: Reading, stale_s: number): number {
  const [from_s, to_s] = [at_s - stale_s - APART_S, at_s + took_s + APART_S];
  return requests.filter((request) => request.start_s <= to_s && endOf(request) >= from_s).length;
}

import { inferenceFindings as texts } from './texts.ts';
import { isAbsent } from '../../base/known.ts';
import { median } from '../../base/quantile.ts';
import type { Finding } from '../../record/schema.ts';
import { newConnections } from './client-numbers.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { requestsOf, typesOf } from './served.ts';
import { cachedShare, expectedShare } from './served-numbers.ts';
import { bothCounts, differsBy, isHeldBack, perTokenAfterFirst, totalsOf } from './tokens.ts';
import { sum } from '../../base/sum.ts';

/** Findings about a server's requests. The worker itself warns of failed ones, for it knows why they failed. */
export function requestFindings(workload: ServedWorkload): Finding[] {
  const { successful, incomplete } = requestsOf(workload);
  return [
    ...incompleteFindings(incomplete, workload.requests.length),
    ...countFindings(workload, successful),
    ...streamFindings(workload, successful),
    ...promptFindings(successful),
    ...prefixFindings(successful),
    ...connectionFindings(workload),
    ...(workload.mode === 'closed-loop' ? endFindings(successful) : []),
  ];
}

function incompleteFindings(incomplete: readonly ServedRequest[], all: number): Finding[] {
  if (incomplete.length === 0) return [];
  const problems = incomplete.flatMap((request) => request.incomplete ?? []);
  const types = problems.length === 0 ? '' : `${typesOf(problems)}; the first: ${problems[0]!.message}`;
  return [texts.incompleteRequests(incomplete.length, all, types)];
}

/** The share by which two counts of the same tokens may differ without a finding: chosen. */
const ALIKE = 0.01;

function countFindings(workload: ServedWorkload, successful: readonly ServedRequest[]): Finding[] {
  if (workload.embeddings !== undefined) return [];
  if (workload.token_count === 'chunks') return [texts.chunksAsTokens];
  const uncounted = successful.filter(({ new_tokens }) => new_tokens === null).length;
  const counts = bothCounts(workload, successful);
  const { theirs, ours } = totalsOf(counts);
  return [
    ...(uncounted > 0 ? [texts.tokensUncounted(uncounted, successful.length)] : []),
    ...(ours > 0 && differsBy(counts) > ALIKE ? [texts.countsDiffer(theirs, ours, counts.length)] : []),
  ];
}

/** Where all answers were held back, or of none the time per token is known, the missing times give the reason. */
function streamFindings(workload: ServedWorkload, successful: readonly ServedRequest[]): Finding[] {
  const held = successful.filter((request) => isHeldBack(request, workload));
  const isHeld = new Set(held);
  const streams = successful.filter((request) => !isHeld.has(request));
  const isUnknown = ({ new_tokens, first_chunk_tokens }: ServedRequest) =>
    new_tokens !== null && new_tokens > 1 && first_chunk_tokens === null;
  const unknown = streams.filter(isUnknown).length;
  const hasKnown = streams.some((request) => perTokenAfterFirst(request).length > 0);
  return [
    ...(held.length > 0 && held.length < successful.length ? [texts.heldBack(held.length, successful.length)] : []),
    ...(unknown > 0 && hasKnown ? [texts.timesPerTokenOfSome(unknown, streams.length)] : []),
  ];
}

/** Where all had to, or none, their times are alike. */
function connectionFindings(workload: ServedWorkload): Finding[] {
  const [opened, all] = [newConnections(workload), workload.requests.length];
  return opened > 0 && opened < all ? [texts.newConnections(opened, all)] : [];
}

/** A server may read more than was sent, such as a chat template, but not less. */
function promptFindings(successful: readonly ServedRequest[]): Finding[] {
  const pairs = successful.flatMap(({ prompt_tokens: sent, usage }) => {
    const read = usage?.prompt_tokens ?? null;
    return sent !== null && read !== null && read < sent * (1 - ALIKE) ? [{ sent, read }] : [];
  });
  if (pairs.length === 0) return [];
  const [read, sent] = [sum(pairs.map((pair) => pair.read)), sum(pairs.map((pair) => pair.sent))];
  return [texts.promptsDiffer(read, sent, pairs.length)];
}

/** Percentage points by which a server's hits may differ from those that the study asks for: chosen. Caches keep whole blocks only. */
const HITS_ALIKE = 10;

function prefixFindings(successful: readonly ServedRequest[]): Finding[] {
  const [expected, told] = [expectedShare(successful), cachedShare(successful)];
  if (isAbsent(expected) || isAbsent(told) || Math.abs(expected - told) <= HITS_ALIKE) return [];
  return [texts.prefixHitsDiffer(expected, told)];
}

/** The pause before the end of a response is ignored up to this share of a request's duration, or this many seconds: chosen. */
const SHORT_PART = 0.05;
const SHORT_PAUSE_S = 0.01;

function endFindings(successful: readonly ServedRequest[]): Finding[] {
  const ended = successful.flatMap(({ end_s, done_s }) =>
    done_s === undefined || done_s === null ? [] : [{ end_s: end_s!, done_s }],
  );
  if (ended.length === 0) return [];
  const late_s = median(ended.map(({ end_s, done_s }) => done_s - end_s));
  const duration_s = median(ended.map(({ end_s }) => end_s));
  return late_s > Math.max(SHORT_PAUSE_S, SHORT_PART * duration_s) ? [texts.lateEnds(late_s, duration_s)] : [];
}

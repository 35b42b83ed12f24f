import { absent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import { dueSeries } from './due.ts';
import { gaps } from './offline.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import type { Series } from './series.ts';
import { inverse } from './statistics.ts';
import {
  askedTokens,
  isHeldBack,
  isTokenByToken,
  NOBODY_COUNTED,
  NOTHING_GENERATED,
  perTokenAfterFirst,
  whyNoTimePerToken,
} from './tokens.ts';

/** Requests by how they ended. */
export interface Requests {
  successful: ServedRequest[];
  /** Without an error, but without an end, without text, or with another number of tokens than asked. */
  incomplete: ServedRequest[];
  errored: ServedRequest[];
}

export function requestsOf({ requests }: ServedWorkload): Requests {
  const errored = requests.filter(({ error }) => error !== null);
  const successful = requests.filter(isSuccess);
  const apart = new Set([...errored, ...successful]);
  return { successful, incomplete: requests.filter((request) => !apart.has(request)), errored };
}

const isSuccess = ({ error, incomplete, end_s, chunk_times_s, finish_reason, embeddings }: ServedRequest): boolean =>
  error === null &&
  incomplete === null &&
  end_s !== null &&
  (chunk_times_s.length > 0 || embeddings !== undefined) &&
  !BROKEN_OFF.has(finish_reason ?? '');

// Older workers counted requests with these reasons as successful.
const BROKEN_OFF = new Set(['error', 'abort', 'content_filter']);

/** Duration of each successful request, in the order of their starts. */
export const requestDurations = (workload: ServedWorkload): number[] =>
  requestsOf(workload)
    .successful.toSorted((a, b) => a.start_s - b.start_s)
    .map(({ end_s }) => end_s!);

/** The series of times and rates of the successful requests to a server, the most important first. */
export function servedSeries(workload: ServedWorkload): Series[] {
  const { successful } = requestsOf(workload);
  const { streams, isStreamed } = streamsOf(workload, successful);
  const counted = successful.filter(({ new_tokens }) => new_tokens !== null);
  const of = (pick: Picked, none: string, among = successful): number[] | Absent => {
    if (successful.length === 0) return absent('no request succeeded');
    const values = among.flatMap(pick);
    return values.length > 0 ? values : absent(none);
  };
  const among =
    (requests: ServedRequest[]): OfRequests =>
    (pick, none) => {
      if (workload.embeddings !== undefined) return absent(NOTHING_GENERATED);
      return isStreamed || successful.length === 0
        ? of(pick, none, requests)
        : absent(
            successful.some(({ chunk_times_s }) => chunk_times_s.length > 1)
              ? 'all chunks of a response arrived at once: something between the server and here holds its stream back'
              : 'every response came as a single chunk: the server did not stream',
          );
    };
  const streamed = among(streams);
  // An answer that came at once after others were streamed was held up on its way, as by a stall: its first token was as late as that.
  const arrived = among(successful);
  return [
    ttftOf(workload, arrived),
    ...textSeries(streams),
    ...durationSeries(workload, { of, streamed, successful }),
    ...gapSeries(streamed, counted),
    ...lengthSeries(workload, counted),
    ...dueSeries(workload, of, arrived),
    startLagOf(of),
    ...turnSeries(successful, among),
  ];
}

/** Latencies of each turn of conversations, whose prompts grow from turn to turn; none of single requests. */
function turnSeries(successful: readonly ServedRequest[], among: (requests: ServedRequest[]) => OfRequests): Series[] {
  const turns = [...new Set(successful.flatMap(({ turn }) => turn ?? []))].toSorted((a, b) => a - b);
  return turns.flatMap((turn): Series[] => {
    const own = successful.filter((request) => request.turn === turn);
    const shared = { unit: 's', main: false } as const;
    return [
      {
        ...shared,
        name: `ttft_turn_${turn}`,
        label: `TTFT, turn ${turn}`,
        description: `time from sending a request to its first chunk with a token, of turn ${turn} of a conversation`,
        values: among(own)(({ chunk_times_s }) => chunk_times_s.slice(0, 1), 'no text'),
      },
      {
        ...shared,
        name: `e2e_turn_${turn}`,
        label: `e2e, turn ${turn}`,
        description: `duration of a request, of turn ${turn} of a conversation`,
        values: own.map(({ end_s }) => end_s!),
      },
    ];
  });
}

/** Successful requests whose chunks tell when tokens were there, and whether there are any such chunks at all. */
export function streamsOf(
  workload: ServedWorkload,
  successful: readonly ServedRequest[],
): { streams: ServedRequest[]; isStreamed: boolean } {
  if (workload.embeddings !== undefined) return { streams: [], isStreamed: false };
  const streams = successful.filter((request) => !isHeldBack(request, workload));
  return {
    streams,
    isStreamed:
      successful.every((request) => askedTokens(request, workload) < 2) ||
      streams.some(({ chunk_times_s }) => chunk_times_s.length > 1),
  };
}

type Picked = (request: ServedRequest) => number[];

/** Values of all successful requests, or why there are none. */
type OfRequests = (pick: Picked, none: string) => number[] | Absent;

const PERCENTILES = [90, 99];

/** In an open loop latencies count from when a request was due: see `due.ts`. */
const isMain = ({ mode }: ServedWorkload): boolean => mode === 'closed-loop';

const ttftOf = (workload: ServedWorkload, arrived: OfRequests): Series => ({
  name: 'ttft',
  unit: 's',
  label: 'TTFT',
  main: isMain(workload) && workload.embeddings === undefined,
  beside: PERCENTILES,
  description: 'time from sending a request to its first chunk with a token, network and server queue included',
  values: arrived(({ chunk_times_s }) => chunk_times_s.slice(0, 1), 'no text'),
});

interface Picking {
  of: OfRequests;
  streamed: OfRequests;
  successful: readonly ServedRequest[];
}

const durationSeries = (workload: ServedWorkload, { of, streamed, successful }: Picking): Series[] => [
  {
    name: 'tpot',
    unit: 's',
    label: 'TPOT',
    main: workload.embeddings === undefined,
    beside: PERCENTILES,
    description:
      'time per output token after the first chunk: (last − first chunk) / (new tokens − tokens in the first chunk)',
    values: streamed(perTokenAfterFirst, whyNoTimePerToken(successful)),
  },
  {
    name: 'per_user',
    unit: 'tok_s',
    label: 'per user',
    main: false,
    description: 'rate at which one user gets tokens: 1 / time per output token after the first chunk',
    values: streamed((request) => inverse(perTokenAfterFirst(request)), whyNoTimePerToken(successful)),
  },
  {
    name: 'e2e',
    unit: 's',
    label: 'e2e',
    main: isMain(workload),
    beside: PERCENTILES,
    description:
      workload.embeddings === undefined
        ? 'duration of a request, from sending it to the chunk with its last token (in records without done_s, to the end of its response)'
        : 'duration of a request, from sending it to the end of its response',
    values: of(({ end_s }) => [end_s!], 'no request ended'),
  },
  {
    name: 'ntpot',
    unit: 's',
    label: 'NTPOT',
    main: false,
    description: 'time per output token, the first one and the prompt included: duration of a request / new tokens',
    values: of(
      ({ end_s, new_tokens }) => (new_tokens ? [end_s! / new_tokens] : []),
      workload.embeddings === undefined ? NOBODY_COUNTED : NOTHING_GENERATED,
    ),
  },
];

const gapSeries = (streamed: OfRequests, counted: readonly ServedRequest[]): Series[] => [
  {
    name: 'chunk_gap',
    unit: 's',
    label: 'chunk gap',
    main: false,
    description: 'gap between consecutive chunks of a response, which may carry several tokens each; pooled',
    values: streamed(({ chunk_times_s }) => gaps(chunk_times_s), 'no second chunk'),
  },
  {
    name: 'itl',
    unit: 's',
    label: 'ITL',
    main: false,
    description: 'gap between consecutive tokens, where each chunk carried one; pooled',
    values: counted.every(isTokenByToken)
      ? streamed(
          ({ new_tokens, chunk_times_s }) => (new_tokens === null ? [] : gaps(chunk_times_s)),
          counted.length === 0 ? NOBODY_COUNTED : 'no second chunk',
        )
      : absent('chunks are not single tokens here, or they could not be counted: see chunk_gap_s'),
  },
];

const startLagOf = (of: OfRequests): Series => ({
  name: 'start_lag',
  unit: 's',
  label: 'start lag',
  main: false,
  beside: [99],
  description:
    'delay of a start behind its scheduled arrival, without the wait for others under way: the client kept up where it is near 0',
  values: of(
    ({ start_s, scheduled_s, waited_s }) => (scheduled_s === null ? [] : [start_s - scheduled_s - waited_s]),
    'a closed loop has no schedule',
  ),
});

/** Where the first token of an answer has no text, the first text comes later. */
function textSeries(successful: readonly ServedRequest[]): Series[] {
  const isLater = ({ first_text_s, chunk_times_s }: ServedRequest) => (first_text_s ?? 0) > (chunk_times_s[0] ?? 0);
  if (!successful.some(isLater)) return [];
  return [
    {
      name: 'ttft_text',
      unit: 's',
      label: 'TTFT, text',
      main: false,
      description: 'time from sending a request to its first chunk with text, tokens without text before it included',
      values: successful.flatMap(({ first_text_s }) => first_text_s ?? []),
    },
  ];
}

/** How long answers are that end by themselves. */
function lengthSeries({ length }: ServedWorkload, counted: readonly ServedRequest[]): Series[] {
  if (length === 'exact') return [];
  const values = counted.map(({ new_tokens }) => new_tokens!);
  return [
    {
      name: 'output',
      unit: 'tokens',
      label: 'output',
      main: true,
      description:
        'number of new tokens of a successful request, which ended by itself or at the most that was allowed',
      values: values.length > 0 ? values : absent(NOBODY_COUNTED),
    },
  ];
}

/** `timeout 2, http 1`. */
export function typesOf(problems: readonly ({ type: string } | null)[]): string {
  const counts = new Map<string, number>();
  for (const problem of problems) {
    const type = problem?.type ?? 'other';
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([a, countA], [b, countB]) => countB - countA || a.localeCompare(b))
    .map(([type, count]) => `${type} ${count}`)
    .join(', ');
}

import { absent, isAbsent } from '../../base/known.ts';
import type { Absent } from '../../base/known.ts';
import type { MetricDefinition, Value } from '../kind.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { highest, lowest } from './statistics.ts';
import { NOTHING_GENERATED } from './tokens.ts';
import { sum } from '../../base/sum.ts';

/** From and to, in s on the clock of the requests' starts. */
export interface Span {
  from_s: number;
  to_s: number;
}

type Rate = MetricDefinition & { value: Value };

/**
 * Rates of successful requests: over the window in which the asked load was kept, and, as `_whole`, over the span from the
 * first start to the last token, which contains the beginning and the drain. `settling`: successful ones that were under
 * way when the first measured one was started. `noWindow`: why there is no window.
 */
export function servedRates(
  workload: ServedWorkload,
  { successful, settling }: { successful: readonly ServedRequest[]; settling: readonly ServedRequest[] },
  noWindow: string,
): Rate[] {
  const asked = windowOf(workload, noWindow);
  const loaded = loadedSpan(workload, noWindow);
  const whole = wholeSpan(workload, successful);
  const embeds = workload.embeddings !== undefined;
  return [
    ...ratesOver(successful.length > 0 ? [...settling, ...successful] : [], loaded, {
      suffix: '',
      embeds,
      main: true,
      part: 'within the window in which the asked load was kept / its length',
    }),
    ...ratesOver(successful, whole, {
      suffix: '_whole',
      embeds,
      main: false,
      part: '/ span from the first start to the last token, beginning and drain included',
    }),
    {
      name: 'window_s',
      label: 'window',
      unit: 's',
      main: false,
      better: null,
      description: 'Length of the window in which the asked load was kept',
      value: isAbsent(asked) ? asked : asked.to_s - asked.from_s,
    },
  ];
}

/**
 * Requests and new tokens a second of chosen successful requests, over the window in which the asked load was kept; 0 where
 * none was chosen. `noWindow`: why there is no window.
 */
export function ratesInWindow(
  workload: ServedWorkload,
  chosen: readonly ServedRequest[],
  noWindow: string,
): { requests: Value; tokens: Value } | Absent {
  const span = loadedSpan(workload, noWindow);
  if (isAbsent(span)) return span;
  const embeds = workload.embeddings !== undefined;
  if (chosen.length === 0) return { requests: 0, tokens: embeds ? absent(NOTHING_GENERATED) : 0 };
  const rates = ratesOver(chosen, span, { suffix: '', embeds, main: false, part: '' });
  const of = (name: string) => rates.find((rate) => rate.name === name)!.value;
  return { requests: of('requests_per_s'), tokens: of('output_tok_s') };
}

const windowOf = ({ window }: ServedWorkload, noWindow: string): Span | Absent =>
  window === undefined ? absent(NO_WINDOW_KNOWN) : (window ?? absent(noWindow));

/** In which the asked load was kept, or why there is no such time. */
export function loadedSpan(workload: ServedWorkload, noWindow: string): Span | Absent {
  const asked = windowOf(workload, noWindow);
  return isAbsent(asked) || hasArrivals(workload, asked) ? asked : absent(NOBODY_CAME);
}

const NO_WINDOW_KNOWN = 'its worker noted no window in which the asked load was kept; for the whole span see …_whole';

const NOBODY_CAME = 'no request was due within the window, which ends with the last arrival';

/** In an open loop the window ends with an arrival, which is not within it. */
const hasArrivals = ({ mode, requests }: ServedWorkload, { from_s, to_s }: Span): boolean =>
  mode === 'closed-loop' ||
  requests.some(({ scheduled_s }) => scheduled_s !== null && scheduled_s > from_s && scheduled_s < to_s);

function wholeSpan({ requests }: ServedWorkload, successful: readonly ServedRequest[]): Span | Absent {
  if (successful.length === 0) return absent('no request succeeded');
  const from_s = lowest(requests.map(({ start_s }) => start_s));
  return { from_s, to_s: highest(successful.map(({ start_s, end_s }) => start_s + end_s!)) };
}

interface Naming {
  suffix: string;
  /** Requests are for embeddings. */
  embeds: boolean;
  main: boolean;
  part: string;
}

function ratesOver(successful: readonly ServedRequest[], span: Span | Absent, naming: Naming): Rate[] {
  const { suffix, embeds, main, part } = naming;
  const per_s = (count: (request: ServedRequest, span: Span) => number | null, what: string): Value => {
    if (successful.length === 0) return absent('no request succeeded');
    if (isAbsent(span)) return span;
    const length_s = span.to_s - span.from_s;
    if (length_s <= 0) return absent('the window is 0 s');
    const inside = successful.filter((request) => shareWithin(request, span) > 0);
    const counts = inside.map((request) => count(request, span));
    const unknown = counts.filter((one) => one === null).length;
    if (unknown > 0)
      return absent(
        `the ${what} of ${unknown} of ${inside.length} requests are unknown: nobody counted them, so give \`tokenizer\``,
      );
    return sum(counts.map((one) => one!)) / length_s;
  };
  const output = embeds ? absent(NOTHING_GENERATED) : per_s(tokensWithin, 'new tokens');
  const prompts = per_s(promptWithin, 'prompt tokens');
  const rate = { unit: 'tok/s', better: 'higher' } as const;
  return [
    ...(embeds ? inputRates(per_s, naming) : []),
    {
      ...rate,
      name: `output_tok_s${suffix}`,
      label: suffix === '' ? 'output' : 'output, whole',
      main: main && !embeds,
      description: `New tokens of successful requests ${part}`,
      value: output,
    },
    {
      name: `requests_per_s${suffix}`,
      label: suffix === '' ? 'requests' : 'requests, whole',
      unit: '1/s',
      main,
      better: 'higher',
      description: `Successful requests, each with the part of its duration, ${part}`,
      value: per_s(shareWithin, 'durations'),
    },
    {
      ...rate,
      name: `total_tok_s${suffix}`,
      label: suffix === '' ? 'total' : 'total, whole',
      main: false,
      description: `Prompt and new tokens of successful requests, prompts as the server counts them, with a chat template (without its count: as they were sent), ${part}`,
      value: isAbsent(output) ? output : isAbsent(prompts) ? prompts : output + prompts,
    },
  ];
}

/** Of requests for embeddings: texts, and their tokens as the server counts them. */
function inputRates(
  per_s: (count: (request: ServedRequest, span: Span) => number | null, what: string) => Value,
  { suffix, main, part }: Naming,
): Rate[] {
  return [
    {
      name: `input_tok_s${suffix}`,
      label: suffix === '' ? 'input' : 'input, whole',
      unit: 'tok/s',
      main,
      better: 'higher',
      description: `Tokens of the texts of successful requests for embeddings, as the server counts them (without its count: as they were sent), ${part}`,
      value: per_s(workWithin, 'tokens'),
    },
    {
      name: `inputs_per_s${suffix}`,
      label: suffix === '' ? 'texts' : 'texts, whole',
      unit: '1/s',
      main: false,
      better: 'higher',
      description: `Texts of successful requests for embeddings, ${part}`,
      value: per_s((request, within) => request.embeddings!.count * shareWithin(request, within), 'texts'),
    },
  ];
}

/** Part of a request's duration that lies within the span: 0 to 1. */
const shareWithin = ({ start_s, end_s }: ServedRequest, span: Span): number =>
  partWithin(start_s, start_s + end_s!, span);

/**
 * New tokens of a request that came within the span; null when they are unknown. A chunk's tokens were made since the
 * chunk before it, the first one's since the start: an edge of the span that lies between counts its part of them. So
 * answers that end together, a moment before or after the edge, count alike.
 */
function tokensWithin(request: ServedRequest, span: Span): number | null {
  const { start_s, chunk_times_s, new_tokens } = request;
  if (new_tokens === null) return null;
  const { first, later } = tokensOfChunks(request);
  return sum(
    chunk_times_s.map((time_s, index) => {
      const since_s = index === 0 ? 0 : chunk_times_s[index - 1]!;
      return (index === 0 ? first : later) * partWithin(start_s + since_s, start_s + time_s, span);
    }),
  );
}

/** What a request had of a server within the span: new tokens, or of embeddings the tokens that it read; null where nobody counted. */
export function workWithin(request: ServedRequest, span: Span): number | null {
  return request.embeddings === undefined ? tokensWithin(request, span) : promptWithin(request, span);
}

function promptWithin(request: ServedRequest, span: Span): number | null {
  const tokens = inputTokens(request);
  return tokens === null ? null : tokens * shareWithin(request, span);
}

const inputTokens = ({ usage, prompt_tokens }: ServedRequest): number | null => usage?.prompt_tokens ?? prompt_tokens;

/** Tokens of the first chunk, and of each later one on average. */
export function tokensOfChunks({ chunk_times_s, new_tokens, first_chunk_tokens }: ServedRequest) {
  const chunks = chunk_times_s.length;
  const evenly = new_tokens! / chunks;
  if (chunks === 1) return { first: new_tokens!, later: 0 };
  const first = Math.min(first_chunk_tokens ?? evenly, new_tokens!);
  return { first, later: (new_tokens! - first) / (chunks - 1) };
}

function partWithin(from_s: number, to_s: number, span: Span): number {
  if (to_s <= from_s) return to_s > span.from_s && to_s <= span.to_s ? 1 : 0;
  return Math.max(0, Math.min(to_s, span.to_s) - Math.max(from_s, span.from_s)) / (to_s - from_s);
}

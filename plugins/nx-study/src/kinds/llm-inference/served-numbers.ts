import { proportionBounds } from '../../analysis/proportion.ts';
import { median } from '../../base/quantile.ts';
import { absent, isAbsent } from '../../base/known.ts';
import type { Bounds, MetricDefinition, Value } from '../kind.ts';
import { clientNumbers } from './client-numbers.ts';
import { flowOf } from './flow.ts';
import { servedRates } from './rates.ts';
import type { ServedRequest, ServedWorkload } from './schema.ts';
import { requestsOf } from './served.ts';
import type { Requests } from './served.ts';
import { serverNumbers } from './server-numbers.ts';
import type { Missing } from './server-numbers.ts';
import { usageDifference } from './tokens.ts';
import { sum } from '../../base/sum.ts';

type Served = MetricDefinition & { value: Value; bounds?: Bounds };

/** Rates, counts, and what the server told. `missing`: why something was not seen. */
export function servedNumbers(workload: ServedWorkload, missing: Missing): Served[] {
  const { noWindow } = missing;
  const found = requestsOf(workload);
  const settling = requestsOf({ ...workload, requests: workload.settling }).successful;
  return [
    ...servedRates(workload, { successful: found.successful, settling }, noWindow),
    ...flowOf(workload, noWindow),
    ...clientNumbers(workload),
    ...countsOf(workload, found),
    ...tokenFacts(workload, found.successful),
    ...serverNumbers(workload, missing),
  ];
}

const count = { unit: '', main: false, better: null } as const;

const countsOf = ({ requests }: ServedWorkload, { successful, incomplete, errored }: Requests): Served[] => [
  {
    ...count,
    name: 'requests',
    label: 'requests',
    description: 'Requests that were measured',
    value: requests.length,
  },
  {
    ...count,
    name: 'requests_successful',
    label: 'successful',
    description:
      'Requests that ended as asked: with a finish reason that means success, with text, and with the tokens asked for',
    value: successful.length,
  },
  {
    ...count,
    name: 'requests_incomplete',
    label: 'incomplete',
    main: incomplete.length > 0,
    better: 'lower',
    description:
      'Requests without an error that did not end as asked: without an end or text, or with another number of tokens',
    value: incomplete.length,
  },
  {
    ...count,
    name: 'requests_errored',
    label: 'errors',
    main: errored.length > 0,
    better: 'lower',
    description: 'Requests with an error, timeouts included',
    value: errored.length,
  },
  errorPercent(requests.length, errored.length + incomplete.length),
];

function errorPercent(all: number, bad: number): Served {
  const { low, high } = all === 0 ? { low: null, high: null } : proportionBounds(bad, all);
  return {
    name: 'error_percent',
    label: 'not ended well',
    unit: '%',
    main: false,
    better: 'lower',
    description: 'Requests with an error, or incomplete ones, in percent of all',
    value: all === 0 ? absent('there was no request') : (100 * bad) / all,
    bounds: { low: low && 100 * low, high: high && 100 * high, reason: null },
  };
}

function tokenFacts(workload: ServedWorkload, successful: ServedRequest[]): Served[] {
  const prompts = promptTotal(successful);
  return [
    {
      ...count,
      name: 'request_prompt_tokens',
      label: 'prompt',
      unit: 'tokens',
      description:
        "Median number of tokens in a successful request's prompt: before a chat template, or with it where only the server counts them",
      value: isAbsent(prompts) ? prompts : median(successful.map(({ prompt_tokens }) => prompt_tokens!)),
    },
    {
      ...count,
      name: 'usage_difference_percent',
      label: 'usage',
      unit: '%',
      description:
        "Tokens by the server's usage less those of the same text by the tokenizer, in percent of the latter",
      value: usageDifference(workload, successful),
    },
    {
      ...count,
      name: 'cached_prompt_percent',
      label: 'cached',
      unit: '%',
      description:
        "Prompt tokens that the server took from a cache, in percent of all that it counts, a chat template's included",
      value: cachedShare(successful),
    },
    {
      ...count,
      name: 'expected_cached_percent',
      label: 'expected',
      unit: '%',
      description:
        'Prompt tokens that earlier requests of the workload had at their beginning, too, as the study asks, in percent of all: a cache that keeps everything has as many',
      value: expectedShare(successful),
    },
  ];
}

/** Where prompts share nothing as asked, there is nothing to expect. */
export function expectedShare(successful: readonly ServedRequest[]): Value {
  if (successful.every(({ shared_tokens }) => shared_tokens === undefined))
    return absent('prompts share no beginning that the study asks for');
  const unknown = successful.filter(({ shared_tokens }) => shared_tokens === null).length;
  if (unknown > 0) return absent(`the server did not count the history of ${unknown} of ${successful.length} requests`);
  const read = promptTotal(successful.map(inServersTokens));
  if (isAbsent(read)) return read;
  if (read === 0) return absent('the prompts have no tokens');
  return (100 * sum(successful.map(({ shared_tokens }) => shared_tokens ?? 0))) / read;
}

/** What a conversation shares is counted by the server, with its chat template: so must be the prompt that it is a part of. */
const inServersTokens = ({ turn, usage, prompt_tokens }: ServedRequest) => ({
  prompt_tokens: turn === undefined ? prompt_tokens : (usage?.prompt_tokens ?? prompt_tokens),
});

function promptTotal(requests: readonly Pick<ServedRequest, 'prompt_tokens'>[]): Value {
  if (requests.length === 0) return absent('no request succeeded');
  const counts = requests.flatMap(({ prompt_tokens }) => prompt_tokens ?? []);
  const unknown = requests.length - counts.length;
  return unknown === 0
    ? sum(counts)
    : absent(`the prompt tokens of ${unknown} of ${requests.length} requests are unknown`);
}

/**
 * Some servers (vLLM) leave the count out where nothing came from a cache: beside requests that have one, those without
 * it took nothing.
 */
export function cachedShare(successful: readonly ServedRequest[]): Value {
  const counted = successful.flatMap(({ usage }) => (usage && usage.prompt_tokens !== null ? [usage] : []));
  const read = sum(counted.map(({ prompt_tokens }) => prompt_tokens!));
  if (read === 0 || counted.every(({ cached_tokens }) => cached_tokens === null))
    return absent("the server doesn't report how much of a prompt came from a cache");
  return (100 * sum(counted.map(({ cached_tokens }) => cached_tokens ?? 0))) / read;
}

import { Unavailable, Unsupported } from '../../kits/node/index.ts';
import type { Workload } from './client.ts';
import { limitTexts as texts } from './texts.ts';
import type { Told } from './told.ts';

/** Where servers tell how many tokens a prompt and its answer may have together: vLLM and SGLang; llama-server, for each slot. */
const KEYS = ['models max_model_len', 'props n_ctx'];

export interface Limit {
  /** The server's own name of it. */
  key: string;
  tokens: number;
}

/** The least that a server says that it takes; null where it says nothing. */
export function limitIn(told: Told): Limit | null {
  const limits = KEYS.flatMap((key): Limit[] => {
    const tokens = told[key];
    return typeof tokens === 'number' && tokens > 0 ? [{ key: key.split(' ').at(-1)!, tokens }] : [];
  });
  return limits.toSorted((one, other) => one.tokens - other.tokens)[0] ?? null;
}

/** What is wrong with a workload whose requests may be longer than the server says that it takes; null where nothing is known to be. */
export function lengthProblem(told: Told, { index, longest_tokens, new_tokens }: Workload): string | null {
  const limit = limitIn(told);
  return limit === null || longest_tokens === null || longest_tokens <= limit.tokens
    ? null
    : texts.tooLong(index, longest_tokens, { ...limit, hasAnswer: new_tokens > 0 });
}

/**
 * `isOwn`: the worker started the server, whose settings belong to the measurement.
 *
 * @throws where a request of a workload may be longer than the server says that it takes, which would refuse just those: Unsupported
 *   of an own server, Unavailable of another, which may be started with more.
 */
export function refuseLongerThan(told: Told, workload: Workload, isOwn: boolean): void {
  const problem = lengthProblem(told, workload);
  if (problem === null) return;
  const message = `${problem}: ${texts.shorter}`;
  throw isOwn ? new Unsupported(message) : new Unavailable(message);
}

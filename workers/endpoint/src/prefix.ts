import { Unsupported } from '../../kits/node/index.ts';
import type { Workload } from './client.ts';
import type { Configuration } from './config.ts';
import { uniform } from './draw.ts';
import type { PromptKey } from './prompts.ts';
import { prefixTexts as texts } from './texts.ts';

/** Beginnings that prompts of a workload share. */
export interface Prefixes {
  /** Of each beginning. */
  tokens: number;
  /** Which of the pool a request begins with; null: with words of its own. */
  of(key: PromptKey): number | null;
}

/**
 * The beginnings that a configuration asks for; null for none. `seed` draws which request has which: the same in every experiment.
 *
 * @throws Unsupported where prompts are not random, and where they are no longer than a beginning.
 */
export function prefixesOf(
  { prefix, prompts, dataset }: Pick<Configuration, 'prefix' | 'prompts' | 'dataset'>,
  workloads: readonly Pick<Workload, 'index' | 'lengths' | 'load'>[],
  seed: number,
): Prefixes | null {
  if (prefix === null) return null;
  const { tokens, pool, share } = prefix;
  const other = prompts === null ? dataset && 'dataset' : 'prompts';
  if (other) throw new Unsupported(texts.ofAFile(other));
  for (const { index, lengths, load } of workloads) {
    if (load.mode === 'replay') throw new Unsupported(texts.ofAFile('load.file'));
    const { least } = lengths.prompt_tokens;
    if (least <= tokens) throw new Unsupported(texts.tooLong(index, tokens, least));
  }
  return {
    tokens,
    of(key) {
      const at = `${seed}/prefix/${placeOf(key)}`;
      return uniform(`${at}/share`) < share ? Math.floor(uniform(at) * pool) : null;
    },
  };
}

function placeOf({ pass, iteration, sequence, sequences, settling }: PromptKey): string {
  return settling === undefined ? `${pass}/${iteration * sequences + sequence}` : `settling/${settling}`;
}

/** What the ids of a beginning depend on: the attempt, the workload, and its place in the pool. */
export const prefixKey = ({ seed, workload }: PromptKey, prefix: number): PromptKey => ({
  seed,
  workload,
  pass: 'generate',
  iteration: prefix,
  // Of no request.
  sequence: -1,
  sequences: 1,
});

/**
 * How many tokens each request has at its beginning in common with an earlier one of its workload: a server that forgets nothing
 * need not read them. `before`: the requests before the first one of `sent`, which are in order of their start.
 */
export function sharedTokens(
  prefixes: Prefixes | null,
  before: readonly { prefix?: number | null }[],
  sent: readonly { prefix?: number | null }[],
): number[] {
  const seen = new Set(before.map(({ prefix = null }) => prefix));
  return sent.map(({ prefix = null }) => {
    if (prefixes === null || prefix === null) return 0;
    const isKnown = seen.has(prefix);
    seen.add(prefix);
    return isKnown ? prefixes.tokens : 0;
  });
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Configuration } from '../../../../workers/endpoint/src/config.ts';
import { workloadsOf } from '../../../../workers/endpoint/src/client.ts';
import { contentsOf } from '../../../../workers/endpoint/src/contents.ts';
import { prefixesOf, sharedTokens } from '../../../../workers/endpoint/src/prefix.ts';
import { promptSource } from '../../../../workers/endpoint/src/prompts.ts';
import type { PromptKey } from '../../../../workers/endpoint/src/prompts.ts';
import { openTokenizer } from '../../../../workers/endpoint/src/tokenizer.ts';
import { tokenizerOfWords } from '../../../helpers/tokenizer.ts';

const letters = 'abcdefghij'.split('');
const folder = mkdtempSync(join(tmpdir(), 'nx-study-prefix-'));
const words = letters.flatMap((a) => letters.map((b) => `${a}${b}${a}`));
writeFileSync(join(folder, 'tokenizer.json'), tokenizerOfWords(words));
const tokenizer = openTokenizer(join(folder, 'tokenizer.json'));
rmSync(folder, { recursive: true });

const settings = (changes: object = {}) =>
  ({
    api: 'completions',
    prompt_form: 'auto',
    prompt_ids: { from: 1000, below: 9000 },
    prompts: null,
    dataset: null,
    server: null,
    workloads: null,
    prompt_tokens: 20,
    new_tokens: 4,
    load: { mode: 'closed', concurrency: 1 },
    prefix: { tokens: 12, pool: 3, share: 0.6 },
    ...changes,
  }) as unknown as Configuration;

const key = (changes: Partial<PromptKey> = {}): PromptKey => ({
  seed: 7,
  workload: 0,
  pass: 'generate',
  iteration: 0,
  sequence: 0,
  sequences: 1,
  ...changes,
});

const contents = (configuration: Configuration, own: typeof tokenizer | null) => {
  const workloads = workloadsOf(configuration, 1, own);
  const prefixes = prefixesOf(configuration, workloads, 1);
  const sourceOf = (tokens: number) => promptSource(configuration, own, tokens, () => {});
  return contentsOf(workloads[0]!, { prefixes, isChat: false, tokenizer: own, sourceOf, repeats: () => {} });
};

test.each([
  ['token ids', null],
  ['text', tokenizer],
])('%s: prompts share beginnings of a pool and nothing else, at their full length', (_, own) => {
  const content = contents(settings(), own);
  const idsOf = (changes: Partial<PromptKey>) => {
    const { prompt, prefix } = content(key(changes));
    const ids = typeof prompt === 'string' ? tokenizer.encode(prompt) : (prompt as number[]);
    return { prefix, ids, head: ids.slice(0, 12).join(), rest: ids.slice(12).join() };
  };
  const all = Array.from({ length: 200 }, (_unused, iteration) => idsOf({ iteration }));
  expect(new Set(all.map(({ ids }) => ids.length))).toEqual(new Set([20]));
  const shared = all.filter(({ prefix }) => prefix !== null);
  // Four standard deviations of 200 draws at 0.6.
  expect(Math.abs(shared.length - 120)).toBeLessThan(28);
  expect(new Set(shared.map(({ prefix }) => prefix)).size).toBe(3);
  for (const { prefix, head } of shared) expect(head).toBe(shared.find((other) => other.prefix === prefix)!.head);
  const own_heads = all.filter(({ prefix }) => prefix === null).map(({ head }) => head);
  expect(new Set([...own_heads, ...shared.map(({ head }) => head)]).size).toBe(own_heads.length + 3);
  expect(new Set(all.map(({ rest }) => rest)).size).toBe(200);
  // Another attempt has other beginnings, for the same requests.
  const other = Array.from({ length: 200 }, (_unused, iteration) => idsOf({ iteration, seed: 8 }));
  expect(other.map(({ prefix }) => prefix)).toEqual(all.map(({ prefix }) => prefix));
  expect(other.some(({ head }, index) => head === all[index]!.head)).toBe(false);
});

test('a beginning is read once, be it before the measured requests', () => {
  const prefixes = prefixesOf(settings(), [], 1);
  const sent = [0, 1, 1, null, 0, 2].map((prefix) => ({ prefix }));
  expect(sharedTokens(prefixes, [{ prefix: 2 }, { prefix: null }], sent)).toEqual([0, 0, 12, 0, 12, 12]);
  expect(sharedTokens(null, [], sent)).toEqual([0, 0, 0, 0, 0, 0]);
});

test.each([
  [{ prompt_tokens: { uniform: [12, 40] } }, 'prefix.tokens: 12 tokens leave nothing of its own to a prompt of 12'],
  [{ prompts: 'lines.txt' }, 'prefix: `prompts` gives the prompts'],
])('%j is refused', (changes, message) => {
  const configuration = settings(changes);
  expect(() => prefixesOf(configuration, workloadsOf(configuration, 1, null), 1)).toThrow(message);
});

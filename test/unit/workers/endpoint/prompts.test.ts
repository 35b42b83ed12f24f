import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { drawSalt, promptSource as sourceOf } from '../../../../workers/endpoint/src/prompts.ts';
import type { PromptKey } from '../../../../workers/endpoint/src/prompts.ts';
import { openTokenizer } from '../../../../workers/endpoint/src/tokenizer.ts';
import { Unsupported } from '../../../../workers/kits/node/index.ts';
import { tokenizerOfWords } from '../../../helpers/tokenizer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-study-prompts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const letters = 'abcdefghij'.split('');
const words = letters.flatMap((a) => letters.map((b) => `${a}${b}${a}`));
const tokenizer = openTokenizer(file('tokenizer.json', tokenizerOfWords(words)));

const repeats = vi.fn<(message: string) => void>();
type Arguments = Parameters<typeof sourceOf>;
const promptSource = (own: Arguments[0], its: Arguments[1], tokens: number) => sourceOf(own, its, tokens, repeats);

const settings = {
  api: 'completions',
  prompt_form: 'auto',
  prompt_ids: { from: 1000, below: 1100 },
  prompts: null,
  server: null,
} as const;
/** Of a measurement that starts its server, which nobody asked anything before. */
const ofFile = (prompts: string): Arguments[0] => ({ ...settings, prompts, server: {} as Arguments[0]['server'] });
const key = (changes: Partial<PromptKey> = {}): PromptKey => ({
  seed: 1,
  workload: 0,
  pass: 'generate',
  iteration: 0,
  sequence: 0,
  sequences: 1,
  ...changes,
});
const others: Partial<PromptKey>[] = [
  { seed: 2 },
  { workload: 1 },
  { pass: 'warm-up' },
  { iteration: 1 },
  { sequence: 1 },
];

test('without a tokenizer a prompt is ids of the range: seeded, and another for every request', () => {
  const source = promptSource(settings, null, 33);
  const ids = source(key()) as number[];
  expect(ids).toHaveLength(33);
  expect(ids.every((id) => id >= 1000 && id < 1100)).toBe(true);
  expect(source(key())).toEqual(ids);
  for (const changes of others) expect(source(key(changes))).not.toEqual(ids);
});

test.each([1, 2, 17, 300])('with a tokenizer a prompt is text of exactly %d tokens', (length) => {
  const source = promptSource(settings, tokenizer, length);
  const text = source(key()) as string;
  expect(typeof text).toBe('string');
  expect(source(key())).toBe(text);
  for (let iteration = 0; iteration < 20; iteration += 1)
    expect(tokenizer.encode(source(key({ iteration })) as string)).toHaveLength(length);
});

test('text differs from request to request, too', () => {
  const source = promptSource(settings, tokenizer, 33);
  for (const changes of others) expect(source(key(changes))).not.toBe(source(key()));
});

test('a chat takes text: of common words when nobody can count', () => {
  const source = promptSource({ ...settings, api: 'chat' }, null, 20);
  expect((source(key()) as string).trim().split(' ')).toHaveLength(20);
  const ids = () => promptSource({ ...settings, api: 'chat', prompt_form: 'token-ids' }, null, 20);
  expect(ids).toThrow(Unsupported);
  expect(ids).toThrow('a chat takes text');
});

test('the form can be chosen where both are possible', () => {
  expect(typeof promptSource({ ...settings, prompt_form: 'text' }, null, 5)(key())).toBe('string');
  expect(promptSource({ ...settings, prompt_form: 'token-ids' }, tokenizer, 5)(key())).toHaveLength(5);
});

test('an empty range of ids is refused', () => {
  const source = () => promptSource({ ...settings, prompt_ids: { from: 5, below: 5 } }, null, 5);
  expect(source).toThrow('prompt_ids: below 5 leaves no ids from 5');
});

test('prompts of a file are used in order, over and over, each cut to the tokens asked for', () => {
  const prompts = file('lines.txt', ' aba bcb cdc ded\n\n aca ada\r\nxyz aja\n');
  const source = promptSource(ofFile(prompts), tokenizer, 2);
  const sent = [0, 1, 2, 3].map((iteration) => source(key({ iteration })));
  expect(sent).toEqual([' aba bcb', ' aca ada', 'xy', ' aba bcb']);
  // A server may have in a cache what it read before.
  const before = [0, 1, 2, 3].map((sequence) => source(key({ pass: 'warm-up', sequence, sequences: 4 })));
  expect(before).toEqual(['xy', ' aca ada', ' aba bcb', 'xy']);
});

test('rounds of a warm-up go on where the last one ended, and lines that are used again are told once', () => {
  const prompts = file(
    'five.txt',
    words
      .slice(0, 5)
      .map((word) => ` ${word}\n`)
      .join(''),
  );
  repeats.mockClear();
  const source = promptSource(ofFile(prompts), tokenizer, 1);
  const round = (iteration: number) =>
    [0, 1].map((sequence) => source(key({ pass: 'warm-up', iteration, sequence, sequences: 2 })));
  const used = [0, 1].flatMap(round);
  expect(new Set(used).size).toBe(4);
  expect(repeats).not.toHaveBeenCalled();
  expect(round(2)[1]).toBe(used[0]);
  round(3);
  expect(repeats.mock.calls).toEqual([[`${prompts} has 5 prompts, and the pass warm-up uses them more than once`]]);
});

test('to a server that ran before, lines of a file begin with words of this attempt alone, at the same length', () => {
  const lines = [' aba bcb cdc ded efe fgf ghg hih', 'xyz aja bab cbc dcd ede fef gfg'].map((line) => line.repeat(4));
  const prompts = file('salted.txt', lines.join('\n'));
  const source = promptSource({ ...settings, prompts }, tokenizer, 24);
  const prompt = (changes: Partial<PromptKey>) => tokenizer.encode(source(key(changes)) as string);
  const all = [1, 2].flatMap((seed) =>
    (['warm-up', 'generate'] as const).flatMap((pass) =>
      // From the third iteration on the lines come again.
      [0, 1, 2, 3].map((iteration) => prompt({ seed, pass, iteration })),
    ),
  );
  expect(all.map((ids) => ids.length)).toEqual(all.map(() => 24));
  expect(new Set(all.map((ids) => ids.slice(0, 8).join())).size).toBe(all.length);
  const own = tokenizer.encode(lines[0]!);
  expect(prompt({ iteration: 0 }).slice(-15)).toEqual(own.slice(0, 16).slice(-15));
});

test('prompts of two attempts differ from their first tokens on, in every form', () => {
  const [one, other] = [drawSalt(), drawSalt()];
  for (const [own, counting] of [
    [settings, null],
    [settings, tokenizer],
    [{ ...settings, api: 'chat' }, null],
  ] as const) {
    const source = promptSource(own, counting, 64);
    const head = (seed: number) => {
      const prompt = source(key({ seed }));
      return (typeof prompt === 'string' ? prompt.trim().split(' ') : (prompt as number[])).slice(0, 8);
    };
    expect(head(one)).not.toEqual(head(other));
  }
});

test('a line that is too short, no line at all, and lines without a tokenizer are refused', () => {
  const prompts = file('short.txt', ' aba bcb cdc\n\n aca\n');
  expect(() => promptSource({ ...settings, prompts }, tokenizer, 3)).toThrow(
    `${prompts}, line 3: it has 1 tokens, and prompt_tokens asks for 3`,
  );
  expect(() => promptSource({ ...settings, prompts: file('empty.txt', '\n') }, tokenizer, 3)).toThrow('no prompt');
  expect(() => promptSource({ ...settings, prompts }, null, 3)).toThrow('needs a tokenizer');
});

test('a tokenizer may be an asset: the file, or a folder that has it', () => {
  for (const asset of [join(folder, 'tokenizer.json'), folder])
    expect(openTokenizer({ asset }).encode(' aba bcb')).toEqual(tokenizer.encode(' aba bcb'));
});

test('a file that is no tokenizer, and one without words, are refused', () => {
  const open = () => openTokenizer(file('wrong.json', '{"model": {}}'));
  expect(open).toThrow(Unsupported);
  const few = openTokenizer(file('few.json', tokenizerOfWords(['aba'])));
  expect(() => promptSource(settings, few, 8)).toThrow(/only 2 words/);
});

import { assert, constantFrom, integer, property } from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkResult } from '../../../../plugins/nx-study/src/measure/worker/result.ts';
import { temporaryFolder } from '../../machine/helpers.ts';
import { kind, offline, payloadOf, refusalsOf, requestOf, servedOf } from './payload.ts';

const iteration = offline.generate[0]!;
const withIteration = (changes: object) =>
  payloadOf([{ ...offline, generate: [iteration, { ...iteration, ...changes }] }]);

test('accepts what was asked for', () => {
  expect(refusalsOf(payloadOf())).toEqual([]);
  expect(refusalsOf(payloadOf([offline, servedOf([requestOf()])]))).toEqual([]);
});

test.each([
  [
    { new_tokens: [3, 2] },
    '3 new tokens were asked for, but 2 were produced (workload 0, iteration 1, sequence 1): a sequence must neither stop early nor go on',
  ],
  [
    { new_tokens: [3, 4] },
    '3 new tokens were asked for, but 4 were produced (workload 0, iteration 1, sequence 1): a sequence must neither stop early nor go on',
  ],
  [{ new_tokens: [3] }, 'a batch of 2 was asked for, but 1 sequences ran (workload 0, iteration 1)'],
  [
    { prompt_tokens: [10, 9] },
    'prompts of 10 tokens were asked for, but one of 9 was read (workload 0, iteration 1, sequence 1)',
  ],
  [{ prompt_tokens: [10, 10, 10] }, 'a batch of 2 was asked for, but 3 sequences ran (workload 0, iteration 1)'],
  [{ token_times_s: [[0.1, 0.2]] }, '3 tokens were produced, but 2 have a time (workload 0, iteration 1, sequence 0)'],
  [
    { token_times_s: [[0.1, 0.3, 0.2]] },
    'time runs backwards: 0.2 s after 0.3 s (workload 0, iteration 1, sequence 0)',
  ],
  [
    {
      token_times_s: [
        [0.1, 0.2, 0.3],
        [0.1, 0.2, 0.3],
        [0.1, 0.2, 0.3],
      ],
    },
    'times are needed for each of the 2 sequences, or once for all, but there are 3 lists (workload 0, iteration 1)',
  ],
])('refuses %j', (changes, message) => {
  expect(refusalsOf(withIteration(changes))).toEqual([message]);
});

test('refuses a prefill pass over other prompts', () => {
  const prefill = [{ start_s: 1, elapsed_s: 0.1, prompt_tokens: [10, 11] }];
  expect(refusalsOf(payloadOf([{ ...offline, prefill }]))).toEqual([
    'prompts of 10 tokens were asked for, but one of 11 was read (workload 0, prefill 0, sequence 1)',
  ]);
});

test.each([
  ['threads', 4, 2],
  ['compute_dtype', 'bfloat16', 'float32'],
  ['attention', 'flash_attention_2', 'sdpa'],
  ['flash_attention', true, false],
  ['cache', 'static', 'dynamic'],
  ['quantisation', 'bnb-nf4', 'bnb-int8'],
  ['kv_cache_key', 'q8_0', 'f16'],
  ['device', 'cuda', 'cpu'],
  ['weights_format', 'q4_1', 'f16'],
])('refuses %s %j in place of %j', (name, effective, asked) => {
  const payload = payloadOf(undefined, { settings: { asked: { [name]: asked }, effective: { [name]: effective } } });
  expect(refusalsOf(payload)).toEqual([
    `"${name}": ${JSON.stringify(asked)} was asked for, but ${JSON.stringify(effective)} was in effect. Ask for what the engine can do`,
  ]);
});

test.each([
  ['null leaves it to the engine', { threads: null }, { threads: 2 }],
  ['"auto" leaves it to the engine', { device: 'auto' }, { device: 'cpu' }],
  ['an effective null is not told', { threads: 2 }, { threads: null }],
  ['nothing is told', { threads: 2 }, {}],
  ['other settings are only a finding', { context_size: 1000 }, { context_size: 768 }],
  ['names of Object', { threads: 2 }, { constructor: 1 }],
])('accepts: %s', (_, asked, effective) => {
  expect(refusalsOf(payloadOf(undefined, { settings: { asked, effective } }))).toEqual([]);
});

test('one refusal for each workload, however many iterations are wrong', () => {
  const wrong = { ...offline, generate: Array.from({ length: 100 }, () => ({ ...iteration, new_tokens: [1, 1] })) };
  expect(refusalsOf(payloadOf([wrong, offline, wrong]))).toHaveLength(2);
});

test.each([
  ['no workload', payloadOf([])],
  ['no iteration', payloadOf([{ ...offline, generate: [] }])],
  ['no request', payloadOf([servedOf([])])],
  ['another mode', payloadOf([{ ...offline, mode: 'magic' }])],
  ['a batch of none', payloadOf([{ ...offline, batch_size: 0 }])],
  ['negative tokens', payloadOf([{ ...offline, new_tokens: -3 }])],
  ['half a token', payloadOf([{ ...offline, prompt_tokens: 2.5 }])],
  ['a negative time', withIteration({ token_times_s: [[-1, 0, 1]] })],
  ['text for a time', withIteration({ token_times_s: [['0.1', '0.2', '0.3']] })],
  ['no list of times', withIteration({ token_times_s: [] })],
  ['a negative load', payloadOf(undefined, { load: { ...payloadOf().load, import_s: -1 } })],
  ['measured energy without a counter', payloadOf([{ ...offline, energy: { status: 'measured', domains: [] } }])],
  ['an estimate', payloadOf([{ ...offline, energy: { status: 'estimated', joules: 5 } }])],
  ['a list', [] as never],
  ['an empty object', {} as never],
])('does not fit: %s', (_, payload) => {
  expect(kind.payload.safeParse(payload).success).toBe(false);
});

test('keeps further keys', () => {
  const parsed = kind.payload.parse(payloadOf([{ ...offline, colour: 'blue' }], { shape: 'round' }));
  expect(parsed).toMatchObject({ shape: 'round', workloads: [{ colour: 'blue' }] });
});

test('a refused result is an invalid one, and says why', async () => {
  const directory = temporaryFolder();
  const write = (payload: object) =>
    writeFile(join(directory, 'result.json'), JSON.stringify({ protocol: 1, kind: 'llm-inference', payload }));
  await write(payloadOf());
  expect((await checkResult(directory, 'llm-inference')).state).toBe('complete');
  await write(withIteration({ new_tokens: [3, 2] }));
  expect(await checkResult(directory, 'llm-inference')).toEqual({
    state: 'invalid',
    problem: expect.stringMatching(
      /^result\.json does not fit kind "llm-inference": .*3 new tokens .* 2 were produced/s,
    ),
  });
});

test('property: whatever was produced instead is refused, and named', () => {
  const wrong = (asked: number) => integer({ min: 0, max: 1e6 }).filter((count) => count !== asked);
  const sequence = constantFrom(0, 1);
  assert(
    property(wrong(3), wrong(10), sequence, (produced, read, at) => {
      const where = `iteration 1, sequence ${at}`;
      const [tooFew] = refusalsOf(withIteration({ new_tokens: [3, 3].with(at, produced) }));
      expect(tooFew).toMatch(new RegExp(`^3 new tokens were asked for, but ${produced} were produced .*${where}`));
      const [other] = refusalsOf(withIteration({ prompt_tokens: [10, 10].with(at, read) }));
      expect(other).toMatch(new RegExp(`^prompts of 10 tokens were asked for, but one of ${read} was read .*${where}`));
    }),
  );
});

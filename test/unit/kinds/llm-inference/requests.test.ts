import { expect, test } from 'vitest';
import {
  codesIn,
  factIn,
  metricIn,
  workloadOf,
  payloadOf,
  refusalsOf,
  requestOf,
  servedOf,
  valueIn,
} from './payload.ts';

/** As the worker of today writes it: a last token after 0.5 s, over after 0.6 s. */
const told = (changes: object = {}) =>
  requestOf({ end_s: 0.5, done_s: 0.51, first_text_s: 0.2, counted_by: 'server-usage', text_tokens: null, ...changes });
const uncounted = { usage: null, new_tokens: null, counted_by: null, first_chunk_tokens: null };
const served = (requests: object[], changes: object = {}) => servedOf(requests, { token_count: {}, ...changes });
const incomplete = (type: string, message = 'why') => told({ incomplete: { type, message } });

test('a request that is incomplete is no success, whatever it has', () => {
  const part = workloadOf(served([told(), incomplete('length', '3 were asked for'), incomplete('no-text')]));
  expect(valueIn(part, 'requests_successful')).toBe(1);
  expect(valueIn(part, 'requests_incomplete')).toBe(2);
  expect(factIn(part, 'request_incomplete')).toBe('length 1, no-text 1');
  expect(part.findings.find(({ code }) => code === 'incomplete-requests')!.message).toBe(
    '2 of 3 requests did not end as asked (length 1, no-text 1; the first: 3 were asked for); the times are those of the others',
  );
});

test('a result most of whose requests have another length than asked is refused: the rest is a selection', () => {
  const short = incomplete('length', '3 new tokens were asked for, but 2 were produced');
  expect(refusalsOf(payloadOf([served([told(), short, short])]))).toEqual([
    expect.stringMatching(/^2 of 3 requests have another length than asked \(workload 0\).*3 new tokens.*at-most/),
  ]);
  expect(refusalsOf(payloadOf([served([told(), told(), short])]))).toEqual([]);
});

test('a result without any success, but with requests that ended otherwise, is refused', () => {
  const error = { type: 'timeout', message: 'late' };
  expect(refusalsOf(payloadOf([served([incomplete('no-text', 'an answer without text')])]))).toEqual([
    expect.stringMatching(/^none of 1 requests succeeded \(workload 0\).*\(no-text\): an answer without text$/),
  ]);
  for (const type of ['no-text', 'no-finish-reason', 'finish-reason'])
    expect(refusalsOf(payloadOf([served([told({ end_s: null, error }), incomplete(type)])]))).toHaveLength(1);
  expect(refusalsOf(payloadOf([served([told(), incomplete('length')])]))).toEqual([]);
});

test('what an older worker took for a success, though the server broke it off, is none', () => {
  const part = workloadOf(
    servedOf([requestOf(), requestOf({ finish_reason: 'error' }), requestOf({ finish_reason: 'abort' })]),
  );
  expect(valueIn(part, 'requests_successful')).toBe(1);
  expect(valueIn(part, 'requests_incomplete')).toBe(2);
});

test('records of older workers keep their way of counting, and a warning where chunks stood for tokens', () => {
  const chunks = workloadOf(servedOf([requestOf()], { token_count: 'chunks' }));
  expect(factIn(chunks, 'token_count')).toBe('chunks');
  expect(codesIn(chunks)).toContain('chunks-as-tokens');
  expect(codesIn(workloadOf(servedOf([requestOf()], { token_count: 'server-usage' })))).not.toContain(
    'chunks-as-tokens',
  );
});

test('requests without a count: what needs all counts is missing, the rest is of the others', () => {
  const part = workloadOf(served([told(), told(uncounted)], { token_count: { 'server-usage': 1, none: 1 } }));
  expect(factIn(part, 'token_count')).toBe('server-usage 1, none 1');
  expect(codesIn(part)).toEqual(['tokens-uncounted']);
  expect(valueIn(part, 'tpot_n')).toBe(1);
  expect(valueIn(part, 'itl_n')).toBe(2);
  expect(valueIn(part, 'ttft_n')).toBe(2);
  expect(valueIn(part, 'output_tok_s_whole')).toBeNull();
  const none = workloadOf(served([told(uncounted)]));
  for (const name of ['tpot_s', 'itl_s', 'ntpot_s'])
    expect(metricIn(none, name)).toMatchObject({ value: null, reason: expect.stringContaining('give `tokenizer`') });
  const chunks = workloadOf(
    served([told({ new_tokens: 6, first_chunk_tokens: null, usage: null })], { new_tokens: 6 }),
  );
  expect(metricIn(chunks, 'tpot_s')!.reason).toMatch(/fewer chunks with text than tokens.*give `tokenizer`/);
});

test('the count of the server and that of the tokenizer: more than 1 % apart is a finding with both', () => {
  const counts = (theirs: number, ours: number) =>
    told({ new_tokens: theirs, text_tokens: ours, usage: { prompt_tokens: 12, completion_tokens: theirs } });
  const finding = (requests: object[], new_tokens: number) =>
    workloadOf(served(requests, { new_tokens })).findings.find(({ code }) => code === 'counts-differ')?.message;
  expect(finding([counts(300, 200)], 300)).toMatch(
    /^the server counts 300 new tokens in 1 requests, the tokenizer 200 .*\(\+50\.0 %\)/,
  );
  expect(valueIn(workloadOf(served([counts(300, 200)], { new_tokens: 300 })), 'usage_difference_percent')).toBe(50);
  expect(finding([counts(300, 298)], 300)).toBeUndefined();
  // Both ways at once is no agreement.
  expect(finding([counts(300, 200), counts(300, 400)], 300)).toBeDefined();
});

test('the token with which a model ends its answer has no text: its count is no difference', () => {
  const short = (theirs: number, finish_reason: string) =>
    told({
      new_tokens: theirs,
      text_tokens: 6,
      finish_reason,
      usage: { prompt_tokens: 12, completion_tokens: theirs },
    });
  const codes = (one: object) => codesIn(workloadOf(served([one, one], { new_tokens: 24, length: 'at-most' })));
  expect(codes(short(7, 'stop'))).not.toContain('counts-differ');
  for (const other of [short(7, 'length'), short(8, 'stop'), short(5, 'stop')])
    expect(codes(other)).toContain('counts-differ');
});

test('prompts that the server reads shorter than they were sent are a finding; a chat template is none', () => {
  const read = (prompt_tokens: number) =>
    workloadOf(served([told({ usage: { prompt_tokens, completion_tokens: 3 } })]));
  expect(codesIn(read(5))).toContain('prompts-shortened');
  for (const count of [10, 40]) expect(codesIn(read(count))).not.toContain('prompts-shortened');
});

test('answers that are over long after their last token are a finding of a closed loop', () => {
  expect(codesIn(workloadOf(served([told({ done_s: 1.5 })])))).toContain('late-ends');
  const open = { mode: 'open-loop', concurrency: null, rate_per_s: 1 };
  expect(codesIn(workloadOf(served([told({ done_s: 1.5, scheduled_s: 10 })], open)))).not.toContain('late-ends');
});

test('chunks that all arrived at once give no time to the first token, and no time per token of 0', () => {
  const together = workloadOf(served([told({ chunk_times_s: [0.5, 0.5, 0.5] })]));
  for (const name of ['ttft_s', 'tpot_s', 'itl_s'])
    expect(metricIn(together, name)).toMatchObject({
      value: null,
      reason: expect.stringContaining('holds its stream back'),
    });
  const some = workloadOf(served([told(), told({ chunk_times_s: [0.5, 0.5, 0.5] })]));
  expect(valueIn(some, 'tpot_n')).toBe(1);
});

test('an answer that was held back is one also where reading it took a moment: beside others its first token is as late as it came', () => {
  const burst = told({ chunk_times_s: [0.49, 0.490_02, 0.490_04], scheduled_s: 10 });
  const open = { mode: 'open-loop', concurrency: null, rate_per_s: 1 };
  const all = workloadOf(served([burst, burst], open));
  for (const name of ['ttft_s', 'tpot_s', 'itl_s', 'chunk_gap_s', 'ttft_due_s'])
    expect(metricIn(all, name)).toMatchObject({
      value: null,
      reason: expect.stringContaining('holds its stream back'),
    });
  expect(valueIn(all, 'e2e_due_s')).not.toBeNull();
  expect(codesIn(all)).not.toContain('held-back');
  const single = told({ chunk_times_s: [0.5], first_chunk_tokens: 3 });
  const some = workloadOf(served([told(), burst, single]));
  // To leave out what a stall held up would leave out the longest waits.
  expect([valueIn(some, 'ttft_n'), valueIn(some, 'tpot_n'), valueIn(some, 'e2e_n')]).toEqual([3, 1, 3]);
  expect(valueIn(some, 'ttft_max_s')).toBe(0.5);
  expect(some.findings.find(({ code }) => code === 'held-back')!.message).toContain('2 of 3 answers');
  const short = workloadOf(served([told(), single], { length: 'at-most' }));
  expect(codesIn(short)).not.toContain('held-back');
  expect(valueIn(short, 'ttft_n')).toBe(2);
  expect(valueIn(workloadOf(served([single, single], { length: 'at-most' })), 'ttft_s')).toBeNull();
});

test('answers that end by themselves: their lengths, any number up to the most, and no more', () => {
  const answer = (new_tokens: number) =>
    told({ new_tokens, usage: { prompt_tokens: 12, completion_tokens: new_tokens } });
  const atMost = (counts: number[]) => served(counts.map(answer), { new_tokens: 9, length: 'at-most' });
  const part = workloadOf(atMost([1, 3, 9]));
  expect([valueIn(part, 'output_tokens'), valueIn(part, 'output_max_tokens'), valueIn(part, 'output_n')]).toEqual([
    3, 9, 3,
  ]);
  expect(refusalsOf(payloadOf([atMost([1, 3, 9])]))).toEqual([]);
  expect(refusalsOf(payloadOf([atMost([1, 10])]))).toHaveLength(1);
  expect(metricIn(workloadOf(served([told()])), 'output_tokens')).toBeUndefined();
});

test('where the first token has no text, the time to the first text stands beside TTFT', () => {
  const part = workloadOf(served([told({ first_text_s: 0.3 }), told()]));
  expect([valueIn(part, 'ttft_s'), valueIn(part, 'ttft_text_max_s')]).toEqual([0.2, 0.3]);
  expect(metricIn(workloadOf(served([told()])), 'ttft_text_s')).toBeUndefined();
});

test('hits of a cache are held against those that shared beginnings let one expect', () => {
  const read = (cached_tokens: number | null, shared: object) =>
    workloadOf(
      served([
        told({
          prompt_tokens: 40,
          usage: { prompt_tokens: 40, completion_tokens: requestOf().new_tokens, cached_tokens },
          ...shared,
        }),
      ]),
    );
  const shared = { shared_tokens: 20 };
  expect(valueIn(read(20, shared), 'expected_cached_percent')).toBe(50);
  expect(metricIn(read(20, {}), 'expected_cached_percent')!.reason).toContain('prompts share no beginning');
  expect(codesIn(read(0, shared))).toContain('prefix-hits-differ');
  for (const part of [read(18, shared), read(null, shared), read(0, {})])
    expect(codesIn(part)).not.toContain('prefix-hits-differ');
});

test('the history of a conversation and the prompt that it is a part of are both counted by the server', () => {
  const usage = { prompt_tokens: 60, completion_tokens: requestOf().new_tokens, cached_tokens: 45 };
  // By the tokenizer, without the chat template of each message.
  const part = workloadOf(served([told({ turn: 2, prompt_tokens: 40, shared_tokens: 45, usage })]));
  expect(valueIn(part, 'expected_cached_percent')).toBe(75);
  expect(codesIn(part)).not.toContain('prefix-hits-differ');
});

test('times per token of some answers alone are a selection, which a finding says', () => {
  const unknown = told({ first_chunk_tokens: null });
  const of = (...requests: object[]) => workloadOf(served(requests));
  const some = of(told(), unknown, unknown);
  expect(valueIn(some, 'tpot_n')).toBe(1);
  expect(codesIn(some)).toContain('tpot-of-some');
  // Of none there is no such time, which says why; an answer with one token has none.
  for (const all of [of(unknown, unknown), of(told(), told({ new_tokens: 1, first_chunk_tokens: null }))])
    expect(codesIn(all)).not.toContain('tpot-of-some');
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compact, countsByWay, recordOf } from '../../../../workers/endpoint/src/count.ts';
import type { Sent } from '../../../../workers/endpoint/src/load/loop.ts';
import { openTokenizer } from '../../../../workers/endpoint/src/tokenizer.ts';
import { tokenizerOfWords } from '../../../helpers/tokenizer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-study-count-'));
writeFileSync(join(folder, 'tokenizer.json'), tokenizerOfWords(['aba', 'bcb']));
const tokenizer = openTokenizer(join(folder, 'tokenizer.json'));
rmSync(folder, { recursive: true });

const usage = (completion_tokens: number) => ({ prompt_tokens: 9, completion_tokens, cached_tokens: null });
const sent = (chunks: string[], changes: Partial<Sent['reply']> = {}, prompt: Sent['prompt'] = ' aba bcb'): Sent => ({
  scheduled_s: null,
  waited_s: 0,
  prompt,
  asked_tokens: 4,
  asked_prompt_tokens: 2,
  reply: {
    start_s: 1.23456789,
    chunk_times_s: Float64Array.from(chunks, (_, index) => 0.1 * (index + 1)),
    chunks,
    first_text_s: 0.1,
    first_chunk_tokens: null,
    end_s: 1,
    done_s: 1.1,
    usage: null,
    usage_is_running: false,
    finish_reason: 'length',
    own_end_s: null,
    model: 'm',
    embeddings: null,
    server: null,
    retry_after_s: null,
    connection_reused: true,
    connect_s: null,
    sent_again: 0,
    error: null,
    ...changes,
  },
});

test("each request is counted by itself: the server's count is the number, the tokenizer fills gaps, chunks are no tokens", () => {
  const told = sent([' aba', ' bcb aba'], { usage: usage(4) });
  const silent = sent([' aba', ' bcb aba']);
  expect(recordOf(told, tokenizer, 'exact')).toMatchObject({
    prompt_tokens: 2,
    new_tokens: 4,
    counted_by: 'server-usage',
    text_tokens: 3,
    first_chunk_tokens: 1,
    usage: usage(4),
  });
  expect(recordOf(told, null, 'exact')).toMatchObject({ prompt_tokens: 9, new_tokens: 4, first_chunk_tokens: null });
  expect(recordOf(silent, tokenizer, 'exact')).toMatchObject({ new_tokens: 3, counted_by: 'pinned-tokenizer' });
  expect(recordOf(silent, null, 'exact')).toMatchObject({
    new_tokens: null,
    counted_by: null,
    text_tokens: null,
    first_chunk_tokens: null,
    incomplete: null,
  });
  const running = sent([' aba', ' bcb aba'], { usage: usage(4), usage_is_running: true, first_chunk_tokens: 2 });
  expect(recordOf(running, tokenizer, 'exact')).toMatchObject({ counted_by: 'running-usage', first_chunk_tokens: 2 });

  const failed = sent([], { end_s: null, error: { type: 'timeout', message: 'late', status: null } });
  const records = [told, told, silent, running, failed].map((one) => recordOf(one, null, 'exact'));
  expect(countsByWay(records)).toEqual({ 'server-usage': 2, 'running-usage': 1, none: 1 });
  expect(records.at(-1)).toMatchObject({ new_tokens: null, prompt_tokens: null, end_s: null, incomplete: null });
});

test('the token with which a model ends its answer came with the finish reason, where the server counts it', () => {
  const ended = { finish_reason: 'stop', end_s: 0.2, own_end_s: 0.3 };
  const chunks = [' aba', ' bcb aba'];
  const of = (changes: object, by: typeof tokenizer | null = tokenizer) =>
    recordOf(sent(chunks, { ...ended, ...changes }), by, 'at-most');
  expect(of({ usage: usage(4) })).toMatchObject({ chunk_times_s: [0.1, 0.2, 0.3], end_s: 0.3, first_chunk_tokens: 1 });
  // Not counted; two more; nobody counts the text; at the limit.
  for (const one of [
    of({ usage: usage(3) }),
    of({ usage: usage(5) }),
    of({ usage: usage(4) }, null),
    of({ usage: usage(4), own_end_s: null }),
  ])
    expect(one).toMatchObject({ chunk_times_s: [0.1, 0.2], end_s: 0.2 });
});

test('a request without an error is complete with a finish reason that means it, text, and the tokens asked for', () => {
  const typeOf = (changes: Partial<Sent['reply']>, by: 'exact' | 'at-most' = 'exact', chunks = [' aba']) =>
    recordOf(sent(chunks, changes), tokenizer, by).incomplete?.type ?? null;
  expect(typeOf({ usage: usage(4) })).toBeNull();
  expect(typeOf({ finish_reason: null, usage: usage(4) })).toBe('no-finish-reason');
  expect(typeOf({ finish_reason: 'whatever', usage: usage(4) })).toBe('finish-reason');
  expect(typeOf({ usage: usage(4) }, 'exact', [])).toBe('no-text');
  for (const count of [3, 5]) expect(typeOf({ usage: usage(count) })).toBe('length');
  expect(typeOf({ usage: usage(3) }, 'at-most')).toBeNull();
  expect(typeOf({ usage: usage(5) }, 'at-most')).toBe('length');
  // Without the server's count, text that is counted again shows only that an answer ended by itself.
  expect(typeOf({ finish_reason: 'stop' })).toBe('length');
  expect(typeOf({ finish_reason: 'length' })).toBeNull();
  const { incomplete } = recordOf(sent([' aba'], { usage: usage(3), finish_reason: 'stop' }), null, 'exact');
  expect(incomplete!.message).toBe('4 new tokens were asked for, but 3 were produced (finish reason "stop")');
});

test('an answer that ended early is incomplete, whoever counts it and whatever the server calls the end', () => {
  const typeOf = (
    chunks: string[],
    finish_reason: string,
    counter: typeof tokenizer | null,
    rule: 'exact' | 'at-most' = 'exact',
  ) => recordOf(sent(chunks, { finish_reason }), counter, rule).incomplete?.type ?? null;
  for (const reason of ['stop', 'eos_token', 'STOP', 'end_turn', 'stop_sequence'])
    for (const counter of [tokenizer, null]) {
      expect(typeOf([' aba', ' bcb'], reason, counter)).toBe('length');
      expect(typeOf([' aba', ' bcb', ' aba', ' bcb'], reason, counter)).toBeNull();
      expect(typeOf([' aba', ' bcb'], reason, counter, 'at-most')).toBeNull();
    }
  expect(typeOf([' aba bcb', ' aba bcb'], 'length', null)).toBeNull();
});

test('ids of a prompt are counted as they are; times are rounded to microseconds', () => {
  expect(recordOf(sent(['a'], {}, [5, 6, 7]), null, 'exact')).toMatchObject({ prompt_tokens: 3, start_s: 1.234568 });
  expect(recordOf({ ...sent(['a']), scheduled_s: 0.12345678 }, null, 'exact').scheduled_s).toBe(0.123457);
});

test('what is kept of an answer gives the same record', () => {
  const told = sent([' aba', ' bcb', ' aba'], { usage: usage(4) });
  for (const by of [tokenizer, null]) {
    const kept = { ...told, prompt: { tokens: by === null ? null : 2 }, reply: compact(told.reply, by !== null) };
    expect(recordOf(kept, by, 'exact')).toEqual(recordOf(told, by, 'exact'));
    expect(kept.reply.chunks).toEqual(by === null ? [] : [' aba', ' bcb aba']);
  }
});

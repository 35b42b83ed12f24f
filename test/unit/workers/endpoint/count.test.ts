import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countedBy, recordOf } from '../../../../workers/endpoint/src/count.ts';
import type { Sent } from '../../../../workers/endpoint/src/loops.ts';
import { openTokenizer } from '../../../../workers/endpoint/src/tokenizer.ts';
import { tokenizerOfWords } from '../../../helpers/tokenizer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-study-count-'));
writeFileSync(join(folder, 'tokenizer.json'), tokenizerOfWords(['aba', 'bcb']));
const tokenizer = openTokenizer(join(folder, 'tokenizer.json'));
rmSync(folder, { recursive: true });

const usage = (completion_tokens: number) => ({ prompt_tokens: 9, completion_tokens, cached_tokens: null });
const sent = (chunks: string[], changes: Partial<Sent['reply']> = {}, prompt: Sent['prompt'] = ' aba bcb'): Sent => ({
  scheduled_s: null,
  prompt,
  reply: {
    start_s: 1.23456789,
    chunk_times_s: chunks.map((_, index) => 0.1 * (index + 1)),
    chunks,
    end_s: 1,
    usage: null,
    finish_reason: 'length',
    model: 'm',
    server: null,
    connection_reused: true,
    error: null,
    ...changes,
  },
});

test('tokens are counted by the tokenizer, or else as the server says, or else chunks stand for them', () => {
  const told = sent([' aba', ' bcb aba'], { usage: usage(4) });
  expect(countedBy(tokenizer, [told])).toBe('pinned-tokenizer');
  expect(countedBy(null, [told])).toBe('server-usage');
  expect(countedBy(null, [told, sent([' aba'])])).toBe('chunks');
  const failed = sent([], { end_s: null, error: { type: 'timeout', message: 'late', status: null } });
  expect(countedBy(null, [told, failed])).toBe('server-usage');

  const pinned = recordOf(told, tokenizer, 'pinned-tokenizer');
  expect(pinned).toMatchObject({ prompt_tokens: 2, new_tokens: 3, first_chunk_tokens: 1, usage: usage(4) });
  expect(recordOf(told, null, 'server-usage')).toMatchObject({
    prompt_tokens: 9,
    new_tokens: 4,
    first_chunk_tokens: null,
  });
  expect(recordOf(told, null, 'chunks')).toMatchObject({ new_tokens: 2 });
  expect(recordOf(failed, null, 'server-usage')).toMatchObject({ new_tokens: null, prompt_tokens: null, end_s: null });
});

test('as many chunks as tokens are one token each', () => {
  const reply = recordOf(sent(['a', 'b'], { usage: usage(2) }), null, 'server-usage');
  expect(reply).toMatchObject({ new_tokens: 2, first_chunk_tokens: 1 });
});

test('ids of a prompt are counted as they are; times are rounded to microseconds', () => {
  expect(recordOf(sent(['a'], {}, [5, 6, 7]), null, 'chunks')).toMatchObject({ prompt_tokens: 3, start_s: 1.234568 });
  expect(recordOf({ ...sent(['a']), scheduled_s: 0.12345678 }, null, 'chunks').scheduled_s).toBe(0.123457);
});

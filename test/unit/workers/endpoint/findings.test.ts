import { expect, test } from 'vitest';
import { warnAbout, warnOfAnother } from '../../../../workers/endpoint/src/findings.ts';
import type { recordOf } from '../../../../workers/endpoint/src/count.ts';
import type { CacheCounters } from '../../../../workers/endpoint/src/watch/watch.ts';
import type { ClientLag } from '../../../../workers/endpoint/src/lag.ts';
import type { Workload } from '../../../../workers/endpoint/src/client.ts';
import type { Events } from '../../../../workers/kits/node/index.ts';

type Request = ReturnType<typeof recordOf>;

const workload: Pick<Workload, 'index' | 'load'> = { index: 3, load: { mode: 'closed', concurrency: 1 } };
const request = (changes: Partial<Request> = {}): Request => ({
  scheduled_s: null,
  waited_s: 0,
  asked_tokens: 4,
  asked_prompt_tokens: 10,
  start_s: 1,
  chunk_times_s: [0.1, 0.12, 0.14, 0.16],
  end_s: 0.16,
  done_s: 0.17,
  first_text_s: 0.1,
  counted_by: 'server-usage',
  text_tokens: null,
  incomplete: null,
  prompt_tokens: 10,
  new_tokens: 4,
  first_chunk_tokens: 1,
  usage: { prompt_tokens: 10, completion_tokens: 4, cached_tokens: 1 },
  finish_reason: 'length',
  connection_reused: true,
  connect_s: null,
  sent_again: 0,
  error: null,
  ...changes,
});
const calm: ClientLag = {
  mean_s: 0.0005,
  p99_s: 0.002,
  max_s: 0.003,
  appointments: 100,
  own_p99_s: 0.001,
  busy_share: 0.1,
  own_share: 0.08,
  cpu_share: 0.1,
  threads: 1,
  each: [],
};

function warnings(
  requests: Request[],
  lag: ClientLag = calm,
  cache: CacheCounters | null = null,
  template_tokens: number | null = 0,
): Record<string, string> {
  const found: [string, string][] = [];
  warnAbout({ warning: (code: string, message: string) => found.push([code, message]) } as unknown as Events, {
    workload,
    requests,
    lag,
    cache,
    template_tokens,
  });
  return Object.fromEntries(found);
}

test('nothing is said of a series that went well', () => {
  expect(warnings([request(), request({ scheduled_s: 0.995 })])).toEqual({});
});

test('failed requests are counted, with the first error', () => {
  const error = { type: 'http-status', message: 'HTTP 429: slow down', status: 429 } as const;
  const failed = request({ error, end_s: null, chunk_times_s: [], usage: null });
  expect(warnings([request(), failed, failed])).toEqual({
    'failed-requests':
      'workload 3: 2 of 3 requests failed; the first (http-status): HTTP 429: slow down. ' +
      'A user waits 0.5 s after a failure, so fewer requests than asked for were under way, and rates are too low',
  });
});

test('requests that were sent again are counted: their server may have failed', () => {
  const found = warnings([request(), request({ sent_again: 2 }), request({ sent_again: 1 })]);
  expect(found['sent-again']).toContain('workload 3: 2 of 3 requests were sent again');
});

test('a client whose own work delays it by half a chunk gap, or that is busy, says so', () => {
  const late = warnings([request()], { ...calm, p99_s: 0.015, own_p99_s: 0.011 });
  expect(late['client-saturated']).toContain(
    'was up to 15.0 ms late (99 %; by its own work up to 11.0 ms) where chunks came every 20.0 ms: its own delays are in',
  );
  const busy = { ...calm, busy_share: 0.95, own_share: 0.9 };
  expect(warnings([request()], busy)).toEqual({
    'client-saturated': expect.stringContaining(
      'this client had work for 95 % of the time and a core for 90 %, was up',
    ),
  });
  // Two threads may well take more than one core.
  expect(warnings([request()], { ...calm, cpu_share: 1.3, threads: 2 })).toEqual({});
  expect(warnings([request()], { ...busy, threads: 2 })['client-saturated']).toContain(
    "the worst of this client's threads (2, and one for the schedule) had work",
  );
  const oneChunk = request({ chunk_times_s: [0.1] });
  expect(warnings([oneChunk], { ...calm, p99_s: null, own_p99_s: null })).toEqual({});
});

test('a client that does little, and that the machine around it delays, is not at its limit', () => {
  expect(warnings([request()], { ...calm, p99_s: 0.011, own_share: 0.02 })).toEqual({
    'client-delayed':
      'workload 3: this client had work for 10 % of the time and a core for 2 %, was up to 11.0 ms late (99 %; by its own work up to 1.0 ms) ' +
      'where chunks came every 20.0 ms: others had its core, or stopped it, and these delays are in the times',
  });
  expect(warnings([request()], { ...calm, busy_share: 0.9 })).toEqual({
    'client-delayed': expect.stringContaining('had work for 90 % of the time and a core for 8 %'),
  });
});

test('chunks that one read brings have no gap, and a client is not late because of that', () => {
  const at = (...times: number[]) => request({ chunk_times_s: times, end_s: times.at(-1)! });
  // Four chunks each 80 ms: 160 ms for 11 steps from chunk to chunk.
  const bursts = at(...[0.1, 0.18, 0.26].flatMap((time) => [time, time, time, time]));
  expect(warnings([bursts])).toEqual({});
  expect(warnings([bursts], { ...calm, p99_s: 0.007 })).toEqual({});
  expect(warnings([bursts], { ...calm, p99_s: 0.02, own_p99_s: 0.02 })['client-saturated']).toContain(
    'where chunks came every 14.5 ms',
  );
  // All in one read: nothing is known of gaps.
  expect(warnings([at(0.1, 0.1, 0.1)])).toEqual({});
  expect(warnings([at()])).toEqual({});
});

test('late starts of an open loop are counted', () => {
  const requests = [request({ scheduled_s: 0.9 }), request({ scheduled_s: 0.999 })];
  expect(warnings(requests)['late-starts']).toContain('1 of 2 requests started more than 0.01 s after their time');
});

test('prompts from a cache are told; a start token and the tokens of a chat template are not', () => {
  const usage = (prompt_tokens: number, cached_tokens: number | null) =>
    request({ usage: { prompt_tokens, completion_tokens: 4, cached_tokens } });
  expect(warnings([usage(10, 9), request()])['prompt-cache']).toContain(
    'took 10 of 20 prompt tokens from a cache, at least 8 of them beyond',
  );
  // A template of 30 tokens around prompts of 10.
  expect(warnings([usage(40, 31), usage(40, 0), usage(40, null)])).toEqual({});
  expect(warnings([usage(40, 33)])).toHaveProperty('prompt-cache');
  // A block of 16 tokens of 1,600 is 1 %.
  const long = (cached: number) => warnings([{ ...usage(1600, cached), prompt_tokens: 1600 }]);
  expect(long(16)).toEqual({});
  expect(long(32)).toHaveProperty('prompt-cache');
});

test('tokens of a template around prompts that nobody counts: as many as it is told to add, and none where nobody tells', () => {
  // Without a tokenizer the server's count is the only one.
  const chat = (cached_tokens: number) =>
    request({ prompt_tokens: 62, usage: { prompt_tokens: 62, completion_tokens: 4, cached_tokens } });
  const seven = Array.from({ length: 7 }, () => chat(24));
  expect(warnings(seven, calm, null, 30)).toEqual({});
  expect(warnings([...seven, chat(61)], calm, null, 30)['prompt-cache']).toContain(
    'took 229 of 496 prompt tokens from a cache, at least 30 of them beyond',
  );
  expect(warnings(seven, calm, null, null)['prompt-cache']).toMatch(
    /took 168 of 434 prompt tokens from a cache\. They may be no more than the chat template.*give `tokenizer`$/,
  );
  // The history of a later turn has the template in it.
  const second = { ...chat(55), turn: 2, shared_tokens: 24 };
  expect(warnings([second as Request], calm, null, 30)).toHaveProperty('prompt-cache');
  // Also where a tokenizer counts the prompts: 62 - 32 are the template's of all messages.
  const counted = { ...second, prompt_tokens: 32 };
  expect(warnings([counted as Request], calm, null, 0)).toHaveProperty('prompt-cache');
  expect(warnings([{ ...counted, ...chat(25), prompt_tokens: 32 }], calm, null, 0)).toEqual({});
});

test('a server that is another one after the measurement is told, with what changed', () => {
  const found: [string, string][] = [];
  const events = { warning: (code: string, message: string) => found.push([code, message]) } as unknown as Events;
  const before = { name: 'vllm', version: '1', told: { 'version version': '1', 'models root': '/m' } };
  warnOfAnother(events, before, before);
  // It was busy, and did not answer.
  warnOfAnother(events, before, { name: null, version: null, told: {} });
  expect(found).toEqual([]);
  warnOfAnother(events, before, { ...before, told: { ...before.told, 'version version': '2' } });
  expect(found).toEqual([['server-changed', expect.stringContaining('version version was "1" and is "2"')]]);
});

test('where the server says nothing of its cache, its counters do', () => {
  const silent = request({ usage: { prompt_tokens: 10, completion_tokens: 4, cached_tokens: null } });
  const cache = { source: 'vllm:prefix_cache_hits', hit_tokens: 16, read_tokens: 40 };
  expect(warnings([silent], calm, cache)['prompt-cache']).toContain(
    'took 16 of 40 prompt tokens from a cache (its counter vllm:prefix_cache_hits), at least 12 of',
  );
  expect(warnings([silent], calm, { ...cache, hit_tokens: 4 })).toEqual({});
  expect(warnings([silent], calm, null)).toEqual({});
  // What it says of each request is of these requests alone.
  expect(warnings([request()], calm, cache)).toEqual({});
});

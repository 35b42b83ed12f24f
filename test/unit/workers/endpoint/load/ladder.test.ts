import { expect, test } from 'vitest';
import { skipsAfter } from '../../../../../workers/endpoint/src/load/ladder.ts';

const rung = (index: number, rate_per_s: number, more: object = {}) =>
  ({ index, prompt_tokens: 8, new_tokens: 4, trace: [], load: { mode: 'open', rate_per_s, ...more } }) as const;

test('what certainly overloads a server is skipped, and named', () => {
  const skipped = skipsAfter();
  expect(skipped.skips(rung(0, 2))).toBe(false);
  skipped.overloaded(rung(0, 4));
  expect(skipped.skips(rung(1, 8))).toBe(true);
  expect(skipped.skips({ ...rung(2, 4), prompt_tokens: 9 })).toBe(true);
  for (const other of [rung(3, 3), { ...rung(3, 8), new_tokens: 2 }, rung(3, 8, { max_in_flight: 2 })])
    expect(skipped.skips(other)).toBe(false);
  const closed = { ...rung(4, 1), load: { mode: 'closed', concurrency: 900 } } as const;
  skipped.overloaded(closed);
  expect(skipped.skips(closed)).toBe(false);
  const reason = 'the server was overloaded by 4 requests/s';
  expect(skipped.all).toEqual([
    { index: 1, prompt_tokens: 8, new_tokens: 4, rate_per_s: 8, reason },
    { index: 2, prompt_tokens: 9, new_tokens: 4, rate_per_s: 4, reason },
  ]);
});

import { expect, test } from 'vitest';
import { rateTrend } from '../../../../plugins/nx-study/src/kinds/llm-inference/rate-trend.ts';
import type { ServedWorkload } from '../../../../plugins/nx-study/src/kinds/llm-inference/schema.ts';
import { payloadSchema } from '../../../../plugins/nx-study/src/kinds/llm-inference/payload.ts';
import { codesIn, payloadOf, requestOf, servedOf, workloadOf } from './payload.ts';

/**
 * Two users for 40 s whose answers are of 2 to 20 tokens, in no order; a token takes `tokenAt(s)`. Durations follow the
 * lengths, so that they scatter tenfold.
 */
function mixed(tokenAt: (at_s: number) => number, changes: object = {}) {
  const requests = [0, 1].flatMap((user) => {
    const sent: object[] = [];
    for (let [at_s, index] = [0, user]; at_s < 40; index += 1) {
      const tokens = 2 + ((index * 7) % 10) * 2;
      const gap_s = tokenAt(at_s);
      const times = Array.from({ length: tokens }, (_, token) => (token + 1) * gap_s);
      const end_s = times.at(-1)!;
      const counts = {
        new_tokens: tokens,
        asked_tokens: tokens,
        usage: { prompt_tokens: 12, completion_tokens: tokens },
      };
      sent.push(requestOf({ start_s: at_s, chunk_times_s: times, end_s, done_s: end_s, ...counts }));
      at_s += end_s;
    }
    return sent;
  });
  const byStart = requests.toSorted((a, b) => (a as { start_s: number }).start_s - (b as { start_s: number }).start_s);
  return servedOf(byStart, { window: { from_s: 0, to_s: 40 }, token_count: { 'server-usage': 1 }, ...changes });
}

const trendOf = (workload: object) =>
  rateTrend(payloadSchema.parse(payloadOf([workload])).workloads[0] as ServedWorkload);

test('a rate that rises is seen where durations scatter too much to show it', () => {
  const rising = mixed((at_s) => 0.1 / (1 + at_s / 160));
  const trend = trendOf(rising)!;
  expect(trend.shape).toBe('drift-up');
  expect(trend.drift!).toBeGreaterThan(0.15);
  const part = workloadOf(rising);
  expect(codesIn(part)).toContain('unsteady-rate');
  expect(codesIn(part)).not.toContain('drift');
  const { message } = part.findings.find(({ code }) => code === 'unsteady-rate')!;
  expect(message).toMatch(
    /^the server was not at a steady rate: it changed by \+\d+\.\d % within the window .*settle\.min_s/,
  );
});

test('a steady server has none, nor has one whose durations drift themselves: that is said once', () => {
  const steady = mixed(() => 0.1);
  expect(trendOf(steady)!.shape).toBe('plateau');
  expect(codesIn(workloadOf(steady))).not.toContain('unsteady-rate');
  const alike = Array.from({ length: 40 }, (_, index) => {
    const end_s = 1 + index / 40;
    return requestOf({ start_s: index, chunk_times_s: [0.5, 0.8, end_s], end_s, done_s: end_s });
  });
  const codes = codesIn(workloadOf(servedOf(alike, { window: { from_s: 0, to_s: 40 } })));
  expect(codes).toContain('drift');
  expect(codes).not.toContain('unsteady-rate');
});

test('it is not judged in an open loop, without a window, in parts shorter than a request, and where nobody counted', () => {
  const rising = (changes: object) => trendOf(mixed((at_s) => 0.1 / (1 + at_s / 160), changes));
  expect(rising({ mode: 'open-loop', concurrency: null, rate_per_s: 1 })).toBeNull();
  expect(rising({ window: null })).toBeNull();
  expect(rising({ window: { from_s: 0, to_s: 5 } })).toBeNull();
  const uncounted = mixed(() => 0.1);
  const requests = uncounted.requests.map((one) => ({ ...one, new_tokens: null }));
  expect(trendOf({ ...uncounted, requests })).toBeNull();
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Workload } from '../../../../../workers/endpoint/src/client.ts';
import type { Load } from '../../../../../workers/endpoint/src/config.ts';
import { lengthsOf } from '../../../../../workers/endpoint/src/lengths.ts';
import { skipsAfter } from '../../../../../workers/endpoint/src/load/ladder.ts';

function workload(index: number, load: Load, asked: Workload['asked'] = { prompt_tokens: 8, new_tokens: 4 }): Workload {
  const lengths = {
    prompt_tokens: lengthsOf('prompt_tokens', asked.prompt_tokens, 1),
    new_tokens: lengthsOf('new_tokens', asked.new_tokens, 1),
  };
  const middles = { prompt_tokens: lengths.prompt_tokens.middle, new_tokens: lengths.new_tokens.middle };
  return { index, ...middles, asked, lengths, longest_tokens: null, dataset: null, trace: [], load };
}

const rung = (index: number, rate_per_s: number, asked?: Workload['asked'], more: object = {}) =>
  workload(index, { mode: 'open', rate_per_s, ...more }, asked);

test('what certainly overloads a server is skipped, and named', () => {
  const skipped = skipsAfter(null);
  expect(skipped.skips(rung(0, 2))).toBe(false);
  skipped.overloaded(rung(0, 4));
  expect(skipped.skips(rung(1, 8))).toBe(true);
  expect(skipped.skips(rung(2, 4, { prompt_tokens: 9, new_tokens: 4 }))).toBe(true);
  for (const other of [
    rung(3, 3),
    rung(3, 8, { prompt_tokens: 8, new_tokens: 2 }),
    rung(3, 8, undefined, { max_in_flight: 2 }),
  ])
    expect(skipped.skips(other)).toBe(false);
  const closed = workload(4, { mode: 'closed', concurrency: 900 });
  skipped.overloaded(closed);
  expect(skipped.skips(closed)).toBe(false);
  const reason = 'the server was overloaded by 4 requests/s';
  const load = { mode: 'open', arrival_cv: 1, ramp_s: 0, max_in_flight: null };
  const common = { after: 0, mode: 'open-loop', concurrency: null, reason };
  const left = (rate_per_s: number, lengths: object) => ({
    load: { ...load, rate_per_s },
    rate_per_s,
    ...lengths,
    asked_lengths: lengths,
  });
  expect(skipped.all).toEqual([
    { ...common, index: 1, ...left(8, { prompt_tokens: 8, new_tokens: 4 }) },
    { ...common, index: 2, ...left(4, { prompt_tokens: 9, new_tokens: 4 }) },
  ]);
});

test('what is left out of embeddings is described as what is measured of them: without new tokens', () => {
  const skipped = skipsAfter(3);
  skipped.overloaded(rung(2, 4));
  expect(skipped.skips(rung(0, 8, { prompt_tokens: 8, new_tokens: 0 }))).toBe(false);
  expect(skipped.skips(rung(0, 8))).toBe(true);
  expect(skipped.all).toEqual([
    expect.objectContaining({
      after: 2,
      new_tokens: null,
      embeddings: { inputs: 3 },
      asked_lengths: { prompt_tokens: 8 },
    }),
  ]);
});

test('a load that comes more evenly than the one that overloaded the server is measured', () => {
  const skipped = skipsAfter(null);
  const bursty = (index: number, arrival_cv?: number) => rung(index, 8, undefined, { arrival_cv });
  skipped.overloaded(bursty(0, 4));
  expect([0, 1, undefined, 3.9].map((cv) => skipped.skips(bursty(1, cv)))).toEqual([false, false, false, false]);
  expect([4, 5].map((cv) => skipped.skips(bursty(1, cv)))).toEqual([true, true]);
  skipped.overloaded(bursty(2));
  expect([0.5, undefined, 1].map((cv) => skipped.skips(bursty(3, cv)))).toEqual([false, true, true]);
});

test('neither closed loops nor replays are skipped, and a replay that overloads the server skips nothing', () => {
  const replay = workload(0, { mode: 'replay', file: 'trace.jsonl', speed: 100 });
  const skipped = skipsAfter(null);
  skipped.overloaded(replay);
  expect([rung(1, 900), replay].map((one) => skipped.skips(one))).toEqual([false, false]);
  skipped.overloaded(rung(1, 1));
  const closed = workload(3, { mode: 'closed', concurrency: 900, think_s: 0 });
  expect([replay, closed].map((one) => skipped.skips(one))).toEqual([false, false]);
});

test('the setting says which loads are skipped', () => {
  const { properties } = JSON.parse(readFileSync('workers/endpoint/config.schema.json', 'utf8')) as {
    properties: { stop_when: { description: string } };
  };
  for (const compared of ['rate_per_s', 'arrival_cv', 'lengths', 'max_in_flight', 'Closed loops and replays'])
    expect(properties.stop_when.description).toContain(compared);
});

test('lengths that are drawn are compared draw by draw', () => {
  const drawn = (mean: number) => ({ prompt_tokens: { normal: { mean, sd: 20, max: 400 } }, new_tokens: 4 });
  const skipped = skipsAfter(null);
  skipped.overloaded(rung(0, 4, drawn(100)));
  expect(skipped.skips(rung(1, 4, drawn(90)))).toBe(false);
  expect(skipped.skips(rung(2, 4, { prompt_tokens: { uniform: [90, 120] }, new_tokens: 4 }))).toBe(false);
  expect(skipped.skips(rung(3, 4, drawn(110)))).toBe(true);
  expect(skipped.skips(rung(4, 8, drawn(100)))).toBe(true);
});

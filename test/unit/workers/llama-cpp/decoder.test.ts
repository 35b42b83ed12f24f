import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchesOf } from '../../../../workers/llama-cpp/src/decoder.ts';

test('prompts fill batches one after another', () => {
  expect(batchesOf([128], 512)).toEqual([[{ sequence: 0, from: 0, to: 128 }]]);
  expect(batchesOf([300, 300], 512)).toEqual([
    [
      { sequence: 0, from: 0, to: 300 },
      { sequence: 1, from: 0, to: 212 },
    ],
    [{ sequence: 1, from: 212, to: 300 }],
  ]);
  expect(batchesOf([1200], 512).map(([piece]) => piece!.to)).toEqual([512, 1024, 1200]);
});

test('every token is in one batch, in order; all batches but the last are full', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 16 }), (lengths, size) => {
      const batches = batchesOf(lengths, size);
      const sizes = batches.map((pieces) => pieces.reduce((sum, { from, to }) => sum + to - from, 0));
      const tokens = batches
        .flat()
        .flatMap(({ sequence, from, to }) => Array.from({ length: to - from }, (_, i) => `${sequence}:${from + i}`));
      expect(tokens).toEqual(
        lengths.flatMap((length, sequence) => Array.from({ length }, (_, i) => `${sequence}:${i}`)),
      );
      expect(sizes.slice(0, -1).every((tokens) => tokens === size)).toBe(true);
      expect(sizes.at(-1)!).toBeLessThanOrEqual(size);
    }),
  );
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { median } from '../../../../plugins/nx-study/src/base/quantile.ts';
import { workloadsOf } from '../../../../workers/endpoint/src/client.ts';
import type { Configuration } from '../../../../workers/endpoint/src/config.ts';
import { lengthsOf } from '../../../../workers/endpoint/src/lengths.ts';
import type { Draw, Lengths } from '../../../../workers/endpoint/src/lengths.ts';
import { refuseLongerThan } from '../../../../workers/endpoint/src/limit.ts';

const folder = mkdtempSync(join(tmpdir(), 'nx-study-lengths-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, ...lines: string[]) => {
  writeFileSync(join(folder, name), lines.join('\n'));
  return join(folder, name);
};

const drawn = (asked: Lengths, count: number, seed = 1, part: Draw['part'] = 'measured') => {
  const source = lengthsOf('prompt_tokens', asked, seed);
  return Array.from({ length: count }, (_, index) => source.of({ part, index }));
};

const distributions = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 500 }))
    .map(([least, more]): Lengths => ({ uniform: [least, least + more] })),
  fc
    .record({ mean: fc.integer({ min: 20, max: 200 }), sd: fc.integer({ min: 1, max: 300 }) })
    .map((own): Lengths => ({ normal: { ...own, min: 10, max: 400 } })),
  fc
    .record({ median: fc.integer({ min: 20, max: 200 }), sigma: fc.double({ min: 0.1, max: 2, noNaN: true }) })
    .map((own): Lengths => ({ lognormal: { ...own, min: 10, max: 400 } })),
);

test('property: lengths are whole, within their limits, and the same for the same seed and draw in every experiment', () => {
  fc.assert(
    fc.property(distributions, fc.nat(), fc.integer({ min: 1, max: 64 }), (asked, seed, concurrency) => {
      const source = lengthsOf('new_tokens', asked, seed);
      const experiment = (users: number) =>
        workloadsOf(
          {
            workloads: [{ load: { mode: 'closed', concurrency: 1 } }, {}],
            prompt_tokens: 8,
            new_tokens: asked,
            load: { mode: 'closed', concurrency: users },
            dataset: null,
          } as unknown as Configuration,
          seed,
          null,
        );
      const workloads = [...experiment(1), ...experiment(concurrency)];
      for (const part of ['measured', 'settling'] as const)
        for (let index = 0; index < 20; index += 1) {
          const length = source.of({ part, index });
          expect(Number.isSafeInteger(length)).toBe(true);
          expect(length).toBeGreaterThanOrEqual(source.least);
          expect(length).toBeLessThanOrEqual(source.most);
          for (const workload of workloads) expect(workload.lengths.new_tokens.of({ part, index })).toBe(length);
        }
    }),
    { numRuns: 15 },
  );
});

test.each<[Lengths, number, number]>([
  [{ uniform: [100, 300] }, 200, 8],
  [{ normal: { mean: 500, sd: 50, max: 2000 } }, 500, 5],
  [{ lognormal: { median: 300, sigma: 0.5, max: 1e6 } }, 300, 16],
])('%j has its median, and another seed or part has other lengths', (asked, middle, scatter) => {
  const lengths = drawn(asked, 2000);
  // Five standard errors of a median of 2,000 values.
  expect(Math.abs(median(lengths) - middle)).toBeLessThan(5 * scatter);
  expect(lengthsOf('prompt_tokens', asked, 1).middle).toBe(middle);
  expect(drawn(asked, 20, 2)).not.toEqual(lengths.slice(0, 20));
  expect(drawn(asked, 20, 1, 'settling')).not.toEqual(lengths.slice(0, 20));
});

test('what is outside of the limits is drawn again, and does not pile up at them', () => {
  const lengths = drawn({ normal: { mean: 100, sd: 100, min: 90, max: 110 } }, 2000);
  const counts = lengths.filter((length) => length === 90 || length === 110).length;
  expect(counts).toBeLessThan(300);
  expect(new Set(lengths).size).toBe(21);
});

test('pairs of a file stay pairs; columns may stand in any order, beside others', () => {
  const path = file('pairs.csv', 'id,new_tokens, prompt_tokens', 'a,1,10', '', 'b,2,20', 'c,3,30', '');
  const [prompts, answers] = (['prompt_tokens', 'new_tokens'] as const).map((name) =>
    lengthsOf(name, { file: path }, 5),
  );
  const pairs = Array.from({ length: 60 }, (_, index) => [
    prompts!.of({ part: 'measured', index }),
    answers!.of({ part: 'measured', index }),
  ]);
  for (const [prompt, answer] of pairs) expect(prompt).toBe(10 * answer!);
  expect(new Set(pairs.map(([prompt]) => prompt)).size).toBe(3);
  expect([prompts!.least, prompts!.middle, prompts!.most]).toEqual([10, 20, 30]);
});

test.each<[Lengths, string]>([
  [{ uniform: [9, 3] }, 'prompt_tokens: there is no length from 9 to 3'],
  [{ normal: { mean: 10, sd: 1, min: 9, max: 8 } }, 'no length from 9 to 8'],
  [{ normal: { mean: 10, sd: 1, min: 500, max: 900 } }, 'next to no lengths from 500 to 900'],
  [{ file: file('head.csv', 'prompt', '3') }, 'head.csv, line 1: it has no column prompt_tokens, but "prompt"'],
  [
    { file: file('cell.csv', 'prompt_tokens', '3', '0') },
    'cell.csv, line 3, column prompt_tokens: "0" is no whole number',
  ],
  [
    { file: file('short.csv', 'new_tokens,prompt_tokens', '3') },
    'short.csv, line 2, column prompt_tokens: "" is no whole',
  ],
  [{ file: file('none.csv', 'prompt_tokens', '') }, 'none.csv: it has no line of lengths below its first one'],
])('%j is refused', (asked, message) => {
  expect(() => lengthsOf('prompt_tokens', asked, 1)).toThrow(message);
});

test('a length beyond what the server takes is refused, and the longest pair of a file counts, not the longest of each', () => {
  const workload = (prompt_tokens: Lengths, new_tokens: Lengths) =>
    workloadsOf(
      {
        workloads: null,
        dataset: null,
        prompt_tokens,
        new_tokens,
        load: { mode: 'closed', concurrency: 1 },
      } as unknown as Configuration,
      1,
      null,
    )[0]!;
  const long = workload({ uniform: [1, 2000] }, 100);
  expect(() => refuseLongerThan({ 'models max_model_len': 2099 }, long, true)).toThrow(
    'workload 0: prompt and answer may have 2100 tokens together, and the server takes 2099 (its max_model_len)',
  );
  expect(() => refuseLongerThan({ 'props n_ctx': 2099 }, long, true)).toThrow('(its n_ctx)');
  expect(() => refuseLongerThan({ 'models max_model_len': 2100, 'models owned_by': 'x' }, long, true)).not.toThrow();
  expect(() => refuseLongerThan({ 'models max_model_len': 2099 }, { ...long, new_tokens: 0 }, true)).toThrow(
    'workload 0: a text may have 2100 tokens, and the server takes 2099 (its max_model_len)',
  );
  const path = file('long.csv', 'prompt_tokens,new_tokens', '2000,10', '10,2000');
  const pairs = workload({ file: path }, { file: path });
  expect(() => refuseLongerThan({ 'models max_model_len': 2010 }, pairs, true)).not.toThrow();
  expect(() => refuseLongerThan({ 'models max_model_len': 2009 }, pairs, true)).toThrow('2010 tokens');
});

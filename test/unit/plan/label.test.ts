import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../plugins/nx-study/src/base/json.ts';
import { distinctLabel, labeller } from '../../../plugins/nx-study/src/plan/label.ts';
import { LABEL } from '../../../plugins/nx-study/src/plan/study.ts';
import { planOf, studyText, votes } from '../study/workspace.ts';

const hash = 'c0ffee00'.repeat(8);
const label = (varied: JsonObject, prefix: string | null = null) =>
  labeller(new Set(['prior', 'way']))({ varied, prefix, hash });

describe('a derived label', () => {
  test.each<[varied: JsonObject, expected: string]>([
    [{}, 'base'],
    [{ prior: 'normal' }, 'normal'],
    [{ tune: 500, prior: 'lognormal' }, 'tune-500-lognormal'],
    [{ 'sample.seed': 7 }, 'seed-7'],
    [{ precision: 'fp16', batch: 8 }, 'fp16-batch-8'],
    [{ model: 'some-org/Tiny_Model.2' }, 'tiny-model-2'],
    [{ mu: -0.5, rate: 1e-8 }, 'mu-minus-0-5-rate-1e-8'],
    [{ compile: true, cache: null }, 'compile-true-cache-null'],
    [{ bits: '4' }, 'bits-4'],
    [{ beta_prior: { distribution: 'normal', mu: 0, sigma: 1 } }, 'beta-prior-normal-0-1'],
    [{ layers: [1, 2] }, 'layers-1-2'],
    [{ way: 'Été' }, 'ete'],
    [{ way: '模型' }, 'c0ffee00'],
  ])('of %j is %s', (varied, expected) => {
    expect(label(varied)).toBe(expected);
  });

  test('begins with the worker where the study lists workers', () => {
    expect(label({}, 'llama-cpp')).toBe('llama-cpp');
    expect(label({ batch: 1 }, 'llama_cpp')).toBe('llama-cpp-batch-1');
  });

  test('too long for its names keeps the values, and too long for these is cut and closed by its hash', () => {
    const varied = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`a_long_setting_${index}`, index]));
    expect(label(varied)).toBe('0-1-2-3-4-5-6-7');
    const cut = label({ text: 'word '.repeat(30) });
    expect(cut).toMatch(/^(word-){9,}.*-c0ffee00$/);
    expect(cut.length).toBeLessThanOrEqual(60);
  });

  test('is valid, whatever varies', () => {
    const values = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue() as fc.Arbitrary<Json>, { maxKeys: 8 });
    fc.assert(
      fc.property(values, (varied) => {
        expect(label(varied)).toMatch(LABEL);
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9-]*$/), (text) => {
        expect(distinctLabel(text, hash)).toMatch(LABEL);
      }),
    );
  });
});

test('labels that would be equal are told apart, the first one staying as it is', async () => {
  const models = ['one/Tiny', 'two/tiny', 'tiny'];
  const plan = await planOf(studyText({ worker: 'transformers', sweep: { model: models } }));
  const [first, ...others] = plan.experiments.map((experiment) => experiment.label);
  expect(first).toBe('tiny');
  for (const other of others) expect(other).toMatch(/^tiny-[0-9a-f]{8}$/);
  expect(new Set([first, ...others]).size).toBe(3);
  const alone = await planOf(studyText({ worker: 'transformers', sweep: { model: models.slice(0, 1) } }));
  expect(alone.experiments[0]!.id).toBe(plan.experiments[0]!.id);
});

test('an explicit label is kept, and an explicit experiment without one is named by what it sets', async () => {
  const plan = await planOf(
    studyText({
      worker: 'sampler',
      base: { votes },
      experiments: [
        { label: 'long-run', draws: 9 },
        { draws: 8, sample: { seed: 3 } },
      ],
    }),
  );
  expect(plan.experiments.map((experiment) => experiment.label)).toEqual(['long-run', 'draws-8-seed-3']);
});

test('labels of a plan are unique, whatever its values', async () => {
  const names = fc.uniqueArray(
    fc.string({ minLength: 1, maxLength: 80 }).filter((name) => name.trim() !== ''),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(names, async (model) => {
      const { experiments } = await planOf(studyText({ worker: 'transformers', sweep: { model } }));
      expect(new Set(experiments.map((experiment) => experiment.label)).size).toBe(model.length);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../../plugins/nx-study/src/base/canonical.ts';
import { experimentIds } from '../../../plugins/nx-study/src/plan/identity.ts';
import type { Plan } from '../../../plugins/nx-study/src/plan/types.ts';
import { planOf, studyText, votes } from '../study/workspace.ts';

const ids = (plan: Plan) => plan.experiments.map(({ id }) => id);
const seedsById = (plan: Plan) => Object.fromEntries(plan.measurements.map(({ id, seed }) => [id, seed]));
const study = (more: object) => studyText({ worker: 'sampler', base: { votes }, ...more });

const draws = fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 6 });
const accepts = fc.uniqueArray(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 3 });

test('an id is a label and the first 8 digits of the hash over worker and configuration as written', async () => {
  const hash = await sha256();
  const plan = await planOf(
    study({
      sweep: { tune: [500] },
      variants: { prior: { normal: { beta_prior: { mu: 0, sigma: 1, distribution: 'normal' } } } },
    }),
  );
  const written = { votes, tune: 500, beta_prior: { distribution: 'normal', mu: 0, sigma: 1 } };
  const digits = hash(canonicalJson({ worker: 'sampler', configuration: written })).slice(0, 8);
  expect(ids(plan)).toEqual([`tune-500-normal-${digits}`]);
});

test('from the second repetition on, the id of a measurement ends with its number', async () => {
  const plan = await planOf(study({ repeat: { times: 3 } }));
  const [first] = ids(plan);
  expect(plan.measurements.map(({ id }) => id)).toEqual([first, `${first}-r2`, `${first}-r3`]);
});

describe('what never changes an id', () => {
  test('the order of keys', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(['chains', 'tune', 'draws', 'votes'], { minLength: 4 }), async (keys) => {
        const values: Record<string, unknown> = { votes, chains: 2, tune: 3, draws: 5 };
        const base = Object.fromEntries(keys.map((key) => [key, values[key]]));
        expect(ids(await planOf(studyText({ base, worker: 'sampler' })))).toEqual(
          ids(await planOf(studyText({ worker: 'sampler', base: values }))),
        );
      }),
    );
  });

  test('the format of numbers', async () => {
    const text = (number: string) => `worker: sampler\nbase: {votes: ${votes}, draws: ${number}, target_accept: 0.5}\n`;
    const expected = ids(await planOf(text('1000')));
    for (const number of ['1000.0', '1e3', '1.0E+3', '+1000', '0x3e8', '0o1750'])
      expect(ids(await planOf(text(number)))).toEqual(expected);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.001, max: 0.999, noNaN: true }), async (accept) => {
        const of = async (number: string) =>
          ids(await planOf(`worker: sampler\nbase: {votes: ${votes}, target_accept: ${number}}\n`));
        expect(await of(accept.toExponential())).toEqual(await of(String(accept)));
      }),
    );
  });

  test('anything that is not configuration', async () => {
    const expected = ids(await planOf(study({ sweep: { draws: [1, 2] } })));
    const others = {
      description: 'Why?',
      seed: 99,
      cpus: 2,
      platform: 'host',
      repeat: { times: 4, order: 'interleaved', seed: 3 },
      execution: { gap: { min_s: 10, max_s: 20 }, timeout_s: 60, stop_after: { same_failure: 2 } },
      limits: { measurements: 500 },
      gates: { rhat_max: 1.05 },
      report: { baseline: { draws: 1 } },
    };
    for (const [key, value] of Object.entries(others))
      expect(ids(await planOf(study({ sweep: { draws: [1, 2] }, [key]: value })))).toEqual(expected);
  });

  test('where a value is written: base, axis, variant or explicit experiment', async () => {
    const hashOf = async (more: object) => ids(await planOf(study(more)))[0]!.slice(-8);
    const expected = await hashOf({ base: { votes, draws: 7 } });
    expect(await hashOf({ sweep: { draws: [7] } })).toBe(expected);
    expect(await hashOf({ zip: [{ draws: [7] }] })).toBe(expected);
    expect(await hashOf({ variants: { g: { seven: { draws: 7 } } } })).toBe(expected);
    expect(await hashOf({ experiments: [{ draws: 7 }] })).toBe(expected);
  });

  test('other values beside it', async () => {
    await fc.assert(
      fc.asyncProperty(draws, accepts, fc.nat(), async (values, others, at) => {
        const sweep = { draws: values, target_accept: others };
        const added = 100_001;
        const more = { ...sweep, draws: values.toSpliced(at % (values.length + 1), 0, added) };
        const [before, after] = [await planOf(study({ sweep })), await planOf(study({ sweep: more }))];
        const kept = after.experiments.filter(({ written }) => written.draws !== added);
        expect(kept.map(({ id }) => id)).toEqual(ids(before));
      }),
    );
  });
});

test('topping up keeps the ids and seeds of earlier measurements', async () => {
  const orders = fc.constantFrom('sequential', 'interleaved', 'shuffled', 'reverse', 'balanced');
  await fc.assert(
    fc.asyncProperty(draws, fc.integer({ min: 1, max: 4 }), orders, async (values, times, order) => {
      const at = async (count: number) =>
        seedsById(await planOf(study({ sweep: { draws: values }, repeat: { times: count, order } })));
      expect(await at(times + 2)).toMatchObject(await at(times));
    }),
  );
});

test('seeds are shared by experiments, and differ between repetitions and studies', async () => {
  const plan = async (seed: number) =>
    planOf(study({ seed, sweep: { draws: [1, 2, 3] }, repeat: { times: 2, order: 'shuffled', seed: 8 } }));
  const seeds = ({ measurements }: Plan, wanted: number) =>
    new Set(measurements.filter(({ repetition }) => repetition === wanted).map(({ seed }) => seed));
  expect(seeds(await plan(1), 1).size).toBe(1);
  expect(seeds(await plan(1), 1)).not.toEqual(seeds(await plan(1), 2));
  expect(seeds(await plan(1), 1)).not.toEqual(seeds(await plan(2), 1));
});

test('the seed of the order changes the order only', async () => {
  const plan = async (seed: number) =>
    planOf(study({ sweep: { draws: [1, 2, 3, 4, 5] }, repeat: { times: 2, order: 'shuffled', seed } }));
  const [a, b] = [await plan(1), await plan(2)];
  expect(seedsById(a)).toEqual(seedsById(b));
  expect(a.measurements.map(({ id }) => id)).not.toEqual(b.measurements.map(({ id }) => id));
});

test('equal ids lengthen their hashes, whatever their order', () => {
  const one = { label: 'a', hash: `12345678${'0'.repeat(56)}` };
  const two = { label: 'a', hash: `123456780f${'0'.repeat(54)}` };
  const other = { label: 'b', hash: one.hash };
  expect(experimentIds([one, two, other])).toEqual(['a-1234567800', 'a-123456780f', 'b-12345678']);
  expect(experimentIds([two, one])).toEqual(['a-123456780f', 'a-1234567800']);
});

test('an id has the hash once, also where the label is closed by it', () => {
  const hash = '12345678'.repeat(8);
  const idOf = (label: string) => experimentIds([{ label, hash }]);
  expect(idOf('a-12345678')).toEqual(['a-12345678']);
  expect(idOf('12345678')).toEqual(['12345678']);
  expect(idOf('a12345678')).toEqual(['a12345678-12345678']);
  const other = `${hash.slice(0, 10)}ff${hash.slice(12)}`;
  expect(
    experimentIds([
      { label: 'a', hash },
      { label: 'a-12345678', hash: other },
    ]),
  ).toEqual(['a-12345678123', 'a-1234567812f']);
});

test('ids of a plan with long and equal labels have no hash twice', async () => {
  const model = ['one/Tiny', 'two/tiny', 'word '.repeat(30), '模型'];
  const plan = await planOf(studyText({ worker: 'transformers', sweep: { model } }));
  for (const id of ids(plan)) expect(id).not.toMatch(/([0-9a-f]{8})-\1$/);
});

import { describe, expect, it } from 'vitest';
import { absent, isAbsent } from '../../../../../plugins/nx-study/src/base/known.ts';
import { comparePosteriors } from '../../../../../plugins/nx-study/src/kinds/posterior/compare/posteriors.ts';
import type { PosteriorComparison } from '../../../../../plugins/nx-study/src/kinds/posterior/compare/posteriors.ts';
import { derivedSchema } from '../../../../../plugins/nx-study/src/kinds/posterior/schema.ts';
import byArviz from '../../../../fixtures/posteriors/compare.json' with { type: 'json' };
import { diagnostics } from '../../evidence.ts';
import { real, realJson } from '../real.ts';
import type { Prior } from '../real.ts';

// Numbers to compare with were computed from the same fixtures by NumPy and SciPy.

const side = (label: Prior) => ({ label, derived: real(label) });
const changed = (label: Prior, change: (derived: ReturnType<typeof realJson>) => void) => {
  const derived = realJson(label);
  change(derived);
  return { label, derived: derivedSchema.parse(derived) };
};

function present<T>(value: T): Exclude<T, { reason: string }> {
  if (isAbsent(value)) throw new Error(value.reason);
  return value as Exclude<T, { reason: string }>;
}

const estimateOf = ({ estimates }: PosteriorComparison, name: string) =>
  present(estimates).find((estimate) => estimate.name === name)!;

/** √(n · variance of the pointwise differences), the variance with n. */
const SE = 0.592_056_213_861 * Math.sqrt(39 / 40);
const lognormal = comparePosteriors(side('lognormal'), side('normal'), { party_gap: 0.05 });
const halfnormal = comparePosteriors(side('halfnormal'), side('normal'));

describe('differences of quantities', () => {
  it('have the sd, the interval and the Monte Carlo error of two independent posteriors', () => {
    expect(estimateOf(lognormal, 'party_gap')).toMatchObject({
      difference: expect.closeTo(-0.011_428_800_606, 11),
      mcse: expect.closeTo(0.000_193_549_677, 11),
      sd: expect.closeTo(0.023_691_321_519, 11),
      interval: { low: expect.closeTo(-0.050_397_56, 8), high: expect.closeTo(0.027_539_96, 8), mass: 0.9 },
      conclusion: 'within uncertainty',
      relevant: 0.05,
      relevance: 'equivalent',
    });
  });

  it('within 2 Monte Carlo errors are none', () => {
    expect(estimateOf(halfnormal, 'party_gap')).toMatchObject({
      difference: expect.closeTo(-0.000_119_319, 9),
      mcse: expect.closeTo(0.000_184_567, 9),
      conclusion: 'indistinguishable',
      relevance: null,
    });
  });

  it('whose interval leaves out 0 are beyond uncertainty', () => {
    expect(estimateOf(lognormal, 'discrimination_mean').conclusion).toBe('beyond uncertainty');
  });

  it('are not judged without a Monte Carlo error', () => {
    expect(estimateOf(lognormal, 'apre')).toMatchObject({
      difference: expect.closeTo(-0.003_06, 5),
      sd: { value: null, reason: 'one of the two has no draws of its own' },
      conclusion: 'unknown',
    });
  });

  it('are not judged where chains disagree', () => {
    const stuck = changed('lognormal', ({ estimates }) => (estimates.party_gap.rhat = 1.3));
    const found = comparePosteriors(stuck, side('normal'), { party_gap: 0.05 });
    expect(estimateOf(found, 'party_gap')).toMatchObject({
      conclusion: 'unknown',
      relevance: 'undecided',
      mcse: { reason: expect.stringContaining('R-hat of party_gap of lognormal is 1.300') },
    });
    expect(found.sentence).toContain('so nothing is concluded');
  });

  it.each([
    [0.05, 'equivalent'],
    [0.0114, 'undecided'],
    [0.005, 'relevant'],
  ])('against a relevant difference of %d are %s', (relevant, relevance) => {
    const found = comparePosteriors(side('lognormal'), side('normal'), { party_gap: relevant });
    expect(estimateOf(found, 'party_gap').relevance).toBe(relevance);
  });

  it('are refused where one name means two things', () => {
    const other = changed('lognormal', ({ estimates }) => (estimates.party_gap.description = 'R less I'));
    expect(estimateOf(comparePosteriors(other, side('normal')), 'party_gap')).toMatchObject({
      difference: { reason: 'the two mean different quantities' },
      conclusion: 'unknown',
    });
  });

  it('have a reason where one of the two has no such quantity', () => {
    const other = changed('lognormal', ({ estimates }) => delete estimates.party_gap);
    expect(estimateOf(comparePosteriors(other, side('normal')), 'party_gap').difference).toEqual({
      value: null,
      reason: 'lognormal has no such quantity',
    });
  });
});

describe('positions', () => {
  const positions = present(lognormal.positions);

  it('correlate as NumPy and SciPy say', () => {
    expect(positions.correlation).toBeCloseTo(0.999_046_596_324_893_8, 12);
    expect(positions.rank_correlation).toBeCloseTo(0.986_013_986_013_986, 12);
    expect(Object.fromEntries(positions.by_group.map((group) => [group.group, group]))).toEqual({
      D: { group: 'D', n: 6, correlation: expect.closeTo(0.996_683_658_174_831, 12) },
      R: { group: 'R', n: 5, correlation: expect.closeTo(0.996_541_903_317_450_3, 12) },
      Indep: { group: 'Indep', n: 1, correlation: { value: null, reason: 'needs three, and there are 1' } },
    });
  });

  it('have shifts with z and Monte Carlo error, and the largest is named', () => {
    expect(positions.mean_absolute_shift).toBeCloseTo(0.033_405_707_990_809_52, 12);
    expect(positions.largest).toMatchObject({
      name: 'FEINGOLD',
      group: 'D',
      shift: expect.closeTo(0.100_151_415_497, 11),
      z: expect.closeTo(0.317_634_416_854, 11),
      mcse: expect.closeTo(0.002_069_246_445, 11),
    });
  });

  it('are counted beyond uncertainty and beyond Monte Carlo error, beside what chance gives', () => {
    expect(positions.beyond_uncertainty).toEqual([]);
    expect(positions.beyond_monte_carlo?.shifts).toHaveLength(12);
    expect(positions.beyond_monte_carlo?.expected).toBeCloseTo(0.546_003_166_756_3, 10);
    expect(present(halfnormal.positions).beyond_monte_carlo?.shifts).toHaveLength(8);
  });

  it('change ranks', () => {
    expect(positions.reranked).toMatchObject({ count: 4, largest: { ranks: { candidate: 11, baseline: 10 } } });
    expect(present(halfnormal.positions).reranked).toEqual({ count: 0, largest: null });
  });

  it('of one who moved far are listed with z', () => {
    const moved = changed('lognormal', ({ sections }) => {
      const bush = sections['ideal-point'].positions.find(({ name }: { name: string }) => name === 'BUSH');
      bush.aligned.mean -= 2;
    });
    const found = comparePosteriors(moved, side('normal'));
    expect(present(found.positions).beyond_uncertainty.map(({ name }) => name)).toEqual(['BUSH']);
    expect(found.sentence).toContain(
      '1 of 12 moved by more than the posterior standard deviation of the difference: BUSH (z = −3.4)',
    );
  });

  it('of one who is missing on a side are not compared, and named', () => {
    const fewer = changed('lognormal', ({ sections }) => sections['ideal-point'].positions.shift());
    const found = present(comparePosteriors(fewer, side('normal')).positions);
    expect(found.unmatched).toEqual({ candidate: [], baseline: ['99910'] });
    expect(found.shifts).toHaveLength(11);
  });

  it('are not judged by Monte Carlo error where their chains disagree', () => {
    const stuck = changed('lognormal', ({ sections }) => (sections['ideal-point'].aligned.rhat_max = 1.2));
    expect(present(comparePosteriors(stuck, side('normal')).positions).beyond_monte_carlo).toBeNull();
  });

  it('are absent with a reason where there are none, or not all', () => {
    const none = changed('lognormal', (derived) => (derived.sections = {}));
    expect(comparePosteriors(none, side('normal')).positions).toEqual(
      absent('lognormal has no list of positions in its derived sections'),
    );
    const split = changed('lognormal', ({ sections }) => (sections['ideal-point'].positions[0].aligned.mean = null));
    expect(comparePosteriors(split, side('normal')).positions).toEqual(
      absent('lognormal: not every position has a mean'),
    );
  });

  it('hold no two positions of one id', () => {
    const twice = changed('lognormal', ({ sections }) => {
      const { positions } = sections['ideal-point'];
      positions[1].legislator = positions[0].legislator;
    });
    const id = realJson('lognormal').sections['ideal-point'].positions[0].legislator;
    expect(comparePosteriors(twice, side('normal')).positions).toEqual(
      absent(`lognormal: ${id} is the id of several positions`),
    );
  });

  it('are no matter of the sentence where neither model has any', () => {
    const [one, other] = (['lognormal', 'normal'] as const).map((label) =>
      changed(label, (derived) => (derived.sections = {})),
    );
    const found = comparePosteriors(one!, other!);
    expect(found.positions).toEqual(absent('neither has a list of positions in its derived sections'));
    expect(found.sentence).not.toContain('ositions');
  });

  it('that nobody shares are not compared', () => {
    const others = changed('lognormal', ({ sections }) => {
      for (const position of sections['ideal-point'].positions) position.legislator = `x${position.legislator}`;
    });
    const found = comparePosteriors(others, side('normal'));
    expect(found.positions).toEqual(absent('no position is in both'));
    expect(found.sentence).toContain("Positions aren't compared: no position is in both");
  });
});

describe('leave-one-out prediction', () => {
  it('has the difference and its standard error from pointwise values', () => {
    expect(present(lognormal.prediction)).toEqual({
      n: 40,
      difference: expect.closeTo(1.052_779, 9),
      se: expect.closeTo(SE, 11),
      left_out: 'one vote',
      conclusion: 'not told apart',
      notes: [
        '40 observations, below 100, make its standard error too small as a rule',
        'differences below 4 nats are too small for their standard error to judge',
      ],
      unreliable: { candidate: 1, baseline: 0 },
      without: null,
    });
  });

  it.each(Object.entries(byArviz.differences))('is that of ArviZ for %s', (name, { elpd_diff, dse }) => {
    const { difference, se } = present(comparePosteriors(side(name as Prior), side('normal')).prediction);
    expect(difference).toBeCloseTo(elpd_diff, 10);
    expect(se).toBeCloseTo(dse, 10);
  });

  it('has no difference between probabilities and densities', () => {
    const of = (label: Prior, density: string) => changed(label, ({ loo }) => (loo.density = density));
    const { prediction, estimates } = comparePosteriors(of('lognormal', 'probabilities'), of('normal', 'densities'));
    expect(prediction).toEqual(
      absent('one predicts with probabilities, the other with densities, which have no common unit'),
    );
    expect(isAbsent(estimates)).toBe(false);
    expect(isAbsent(comparePosteriors(of('lognormal', 'densities'), of('normal', 'densities')).prediction)).toBe(false);
  });

  const outlier = (more: number, at: number[]) =>
    changed('normal', ({ loo }) => {
      loo.elpd_i = loo.elpd_i.map((value: number, index: number) => value + (at.includes(index) ? 30 : more));
      loo.pareto_k = { limit: 0.7, above: at.length, max: 1.2, at };
    });

  it('is computed again without observations that are not reliable', () => {
    const found = comparePosteriors(outlier(0.5, [3]), side('normal'));
    expect(present(found.prediction)).toMatchObject({
      difference: expect.closeTo(49.5, 9),
      conclusion: 'not told apart',
      unreliable: { candidate: 1, baseline: 0 },
      without: { n: 39, left_out: 1, difference: expect.closeTo(19.5, 9), conclusion: 'better' },
    });
    expect(found.sentence).toContain(
      '; of 40 observations 1 under `normal` and 0 under `normal` are not reliable (Pareto k), and without these the answer is another one (elpd +19.5 ± 0, better)',
    );
  });

  it('is that of all observed variables together where there are several, in their order', () => {
    // A name that looks like a number comes first in an object.
    const split = (derived: ReturnType<typeof realJson>) => {
      const { elpd_i, ...loo } = derived.loo;
      derived.loo = { ...loo, variables: ['y', '10'] };
      derived.loo_by = { y: { ...loo, elpd_i: elpd_i.slice(0, 30) }, '10': { ...loo, elpd_i: elpd_i.slice(30) } };
    };
    const candidate = (derived: ReturnType<typeof realJson>) => {
      derived.loo.elpd_i = derived.loo.elpd_i.map((value: number, index: number) => value + (index === 33 ? 30 : 0.5));
      derived.loo.pareto_k = { limit: 0.7, above: 1, max: 1.2, at: [33] };
    };
    const several = changed('normal', (derived) => {
      candidate(derived);
      split(derived);
    });
    const found = present(comparePosteriors(several, changed('normal', split)).prediction);
    expect(found).toEqual(present(comparePosteriors(changed('normal', candidate), side('normal')).prediction));
    expect(found.without).toMatchObject({ n: 39, difference: expect.closeTo(19.5, 9) });
    several.derived.loo_by!['10']!.elpd_i = null;
    several.derived.reasons['loo_by.10.elpd_i'] = 'too many';
    expect(comparePosteriors(several, changed('normal', split)).prediction).toEqual(
      absent('normal has no value for each observation: too many'),
    );
  });

  it('says where the answer stays the same without them', () => {
    const found = comparePosteriors(outlier(-0.001, [3]), outlier(0, []));
    expect(found.sentence).toContain('the answer is another one (elpd −0.039 ± 0, not told apart)');
    const same = comparePosteriors(outlier(0.001, [3]), outlier(0, []));
    expect(same.sentence).toContain('the answer stays the same (elpd +0.039 ± 0, not told apart)');
  });

  it('has no notes where neither observations nor the difference are few', () => {
    const many = (more: number) =>
      changed('normal', ({ loo }) => {
        loo.elpd_i = Array.from({ length: 100 }, (_, index) => -1 + more * (1 + (index % 3)));
      });
    expect(present(comparePosteriors(many(0.1), many(0)).prediction)).toMatchObject({ n: 100, notes: [] });
  });

  it.each([
    [0.5, 'better'],
    [-0.5, 'worse'],
    [0.05, 'not told apart'], // 2 nats: beyond 2 standard errors, and too few for a normal approximation
  ])('with %d nats more for each observation is %s', (more, conclusion) => {
    const shifted = changed('normal', ({ loo }) => {
      loo.elpd_i = loo.elpd_i.map((value: number) => value + more);
    });
    expect(present(comparePosteriors(shifted, side('normal')).prediction).conclusion).toBe(conclusion);
  });

  it.each<[string, (derived: ReturnType<typeof realJson>) => void, string]>([
    ['other observations', ({ loo }) => (loo.observed_sha256 = 'other'), 'different observations'],
    [
      'another unit',
      ({ loo }) => (loo.left_out = 'one legislator'),
      'one leaves out one legislator, the other one vote',
    ],
    [
      'no values for each observation',
      (derived) => {
        derived.loo.elpd_i = null;
        derived.reasons['loo.elpd_i'] = '70,000 observations are more than the 60,000 that are kept';
      },
      'lognormal has no value for each observation: 70,000 observations',
    ],
    ['none', (derived) => delete derived.loo, 'lognormal has no leave-one-out cross-validation'],
  ])('is refused for %s', (_, change, reason) => {
    const found = comparePosteriors(changed('lognormal', change), side('normal'));
    expect(found.prediction).toMatchObject({ value: null, reason: expect.stringContaining(reason) });
    expect(found.sentence).toContain(reason);
  });
});

describe('what may not be compared', () => {
  it.each(['votes', 'coding', 'parties', 'scale'])('is refused where %s differ', (name) => {
    const other = changed('lognormal', ({ basis }) => (basis[name] = 'other'));
    const reason = `they differ in ${name}`;
    expect(comparePosteriors(other, side('normal'))).toEqual({
      candidate: 'lognormal',
      baseline: 'normal',
      estimates: absent(reason),
      positions: absent(reason),
      prediction: absent(reason),
      sentence: `\`lognormal\` can't be compared with \`normal\`: ${reason}.`,
    });
  });

  it('is refused where only one has a fact', () => {
    const other = changed('lognormal', ({ basis }) => delete basis.coding);
    expect(comparePosteriors(other, side('normal')).estimates).toEqual(absent('they differ in coding'));
  });

  it('is refused for derived.json of an earlier version, which says nothing of it', () => {
    const old = { label: 'old', derived: derivedSchema.parse(diagnostics) };
    for (const found of [comparePosteriors(old, side('normal')), comparePosteriors(old, old)])
      expect(found.estimates).toMatchObject({ reason: expect.stringContaining('that derives again') });
  });

  it('is refused for a measurement that was not derived', () => {
    const none = { label: 'lognormal', derived: absent('deriving failed: ArviZ is gone') };
    expect(comparePosteriors(none, side('normal')).sentence).toBe(
      "`lognormal` can't be compared with `normal`: lognormal: deriving failed: ArviZ is gone.",
    );
  });
});

it('the same posterior has no difference', () => {
  const found = comparePosteriors(side('normal'), { ...side('normal'), label: 'again' });
  for (const { difference, conclusion } of present(found.estimates)) {
    expect(difference).toBe(0);
    expect(['indistinguishable', 'unknown']).toContain(conclusion);
  }
  expect(present(found.positions)).toMatchObject({ mean_absolute_shift: 0, reranked: { count: 0 } });
  expect(present(found.positions).beyond_monte_carlo?.shifts).toEqual([]);
  expect(present(found.prediction)).toMatchObject({ difference: 0, se: 0, conclusion: 'not told apart' });
});

describe('the sentence', () => {
  it('says what changed, how sure that is, and who moved', () => {
    expect(lognormal.sentence).toBe(
      'Against `normal`, `lognormal` moves the party gap from 1.8299 to 1.8185 (−0.0114, Monte Carlo error 0.0002), ' +
        'which is small against posterior uncertainty (sd of the difference 0.024), and less than the relevant 0.05. ' +
        'Positions correlate 0.999 (within groups 0.996 at least); none of 12 moved by more than the posterior standard ' +
        'deviation of the difference, 12 by more than 2 Monte Carlo errors (by chance about 1), the largest shift is ' +
        "+0.100 (FEINGOLD). Leave-one-out prediction can't tell the two apart (elpd +1.05 ± 0.58, leaving out one vote); " +
        'of 40 observations 1 under `lognormal` and 0 under `normal` are not reliable (Pareto k); 40 observations, below 100, make its standard error too small as a ' +
        'rule; differences below 4 nats are too small for their standard error to judge.',
    );
  });

  it('has other words for a difference within Monte Carlo error', () => {
    expect(halfnormal.sentence).toMatch(
      /^Against `normal`, the party gap under `halfnormal` can't be told from 1\.8299: it is 1\.8298 \(−0\.0001, Monte Carlo error 0\.0002\)\./,
    );
  });

  it('says nothing of uncertainty that is not known', () => {
    const without = changed('lognormal', ({ estimates }) => (estimates.party_gap.mcse_mean = null));
    expect(comparePosteriors(without, side('normal')).sentence).toContain(
      'Monte Carlo error not known: the Monte Carlo error of party_gap of lognormal is not known), so nothing is concluded',
    );
  });
});

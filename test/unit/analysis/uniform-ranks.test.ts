import { expect, test } from 'vitest';
import { atMost } from '../../../plugins/nx-study/src/analysis/binomial.ts';
import {
  chanceInside,
  pointwiseBand,
  simultaneousLevel,
  simultaneousP,
} from '../../../plugins/nx-study/src/analysis/simultaneous-band.ts';
import { testRanks } from '../../../plugins/nx-study/src/analysis/uniform-ranks.ts';
import bands from '../../fixtures/analysis/ecdf-bands.json' with { type: 'json' };

const chancesOf = (draws: number) => Array.from({ length: draws }, (_, index) => (index + 1) / (draws + 1));

/** Numbers from 0 to 1, the same in every run: a generator by Park and Miller (1988). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test('the chance to stay inside of a band is that of ArviZ', () => {
  for (const { n, draws, inside } of bands.cases)
    for (const [prob, expected] of inside as [number, number][]) {
      const chances = chancesOf(draws);
      const actual = chanceInside(n, chances, pointwiseBand(n, chances, 1 - prob));
      expect(Math.abs(actual - expected), `n ${n}, ${draws} draws, ${prob}`).toBeLessThan(1e-10);
    }
});

test('the band is that of ArviZ, but for one count where its search ends beside the level', () => {
  for (const { n, draws, low, high } of bands.cases) {
    const chances = chancesOf(draws);
    const band = pointwiseBand(n, chances, simultaneousLevel(n, chances, 0.95));
    for (const [index] of chances.entries()) {
      expect(Math.abs(band.low[index]! - low[index]!)).toBeLessThanOrEqual(1);
      expect(Math.abs(band.high[index]! - high[index]!)).toBeLessThanOrEqual(1);
    }
    const level = chanceInside(n, chances, band);
    expect(level).toBeGreaterThanOrEqual(0.95);
    expect(level).toBeLessThan(0.97);
  }
});

test('uniform ranks leave the band in at most 1 of 20 studies, exactly where p is at most 0.05', () => {
  const random = randomOf(11);
  const [studies, n, draws] = [2000, 40, 19];
  let outside = 0;
  for (let study = 0; study < studies; study += 1) {
    const { p, points } = testRanks(
      Array.from({ length: n }, () => Math.floor(random() * (draws + 1))),
      draws,
    );
    const leaves = points.some(({ difference, low, high }) => difference < low - 1e-12 || difference > high + 1e-12);
    expect(leaves).toBe(p <= 0.05);
    outside += Number(leaves);
  }
  // A share of 4 to 5 % is expected, as counts are whole numbers; its standard error is 0.5 %.
  expect(outside / studies).toBeGreaterThan(0.025);
  expect(outside / studies).toBeLessThan(0.065);
});

test('ranks of a sampler that is biased, too narrow or too wide are found', () => {
  const fits = Array.from({ length: 100 }, (_, index) => (index + 0.5) / 100);
  const rank = (share: number) => Math.floor(share * 100);
  expect(testRanks(fits.map(rank), 99).p).toBeGreaterThan(0.1);
  expect(
    testRanks(
      fits.map((u) => rank(u ** 2)),
      99,
    ).p,
  ).toBeLessThan(1e-3);
  const outwards = (u: number) => (u < 0.5 ? 4 * u ** 3 : 1 - 4 * (1 - u) ** 3);
  expect(
    testRanks(
      fits.map((u) => rank(outwards(u))),
      99,
    ).p,
  ).toBeLessThan(0.01);
  const inwards = (u: number) => 0.5 + 4 * (u - 0.5) ** 3;
  expect(
    testRanks(
      fits.map((u) => rank(inwards(u))),
      99,
    ).p,
  ).toBeLessThan(0.01);
});

/** Ranks of one study: a normal mean with a standard normal prior, whose exact posterior is moved and stretched. */
function conjugateRanks(random: () => number, { shift = 0, stretch = 1 }, [fits, draws]: [number, number]): number[] {
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const noise = 0.7;
  const sd = Math.sqrt(1 / (1 + 1 / noise ** 2));
  return Array.from({ length: fits }, () => {
    const truth = normal();
    const center = (sd ** 2 * (truth + noise * normal())) / noise ** 2 + shift * sd;
    const below = Array.from({ length: draws }, () => center + stretch * sd * normal()).filter((draw) => draw < truth);
    return below.length;
  });
}

test('exact draws pass at the nominal rate; biased, too narrow and too wide ones are found', () => {
  const random = randomOf(12_345_678);
  const share = (wrong: { shift?: number; stretch?: number }) => {
    const studies = Array.from(
      { length: 150 },
      () => testRanks(conjugateRanks(random, wrong, [100, 39]), 39).p <= 0.05,
    );
    return studies.filter(Boolean).length / studies.length;
  };
  // The standard error of the first is 1.8 %.
  expect(share({})).toBeLessThan(0.11);
  expect(share({ shift: 0.6 })).toBeGreaterThan(0.95);
  expect(share({ stretch: 0.6 })).toBeGreaterThan(0.9);
  expect(share({ stretch: 1.7 })).toBeGreaterThan(0.8);
});

test('one fit, one draw and ranks at the ends have a p value', () => {
  expect(testRanks([0], 1)).toMatchObject({ n: 1, p: 1, points: [{ expected: 0.5, difference: 0.5 }] });
  expect(testRanks([3, 3, 3, 3, 3, 3, 3, 3], 3).p).toBeCloseTo(2 * 0.25 ** 8, 4);
  expect(testRanks([0, 1, 2, 3], 3).p).toBe(1);
});

test('of a single point the p value is that of a binomial test', () => {
  // R: binom.test(3, 20, 0.5) and of both sides of a symmetric binomial.
  expect(simultaneousP(20, [0.5], [3])).toBeCloseTo(0.002_576_828, 9);
  expect(atMost(3, 20, 0.5)).toBeCloseTo(0.001_288_414, 9);
});
